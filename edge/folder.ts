/**
 * Files of a folder, with ranges: what runs leave on a computer without S3, and the site's own style and
 * script. The one file of this floor that touches a disk, by the API that Bun, Node and Deno share.
 */
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'
import type { FileDoor } from './app.ts'
import { hasAlready, isSameFile, readRange } from './range.ts'

/** Content types by ending. */
export type Types = Readonly<Record<string, string>>

/** Of the site itself. */
export const SITE_TYPES: Types = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
}

/** Of what runs leave. A stranger's HTML, SVG or script, say, is only ever bytes to be saved. */
export const DATA_TYPES: Types = {
  csv: 'text/csv; charset=utf-8',
  fgb: 'application/flatgeobuf',
  geojson: 'application/geo+json',
  gz: 'application/gzip',
  json: 'application/json',
  parquet: 'application/vnd.apache.parquet',
  pmtiles: 'application/vnd.pmtiles',
  png: 'image/png',
  txt: 'text/plain; charset=utf-8',
  zip: 'application/zip',
}

export interface FolderOptions {
  /** `public, max-age=…` */
  readonly cacheControl: string
  /** Everything else is bytes. */
  readonly types: Types
}

/** A door to the files of a folder: answers GET and HEAD, ranges and conditions; 404 for what is not there. */
export function folder(path: string, { cacheControl, types }: FolderOptions): FileDoor {
  const root = resolve(path)

  return async (key, request) => {
    const found = await find(root, key)
    if (found === undefined) return Response.json({ error: `there is no file ${key}` }, { status: 404 })

    const { file, size, etag } = found
    const headers = new Headers({
      'Accept-Ranges': 'bytes',
      'Access-Control-Allow-Origin': '*',
      'Cache-Control': cacheControl,
      'Content-Type': types[key.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      ETag: etag,
      'X-Content-Type-Options': 'nosniff',
    })
    const asks = (name: string) => request.headers.get(name)
    if (hasAlready(asks('If-None-Match'), etag)) return new Response(null, { status: 304, headers })

    const isWanted = request.method === 'GET' && isSameFile(asks('If-Range'), etag)
    const range = isWanted ? readRange(asks('Range'), size) : undefined
    if (range === 'outside') {
      headers.set('Content-Range', `bytes */${size}`)
      return new Response(null, { status: 416, headers })
    }
    const { start, end } = range ?? { start: 0, end: size - 1 }
    headers.set('Content-Length', `${end - start + 1}`)
    if (range !== undefined) headers.set('Content-Range', `bytes ${start}-${end}/${size}`)
    const isEmpty = request.method === 'HEAD' || size === 0
    const body = isEmpty
      ? null
      : (Readable.toWeb(createReadStream(file, { start, end })) as unknown as ReadableStream)
    return new Response(body, { status: range === undefined ? 200 : 206, headers })
  }
}

/** A door that sends people to where the files are. */
export function elsewhere(url: string): FileDoor {
  return async (key) => {
    const Location = `${url}/${key.split('/').map(encodeURIComponent).join('/')}`
    return new Response(null, { status: 302, headers: { Location } })
  }
}

/** A file below a folder; a link that leads out of it is none. */
async function find(
  root: string,
  key: string,
): Promise<{ readonly file: string; readonly size: number; readonly etag: string } | undefined> {
  try {
    // The folder may come later than this program, and be a link itself.
    const [file, top] = [await realpath(join(root, key)), await realpath(root)]
    const found = await stat(file)
    if (!file.startsWith(top + sep) || !found.isFile()) return undefined
    const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`
    return { file, size: found.size, etag }
  } catch {
    return undefined
  }
}
