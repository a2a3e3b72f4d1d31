/**
 * Mapbox: a file of tiles becomes a tileset there, and the old one of that name stays until it does.
 *
 * Temporary credentials from Mapbox let the file into its bucket; then it is asked to make a tileset of it, and asked
 * how far it is until it says so, says what is wrong, or a deadline passes. At last the tileset itself is looked at.
 * These credentials are used for this upload only; those of this house are not touched.
 *
 * Source: https://docs.mapbox.com/api/maps/uploads/
 */
/// <reference types="mapbox__mapbox-sdk" />
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import type { TilesetsService } from '@mapbox/mapbox-sdk/services/tilesets'
import type { UploadsService } from '@mapbox/mapbox-sdk/services/uploads'
import { ask, MapboxError, oneLine, PassingError } from './mapbox_call.ts'

// Node wants the ending of these files, and their types know none.
const require = createRequire(import.meta.url)
const tilesetsService = require('@mapbox/mapbox-sdk/services/tilesets') as (config: object) => TilesetsService
const uploadsService = require('@mapbox/mapbox-sdk/services/uploads') as (config: object) => UploadsService

/** One answer of the API may take this long. */
const CALL_MS = 30_000

/** Mapbox works for minutes to hours; asking oftener makes it no faster. */
const POLL_MS = 30_000

/** A tileset that is not there by then will not come. */
const DEADLINE_MS = 6 * 3_600_000

/** What may be asked twice is tried so often. */
const TRIES = 3
const RETRY_MS = 2_000

/** Mapbox keeps what is staged in this region. */
const REGION = 'us-east-1'

/** Parts of a staged file; S3 takes 10,000 of them. */
const PART_BYTES = 16 * 1024 * 1024
const PARTS_MAX = 10_000
const PARTS_AT_ONCE = 4

export interface MapboxChoice {
  /** A secret token with the scopes uploads:write, uploads:read and tilesets:read. */
  readonly token: string
  /** Another server than Mapbox's. */
  readonly apiUrl?: string | undefined
  /** Another server than Amazon's for the bucket that Mapbox names. */
  readonly s3Url?: string | undefined
  readonly callMs?: number
  readonly pollMs?: number
  readonly deadlineMs?: number
  readonly retryMs?: number
}

/** What becomes of a file. */
export interface TilesetWish {
  /** `<user>.<name>` */
  readonly tileset: string
  /** Title for people. */
  readonly title: string
  /** The layer that must be in it. */
  readonly layer: string
  readonly signal: AbortSignal
  /** Told where it stands. */
  readonly tell: (stage: 'upload' | 'processing', share: number) => void
}

export interface Mapbox {
  /** Whose token it is. */
  readonly user: string
  /**
   * Make a tileset of a file, in the place of the one of that name.
   *
   * @throws {MapboxError} when it did not come to be
   */
  upload(file: string, wish: TilesetWish): Promise<void>
}

/** How each step is carried out. */
interface Desk extends Required<Omit<MapboxChoice, 'token' | 'apiUrl' | 's3Url'>> {
  readonly uploads: UploadsService
  readonly tilesets: TilesetsService
  readonly s3Url: string | undefined
}

/**
 * Speak to Mapbox.
 *
 * @throws {MapboxError} when the token is no token
 */
export function mapbox({ token, apiUrl, s3Url, ...choice }: MapboxChoice): Mapbox {
  const config = { accessToken: token, ...(apiUrl === undefined ? {} : { origin: apiUrl }) }
  const user = userOf(token)
  const desk: Desk = {
    uploads: uploadsService(config),
    tilesets: tilesetsService(config),
    s3Url,
    callMs: choice.callMs ?? CALL_MS,
    pollMs: choice.pollMs ?? POLL_MS,
    deadlineMs: choice.deadlineMs ?? DEADLINE_MS,
    retryMs: choice.retryMs ?? RETRY_MS,
  }

  return {
    user,
    async upload(file, wish) {
      const url = await stage(desk, file, wish)
      const { id } = await ask<{ id: string }>(desk, {
        what: `make tileset ${wish.tileset}`,
        request: () => desk.uploads.createUpload({ tileset: wish.tileset, url, name: wish.title }),
        // A second one could be made of a file that the first has taken away.
        tries: 1,
        signal: wish.signal,
      })
      await waitFor(desk, id, wish)
      await verify(desk, wish)
    },
  }
}

/** The account that a token belongs to, as it says itself. */
function userOf(token: string): string {
  try {
    const { u } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64').toString('utf8')) as {
      u?: unknown
    }
    if (typeof u === 'string' && u !== '') return u
  } catch {
    // Said below.
  }
  throw new MapboxError('MAPBOX_KEY is no token of Mapbox: it says nothing of whose it is')
}

interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly bucket: string
  readonly key: string
  readonly url: string
}

/** Bring the file into the bucket of Mapbox. @returns where it is there */
async function stage(desk: Desk, file: string, { signal, tell }: TilesetWish): Promise<string> {
  const { bucket, key, url, ...credentials } = await ask<Credentials>(desk, {
    what: 'get credentials for an upload',
    request: () => desk.uploads.createUploadCredentials(),
    tries: TRIES,
    signal,
  })
  const { size } = await stat(file)
  const client = new S3Client({
    region: REGION,
    credentials,
    ...(desk.s3Url === undefined ? {} : { endpoint: desk.s3Url, forcePathStyle: true }),
  })
  const body = createReadStream(file)
  try {
    const sending = new Upload({
      client,
      params: { Bucket: bucket, Key: key, Body: body },
      partSize: Math.max(PART_BYTES, Math.ceil(size / PARTS_MAX)),
      queueSize: PARTS_AT_ONCE,
    })
    sending.on('httpUploadProgress', ({ loaded = 0 }) =>
      tell('upload', Math.min(1, loaded / Math.max(1, size))),
    )
    const abort = () => void sending.abort()
    signal.addEventListener('abort', abort, { once: true })
    await sending.done().finally(() => signal.removeEventListener('abort', abort))
    return url
  } catch (error) {
    signal.throwIfAborted()
    throw new MapboxError(`Mapbox: put ${size} bytes into its bucket: ${oneLine(error)}`, { cause: error })
  } finally {
    body.destroy()
    client.destroy()
  }
}

interface UploadState {
  readonly complete: boolean
  readonly error: string | null
  readonly progress?: number
}

/** Ask until the tileset is there. Answers that fail to come are not an end; the deadline is. */
async function waitFor(desk: Desk, id: string, { tileset, signal, tell }: TilesetWish): Promise<void> {
  const giveUpAt = performance.now() + desk.deadlineMs
  let last = 'it said nothing yet'
  for (;;) {
    const state = await ask<UploadState>(desk, {
      what: `ask after upload ${id}`,
      request: () => desk.uploads.getUpload({ uploadId: id }),
      tries: TRIES,
      signal,
    }).catch((error: unknown) => {
      if (!(error instanceof PassingError)) throw error
      last = error.message
    })
    if (state?.error) throw new MapboxError(`Mapbox: it could make no tileset ${tileset}: ${state.error}`)
    if (state !== undefined) {
      last = `${Math.round((state.progress ?? 0) * 100)} % done`
      tell('processing', state.progress ?? 0)
    }
    if (state?.complete) return
    if (performance.now() + desk.pollMs > giveUpAt)
      throw new MapboxError(
        `Mapbox: tileset ${tileset} is not there after ${Math.round(desk.deadlineMs / 1000)} s: upload ${id}, ${last}`,
      )
    await pause(desk.pollMs, undefined, { signal })
  }
}

/** Complete is what Mapbox says of its work; the tileset is what people see. */
async function verify(desk: Desk, { tileset, layer, signal }: TilesetWish): Promise<void> {
  const found = await ask<{ vector_layers?: readonly { id: string }[] }>(desk, {
    what: `look at tileset ${tileset}`,
    request: () => desk.tilesets.tileJSONMetadata({ tilesetId: tileset }),
    tries: TRIES,
    signal,
  })
  const layers = (found.vector_layers ?? []).map(({ id }) => id)
  if (!layers.includes(layer))
    throw new MapboxError(`Mapbox: tileset ${tileset} has no layer ${layer}, but [${layers.join(', ')}]`)
}
