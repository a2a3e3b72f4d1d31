/**
 * The extension of a cache: what kind of file a download is, told from the one response it came in.
 *
 * The original downloaded such a file twice, once only to look. The order of belief is: a plain
 * address, the first bytes, the name the server proposes, the content type, an address with a query.
 *
 * Source: processing.md §4.3.
 */
import { kindOf } from './sniff.ts'

/** What a response says of its file. */
export interface Claims {
  readonly url: URL
  readonly contentType: string | undefined
  readonly contentDisposition: string | undefined
  readonly head: Uint8Array
}

/** Programs on a server, not files. */
const PROGRAMS = new Set(['', '.cgi', '.php', '.aspx', '.asp', '.ashx', '.axd', '.do', '.jsp'])

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  'text/csv': '.csv',
  'application/csv': '.csv',
  'text/comma-separated-values': '.csv',
  'text/tab-separated-values': '.tsv',
  'application/zip': '.zip',
  'application/x-zip': '.zip',
  'application/x-zip-compressed': '.zip',
  'application/gzip': '.gz',
  'application/x-gzip': '.gz',
  'application/json': '.json',
  'text/json': '.json',
  'application/geo+json': '.geojson',
  'application/vnd.geo+json': '.geojson',
  'application/geopackage+sqlite3': '.gpkg',
  'application/gml+xml': '.gml',
  'application/vnd.google-earth.kml+xml': '.kml',
  'text/xml': '.xml',
  'application/xml': '.xml',
  'application/vnd.ms-excel': '.xls',
}

/** What is right about a file that is none of the above, and often wrong. */
const VAGUE_TYPES: Readonly<Record<string, string>> = { 'text/plain': '.txt' }

/**
 * The extension of an address, in lower case, with what is inside a `.gz`: `.csv.gz`.
 *
 * @returns undefined where the address names a program or has a query: then it says nothing
 */
export function urlExtension(url: URL): string | undefined {
  const extension = pathExtension(url.pathname)
  return url.search !== '' || PROGRAMS.has(extension) ? undefined : extension
}

/** The extension of what a response brings; `''` where nothing tells. */
export function extensionOf({ url, contentType, contentDisposition, head }: Claims): string {
  const plain = urlExtension(url)
  if (plain !== undefined) return plain

  const named = pathExtension(proposedName(contentDisposition) ?? '')
  const inAddress = pathExtension(url.pathname)
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  const kind = kindOf(head)
  if (kind === 'zip') return named === '.shz' ? named : '.zip'
  if (kind === 'gzip') return [named, inAddress].find((extension) => extension.endsWith('.gz')) ?? '.gz'
  if (kind === 'sqlite') return '.gpkg'

  const claims = [
    PROGRAMS.has(named) ? '' : named,
    CONTENT_TYPES[type] ?? '',
    PROGRAMS.has(inAddress) ? '' : inAddress,
  ]
  const claim = claims.find((extension) => extension !== '')
  return claim ?? sniffedExtension(head) ?? VAGUE_TYPES[type] ?? ''
}

/** `.json` or `.xml` where the text looks like it. */
export function sniffedExtension(head: Uint8Array): string | undefined {
  const kind = kindOf(head)
  return kind === 'json' || kind === 'xml' ? `.${kind}` : undefined
}

/** The extension of a path, in lower case; `''` for none, or for one that is no word. */
export function pathExtension(path: string): string {
  return /[^/](\.[a-z0-9]{1,10}\.gz|\.[a-z0-9_-]{1,16})$/i.exec(path)?.[1]?.toLowerCase() ?? ''
}

/** The file name in a Content-Disposition header. */
function proposedName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const match =
    /filename\*\s*=\s*[^']*'[^']*'([^;]+)/i.exec(header) ?? /filename\s*=\s*"?([^";]+)/i.exec(header)
  return match?.[1]?.trim()
}
