/**
 * Keys: the names of stored files, the same for a folder and for S3.
 *
 * A key may come from a file name that a stranger chose, and becomes a path on a disk and an address
 * in a browser; so what could lead out of the folder is refused before anything is touched.
 */

/** S3 refuses a longer key. */
const KEY_BYTES_MAX = 1_024

/** Files of runs and of editions are never written again: whoever has one need not ask twice. */
const IMMUTABLE = 'public, max-age=31536000, immutable'

/**
 * Refuse a key that is not a plain path downwards.
 *
 * A part may not begin with a dot: `..` leads out, and dot files are how the folder names what is
 * still being written.
 *
 * @throws {TypeError} when the key is empty, too long, absolute, or has such a part
 */
export function checkKey(key: string): void {
  const isPlain = key.split('/').every((part) => part !== '' && !part.startsWith('.'))
  // Control characters and backslashes mean different things to different disks and browsers.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (isPlain && !/[\\\u0000-\u001f\u007f]/.test(key) && Buffer.byteLength(key) <= KEY_BYTES_MAX) return
  throw new TypeError(`expected a key such as runs/12/out.geojson, got ${JSON.stringify(key)}`)
}

/** How long a file may be kept by those who downloaded it; undefined leaves it to them. */
export function cacheControlOf(key: string): string | undefined {
  return /^(?:runs|collections|tiles|manifests)\//.test(key) ? IMMUTABLE : undefined
}

/** The address of a key below an address; each part is escaped, the slashes stay. */
export function urlOf(base: string, key: string): string {
  return `${base}/${key.split('/').map(encodeURIComponent).join('/')}`
}
