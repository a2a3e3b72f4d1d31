/**
 * What Python does to text and numbers, where it differs from JavaScript.
 *
 * The original was written in Python and its habits are in every published file: in what counts as
 * a blank, how a number is spelled, which way a half is rounded, what a hash is made of.
 *
 * Source: docs.python.org, str.strip, float, repr, round, json.dumps; observed with Python 3.13.
 */

/**
 * `str.strip()`: like `trim()`, but U+001C to U+001F and U+0085 are blanks too, and U+FEFF is not.
 */
export function strip(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

/** Whether `str.isspace()` says so of a UTF-16 code unit; all of Python's blanks are single units. */
function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x1f)
  if (code < 0x1680) return code === 0x85 || code === 0xa0
  if (code >= 0x2000 && code <= 0x200a) return true
  return (
    code === 0x1680 ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  )
}

const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i
const NOT_FINITE = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i

/** `float(text)`; undefined where Python raises. Blanks around and `_` between digits are fine, `0x10` is not. */
export function parseFloatText(text: string): number | undefined {
  const stripped = strip(text)
  if (FLOAT.test(stripped)) return Number(stripped.replaceAll('_', ''))

  const match = NOT_FINITE.exec(stripped)
  if (match === null) return undefined
  if (match[2] === undefined) return Number.NaN
  return match[1] === '-' ? -Infinity : Infinity
}

/** `repr(float)`: the shortest digits, always with a point or an exponent: `1.0`, `1e-07`, `1e+20`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'

  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  }
  if (Number.isInteger(value)) return Object.is(value, -0) ? '-0.0' : `${value}.0`
  return String(value)
}

/** The text of a number that came from JSON, where JavaScript can no longer tell `5` from `5.0`. */
export function numberText(value: number): string {
  return Number.isSafeInteger(value) ? String(value + 0) : floatText(value)
}

/** `round(value)`: to an integer, a half to the even side. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  if (value - below !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** `json.dumps(text)`: quoted, and all but printable ASCII as `\uXXXX`. */
export function jsonText(text: string): string {
  const quoted = JSON.stringify(text)
  return NOT_ASCII.test(quoted) ? quoted.replace(EACH_NOT_ASCII, unicodeEscape) : quoted
}

const NOT_ASCII = /[^ -~]/
const EACH_NOT_ASCII = /[^ -~]/g

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
