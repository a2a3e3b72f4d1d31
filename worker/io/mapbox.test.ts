/** Uploads to Mapbox over real HTTP: its API and its bucket are played, the SDKs are the real ones. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { Database } from 'bun:sqlite'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { type MapboxStandin, startMapbox } from '../../test/standins/mapbox.ts'
import { type MapboxChoice, mapbox, type TilesetWish } from './mapbox.ts'

let folder: string
let s3: FauxqsServer
let server: MapboxStandin
let told: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-mapbox-'))
  s3 = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  s3.createBucket('tilestream')
})
beforeEach(async () => {
  server = await startMapbox({ bucket: 'tilestream', s3Url: s3.address })
  told = []
})
afterEach(() => server.close())
afterAll(async () => {
  await s3.stop()
  await rm(folder, { recursive: true })
})

/** An MBTiles with one layer and no tile. */
function mbtiles(layer: string): string {
  const path = join(folder, `${layer}.mbtiles`)
  const database = new Database(path, { create: true })
  database.run('create table if not exists metadata (name text, value text)')
  database.run('delete from metadata')
  const json = JSON.stringify({ vector_layers: [{ id: layer, minzoom: 0, maxzoom: 15, fields: {} }] })
  for (const [name, value] of Object.entries({ minzoom: '0', maxzoom: '15', bounds: '0,0,1,1', json }))
    database.run('insert into metadata values (?, ?)', [name, value])
  database.close()
  return path
}

function upload(
  file: string,
  over: Partial<MapboxChoice> = {},
  wish: Partial<TilesetWish> = {},
): Promise<void> {
  const choice = {
    token: server.token,
    apiUrl: server.url,
    s3Url: s3.address,
    pollMs: 10,
    retryMs: 10,
    ...over,
  }
  return mapbox(choice).upload(file, {
    tileset: 'machine.northeast',
    title: 'OpenAddresses',
    layer: 'openaddresses',
    signal: new AbortController().signal,
    tell: (stage, share) => told.push(`${stage} ${share}`),
    ...wish,
  })
}

describe('an upload to Mapbox', () => {
  test('is there when it is said to be, and was let in by credentials of its own', async () => {
    await upload(mbtiles('openaddresses'))

    expect(server.tilesets.get('machine.northeast')?.tilejson).toMatchObject({
      name: 'OpenAddresses',
      minzoom: 0,
      maxzoom: 15,
    })
    expect(server.keys).toEqual(['ASIA1'])
    expect(told).toEqual(['upload 1', 'processing 0.5', 'processing 1'])
    expect(server.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /uploads/v1/machine/credentials',
      'POST /uploads/v1/machine',
      'GET /uploads/v1/machine/upload1',
      'GET /uploads/v1/machine/upload1',
      'GET /v4/machine.northeast.json',
    ])
  })

  test('that Mapbox can make nothing of says what Mapbox said, and leaves the old tileset', async () => {
    await upload(mbtiles('openaddresses'))
    const old = server.tilesets.get('machine.northeast')
    server.failNext('Tiles too large')

    await expect(upload(mbtiles('openaddresses'))).rejects.toThrow(
      'Mapbox: it could make no tileset machine.northeast: Tiles too large',
    )
    expect(server.tilesets.get('machine.northeast')).toBe(old!)
  })

  test('of a file that is no tileset fails', async () => {
    const path = join(folder, 'broken.mbtiles')
    await writeFile(path, 'not tiles at all, however long one looks at them')

    await expect(upload(path)).rejects.toThrow('Invalid MBTiles')
    expect(server.tilesets.size).toBe(0)
  })

  test('of tiles without our layer is not taken for ours', async () => {
    await expect(upload(mbtiles('other'))).rejects.toThrow('has no layer openaddresses, but [other]')
  })

  test('that never ends is given up, with its number', async () => {
    server.askings = Number.POSITIVE_INFINITY

    await expect(upload(mbtiles('openaddresses'), { deadlineMs: 100 })).rejects.toThrow(
      'tileset machine.northeast is not there after 0 s: upload upload1, 0 % done',
    )
  })

  test('survives answers that fail to come', async () => {
    server.misbehave({ path: /credentials$/, status: 503, times: 2 })
    server.misbehave({ path: /upload1$/, cut: true, times: 1 })
    server.misbehave({ path: /upload1$/, status: 500, times: 5 })
    server.misbehave({ path: /upload1$/, hang: true, times: 1 })

    await upload(mbtiles('openaddresses'), { callMs: 300 })

    expect(server.tilesets.has('machine.northeast')).toBe(true)
  })

  test('with a token that is refused says which variable to look at, at once', async () => {
    const token = `sk.${btoa(JSON.stringify({ u: 'machine' }))}.other`

    await expect(upload(mbtiles('openaddresses'), { token })).rejects.toThrow(
      'Mapbox: get credentials for an upload: 401 Not Authorized - Invalid Token; look at MAPBOX_KEY and its scopes',
    )
    expect(server.calls).toHaveLength(1)
  })

  test('to a name of somebody else is refused', async () => {
    await expect(upload(mbtiles('openaddresses'), {}, { tileset: 'other.northeast' })).rejects.toThrow(
      'make tileset other.northeast: 422 Invalid tileset id "other.northeast"',
    )
  })

  test('to a bucket that is not there says how much of what', async () => {
    await expect(upload(mbtiles('openaddresses'), { s3Url: 'http://127.0.0.1:9' })).rejects.toThrow(
      /^Mapbox: put \d+ bytes into its bucket: /,
    )
  })

  test('ends when it is told to', async () => {
    const stop = new AbortController()
    server.misbehave({ path: /credentials$/, hang: true })
    const going = upload(mbtiles('openaddresses'), {}, { signal: stop.signal })
    setTimeout(() => stop.abort(new Error('stopped by SIGTERM')), 50)

    await expect(going).rejects.toThrow('stopped by SIGTERM')
  })
})

test('a token that is none is said to be none', () => {
  expect(() => mapbox({ token: 'pk' })).toThrow('MAPBOX_KEY is no token of Mapbox')
})
