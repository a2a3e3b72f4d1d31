/**
 * A government's download server: a folder over HTTP, with types, ranges, conditional requests, and
 * the troubles that such servers have.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'
import { drip } from './drip.ts'
import { type Answer, type Asked, listen, type Respond, type Server, type ServerOptions } from './server.ts'
import { type Troubled, withTroubles } from './trouble.ts'

/** How a path behaves for ever, until told otherwise; `misbehave` is for a few calls. */
export interface Manners {
  /** Sends only so many bytes of what Content-Length promised, and breaks off. */
  readonly shortAt?: number
  /** Says nothing of the length. */
  readonly noLength?: boolean
  /** An HTML page with status 200 where data is expected. */
  readonly notice?: boolean
  /** So many bytes a second; 0 for full speed. */
  readonly dripBytesPerSecond?: number
  /** Ignores Range. */
  readonly noRanges?: boolean
  /** A Content-Type other than the true one. */
  readonly type?: string
  /** A Content-Disposition. */
  readonly disposition?: string
  /** Sends the reader to another address. */
  readonly redirect?: string
}

export interface WebOptions extends ServerOptions {
  /** The folder that is served. */
  readonly folder: string
  /** Manners of every file that has none of its own. */
  readonly manners?: Manners
}

export interface Web extends Server, Troubled {
  /** Set the manners of one path, such as `/us/ny/points.zip`; `undefined` makes it behave again. */
  behaves(path: string, manners: Manners | undefined): void
}

/** Content types by extension; anything else is application/octet-stream. */
const TYPES: Readonly<Record<string, string>> = {
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.xml': 'application/xml',
  '.html': 'text/html; charset=utf-8',
}

const NOTICE = `<!DOCTYPE html>
<html><head><title>Notice</title></head>
<body><h1>Scheduled maintenance</h1><p>The download portal is back on Monday.</p></body></html>
`

/** Start a download server of its own. */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { respond, ...web } = playWeb(options)
  const server = await listen(respond, options)
  return { ...server, ...web, respond }
}

/** The same without a port, to be mounted. */
export function playWeb({
  folder,
  manners = {},
}: Pick<WebOptions, 'folder' | 'manners'>): Troubled & Pick<Web, 'behaves'> {
  const own = new Map<string, Manners>()
  const files: Respond = (asked) => {
    const path = decodeURIComponent(asked.path)
    return serve(asked, { folder, path, manners: { ...manners, ...own.get(path) } })
  }
  return {
    ...withTroubles(files),
    behaves(path, manners) {
      if (manners === undefined) own.delete(path)
      else own.set(path, manners)
    },
  }
}

async function serve(
  asked: Asked,
  { folder, path, manners }: { folder: string; path: string; manners: Manners },
): Promise<Answer> {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return page(405, 'Method not allowed')
  if (manners.redirect !== undefined) return { status: 302, headers: { location: manners.redirect } }
  if (manners.notice) return { headers: { 'content-type': 'text/html; charset=utf-8' }, body: NOTICE }

  const file = normalize(join(folder, path))
  const found = file.startsWith(normalize(folder)) ? await stat(file).catch(() => undefined) : undefined
  if (found === undefined) return page(404, 'Not found')
  if (found.isDirectory()) return page(200, (await readdir(file)).join('\n'))

  const etag = `"${found.size.toString(16)}-${Math.floor(found.mtimeMs).toString(16)}"`
  const headers = {
    'content-type': manners.type ?? TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'last-modified': found.mtime.toUTCString(),
    etag,
    ...(manners.noRanges ? {} : { 'accept-ranges': 'bytes' }),
    ...(manners.disposition === undefined ? {} : { 'content-disposition': manners.disposition }),
  }
  if (asked.headers['if-none-match'] === etag) return { status: 304, headers }
  return body(asked, { content: await readFile(file), headers, manners })
}

function body(
  asked: Asked,
  given: { content: Buffer; headers: Record<string, string>; manners: Manners },
): Answer {
  const { content, headers, manners } = given
  const range = manners.noRanges ? undefined : readRange(asked, content.length, headers['etag'])
  if (range === null) {
    return { status: 416, headers: { 'content-range': `bytes */${content.length}` } }
  }
  const part = range === undefined ? content : content.subarray(range.from, range.to + 1)
  const sent = manners.shortAt === undefined ? part : part.subarray(0, manners.shortAt)
  return {
    status: range === undefined ? 200 : 206,
    headers: {
      ...headers,
      ...(manners.noLength ? {} : { 'content-length': `${part.length}` }),
      ...(range === undefined
        ? {}
        : { 'content-range': `bytes ${range.from}-${range.to}/${content.length}` }),
    },
    body: drip(sent, manners.dripBytesPerSecond ?? 0, asked.signal),
    cut: sent.length < part.length,
  }
}

/** One range, as `bytes=from-to`, `bytes=from-` or `bytes=-last`; null when it cannot be satisfied. */
function readRange(
  { headers }: Asked,
  length: number,
  etag: string | undefined,
): { from: number; to: number } | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  const condition = headers['if-range']
  if (condition !== undefined && condition !== etag) return undefined
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  const from = first === '' ? Math.max(0, length - Number(last)) : Number(first)
  const to = first === '' || last === '' ? length - 1 : Math.min(Number(last), length - 1)
  return from > to ? null : { from, to }
}

function page(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${text}\n` }
}
