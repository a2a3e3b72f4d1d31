/**
 * Files of a folder, with ranges: what runs leave on a computer without S3, and the site's own style and
 * script. The one file of this floor that touches a disk, by the API that Bun, Node and Deno share.
 */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { Readable } from 'node:stream'

/** Content types by ending; everything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  geojson: 'application/geo+json',
  gz: 'application/gzip',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  pmtiles: 'application/vnd.pmtiles',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  zip: 'application/zip',
}

/** What a file may be shown as. A stranger's HTML, say, is only ever bytes to be saved. */
export interface FolderOptions {
  /** `public, max-age=…` */
  readonly cacheControl: string
}

/** A door to the files of a folder: answers GET and HEAD, ranges and If-None-Match; 404 for what is not there. */
export function folder(
  path: string,
  { cacheControl }: FolderOptions,
): (key: string, request: Request) => Promise<Response> {
  const root = resolve(path)

  return async (key, request) => {
    const file = join(root, key)
    const found = file.startsWith(root + sep) ? await stat(file).catch(() => undefined) : undefined
    if (!found?.isFile()) return Response.json({ error: `there is no file ${key}` }, { status: 404 })

    const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`
    const headers = new Headers({
      'Accept-Ranges': 'bytes',
      'Access-Control-Allow-Origin': '*',
      'Cache-Control': cacheControl,
      'Content-Type': TYPES[key.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      ETag: etag,
      'X-Content-Type-Options': 'nosniff',
    })
    if (request.headers.get('If-None-Match') === etag) return new Response(null, { status: 304, headers })

    const range = readRange(request.headers.get('Range'), found.size)
    if (range === 'outside') {
      headers.set('Content-Range', `bytes */${found.size}`)
      return new Response(null, { status: 416, headers })
    }
    const { start, end } = range ?? { start: 0, end: found.size - 1 }
    headers.set('Content-Length', `${end - start + 1}`)
    if (range !== undefined) headers.set('Content-Range', `bytes ${start}-${end}/${found.size}`)
    const isEmpty = request.method === 'HEAD' || found.size === 0
    const body = isEmpty
      ? null
      : (Readable.toWeb(createReadStream(file, { start, end })) as unknown as ReadableStream)
    return new Response(body, { status: range === undefined ? 200 : 206, headers })
  }
}

/** A door that sends people to where the files are. */
export function elsewhere(url: string): (key: string) => Promise<Response> {
  return async (key) => new Response(null, { status: 302, headers: { Location: `${url}/${key}` } })
}

/** One range, as browsers and tile readers ask for; undefined for none, or for several, which get all. */
function readRange(
  header: string | null,
  size: number,
): { start: number; end: number } | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const [from, to] = [match[1] ?? '', match[2] ?? '']
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start >= size || start > end ? 'outside' : { start, end }
}
