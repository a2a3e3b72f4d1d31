/**
 * What a conform may say of its coordinate system: a code, or a text of WKT.
 *
 * A bare number is a code of EPSG in a table only, as in the original; other formats name the authority.
 *
 * Source: spec/processing.md §7.1 and §7.2.
 */
const CODE = /^(?:EPSG:\d+|(?:ESRI|OGC|IGNF):\w+)$/i
const BARE = /^\d+$/
const WKT = /^\s*[A-Z_]+\s*\[/i

/**
 * Why an `srs` cannot be used; undefined when it can, as far as its form tells.
 *
 * @param format  of the conform, in any case
 */
export function srsFault(srs: string, format: string): string | undefined {
  const code = srs.trim()
  if (CODE.test(code) || WKT.test(srs)) return undefined
  if (!BARE.test(code)) return `${JSON.stringify(srs)} is not a code such as "EPSG:2154"`
  return format.toLowerCase() === 'csv'
    ? undefined
    : `${JSON.stringify(srs)} needs its authority: "EPSG:${code}"`
}
