/**
 * Mapbox, as far as uploads go: credentials for its bucket, uploads that take a while, and the tilesets that they become.
 *
 * The bucket is a server of the S3 protocol that the test starts; what was staged there is fetched from it, and has to be
 * an MBTiles. Shapes and words of the answers are those of the API.
 *
 * Source: https://docs.mapbox.com/api/maps/uploads/
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { route } from './router.ts'
import { type Answer, type Asked, listen, readJson, type Respond, type Server } from './server.ts'
import { type Troubled, withTroubles } from './trouble.ts'

/** What a tileset says of itself. */
export interface Tileset {
  readonly bytes: number
  readonly tilejson: Readonly<Record<string, unknown>>
}

export interface MapboxStandin extends Server, Troubled {
  /** Opens the doors; it says whose it is. */
  readonly token: string
  /** By id, such as `machine.northeast`. */
  readonly tilesets: Map<string, Tileset>
  /** Ids of access keys that were given out. */
  readonly keys: string[]
  /** The next upload ends with these words. */
  failNext(words: string): void
  /** Uploads take so many askings until they are complete; Infinity for never. */
  askings: number
}

export interface MapboxOptions {
  readonly user?: string
  readonly bucket: string
  /** Where the bucket is. */
  readonly s3Url: string
}

interface Upload {
  readonly id: string
  readonly tileset: string
  readonly name: string
  readonly key: string
  asked: number
  error: string | null
}

/** Start a Mapbox. */
export async function startMapbox({
  user = 'machine',
  bucket,
  s3Url,
}: MapboxOptions): Promise<MapboxStandin> {
  const token = `sk.${Buffer.from(JSON.stringify({ u: user, a: 'stand-in' })).toString('base64url')}.signature`
  const staged = new Map<string, string>()
  const uploads = new Map<string, Upload>()
  const tilesets = new Map<string, Tileset>()
  const keys: string[] = []
  let nextWords: string | undefined
  const standin = { askings: 2 }

  const known =
    (answer: (asked: Asked, parts: Readonly<Record<string, string>>) => Answer | Promise<Answer>) =>
    (asked: Asked, parts: Readonly<Record<string, string>>) => {
      if (asked.query.get('access_token') !== token) return refused(401, 'Not Authorized - Invalid Token')
      if (parts['user'] !== undefined && parts['user'] !== user) return refused(404, 'Not Found')
      return answer(asked, parts)
    }

  const respond: Respond = route(
    [
      [
        'POST',
        '/uploads/v1/:user/credentials',
        known(() => {
          const number = staged.size + 1
          const key = `_pending/${user}/${number}`
          const url = `https://${bucket}.s3.amazonaws.com/${key}`
          const accessKeyId = `ASIA${number}`
          staged.set(url, key)
          keys.push(accessKeyId)
          return {
            json: {
              bucket,
              key,
              url,
              accessKeyId,
              secretAccessKey: 'secret',
              sessionToken: `session ${number}`,
            },
          }
        }),
      ],
      [
        'POST',
        '/uploads/v1/:user',
        known((asked) => {
          const { tileset = '', url = '', name = '' } = (readJson(asked) ?? {}) as Record<string, string>
          const key = staged.get(url)
          if (!/^[\w-]+\.[\w-]{1,32}$/.test(tileset) || !tileset.startsWith(`${user}.`))
            return refused(422, `Invalid tileset id "${tileset}"`)
          if (key === undefined) return refused(422, 'Source file must be in the staging bucket')
          const upload = {
            id: `upload${uploads.size + 1}`,
            tileset,
            name,
            key,
            asked: 0,
            error: nextWords ?? null,
          }
          nextWords = undefined
          uploads.set(upload.id, upload)
          return { status: 201, json: stateOf(upload, user, false) }
        }),
      ],
      [
        'GET',
        '/uploads/v1/:user/:id',
        known(async (_, { id = '' }) => {
          const upload = uploads.get(id)
          if (upload === undefined) return refused(404, 'Upload not found')
          upload.asked += 1
          const isOver = upload.asked >= standin.askings && upload.error === null
          if (isOver) {
            try {
              tilesets.set(upload.tileset, await readTileset(`${s3Url}/${bucket}/${upload.key}`, upload))
            } catch (error) {
              upload.error = `Invalid MBTiles: ${error}`
            }
          }
          return { json: stateOf(upload, user, isOver && upload.error === null, standin.askings) }
        }),
      ],
      [
        'GET',
        '/v4/:tileset.json',
        known((_, { tileset = '' }) => {
          const found = tilesets.get(tileset)
          return found === undefined ? refused(404, 'Tileset does not exist') : { json: found.tilejson }
        }),
      ],
    ],
    () => refused(404, 'Not Found'),
  )
  const world = withTroubles(respond)
  const server = await listen(world.respond)
  return Object.assign(standin, server, world, {
    token,
    tilesets,
    keys,
    failNext(words: string) {
      nextWords = words
    },
  })
}

function refused(status: number, message: string): Answer {
  return { status, json: { message } }
}

function stateOf({ id, tileset, name, asked, error }: Upload, owner: string, complete: boolean, askings = 1) {
  const at = '2026-01-02T03:04:05.000Z'
  const progress = complete ? 1 : Math.min(0.99, asked / askings)
  return { id, tileset, name, owner, complete, error, progress, created: at, modified: at }
}

/** What Mapbox would make of a staged file. */
async function readTileset(url: string, { tileset, name }: Upload): Promise<Tileset> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`nothing is staged: ${response.status}`)
  const bytes = Buffer.from(await response.arrayBuffer())
  const folder = await mkdtemp(join(tmpdir(), 'machine-standin-mapbox-'))
  try {
    const file = join(folder, 'staged.mbtiles')
    await writeFile(file, bytes)
    const { Database } = await import('bun:sqlite')
    const database = new Database(file, { readonly: true })
    const rows = database.query('select name, value from metadata').all() as { name: string; value: string }[]
    database.close()
    const metadata = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
    const { vector_layers } = JSON.parse(metadata['json'] ?? '{}') as { vector_layers?: unknown }
    const zooms = { minzoom: Number(metadata['minzoom']), maxzoom: Number(metadata['maxzoom']) }
    const bounds = metadata['bounds']?.split(',').map(Number)
    return {
      bytes: bytes.length,
      tilejson: { id: tileset, name, tilejson: '3.0.0', ...zooms, bounds, vector_layers },
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
