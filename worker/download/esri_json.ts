/**
 * JSON as ESRI servers write it, and as Python reads it.
 *
 * The CSV of a download holds values as Python's text, and Python tells `12` from `12.0` and keeps
 * 20-digit integers, which JSON.parse does not. Numbers of that kind become marks before the text is
 * parsed; a page without them, which is nearly every page, takes the short way. NaN and Infinity, which
 * are no JSON, are read as Python reads them.
 */
import { floatText, numberText } from '../../shared/conform/python.ts'

/** Any JSON value; a marked number is an object with one key that no server writes. */
export type Json = unknown
export type JsonObject = Readonly<Record<string, unknown>>

const MARK = '\0'

/** A number whose spelling matters: `12.0`, `1e5`, `12.0000000001`, 16 digits and more. */
const SPELLED = /[:,[]\s*-?\d+(?:\.(?:0+(?=\s*[,}\]])|0{9}|9{9})|(?:\.\d+)?[eE][-+]?\d)|[:,[]\s*-?\d{16}/

/** Strings, which are passed over, and numbers. */
const TOKENS = /"(?:[^"\\]|\\[\s\S])*"|-?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity)|NaN/g

/** Control characters inside strings, which some servers forget to escape. */
const CONTROL = /[^ -\uffff]/g

/** @throws {SyntaxError} when the text is no JSON even so */
export function parseJson(text: string): Json {
  const isPlain = !SPELLED.test(text)
  try {
    return JSON.parse(isPlain ? text : marked(text))
  } catch (error) {
    if (!isPlain || !/^\s*[{[]/.test(text)) throw error
    return JSON.parse(marked(text))
  }
}

/** The text that Python's `csv` writes for a value: nothing for null, `True`, `12.0`, `['a']`. */
export function pythonText(value: Json): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  return repr(value)
}

/** The value with marked numbers as plain ones, for where only their size matters. */
export function unmarked(value: Json): Json {
  if (Array.isArray(value)) return value.map(unmarked)
  if (typeof value !== 'object' || value === null) return value
  const literal = literalOf(value)
  if (literal !== undefined) return Number(literal)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unmarked(inner)]))
}

/** The value as a number, marked or not; undefined for anything else. */
export function numberOf(value: Json): number | undefined {
  const plain = unmarked(value)
  return typeof plain === 'number' ? plain : undefined
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function marked(text: string): string {
  return text.replace(TOKENS, (token) => {
    if (token.startsWith('"')) return token.replace(CONTROL, escaped)
    const isPlain = /^-?\d/.test(token) && !SPELLED.test(`[${token}]`)
    return isPlain ? token : `{"\\u0000":"${token}"}`
  })
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function literalOf(value: object): string | undefined {
  const literal = (value as JsonObject)[MARK]
  return typeof literal === 'string' ? literal : undefined
}

/** `repr()` of a value inside another, and of all that is not text. */
function repr(value: Json): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return numberText(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  const literal = literalOf(value as object)
  if (literal === undefined) {
    return `{${Object.entries(value as object)
      .map(([name, inner]) => `${quoted(name)}: ${repr(inner)}`)
      .join(', ')}}`
  }
  return /^-?\d+$/.test(literal) ? String(BigInt(literal)) : floatText(Number(literal))
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return quote + (quote === "'" ? inner.replaceAll("'", "\\'") : inner) + quote
}
