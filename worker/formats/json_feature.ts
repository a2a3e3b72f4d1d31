/**
 * One feature from its JSON text: the properties as the texts that Python would print, and the geometry.
 *
 * JSON.parse would lose how a number was written: `12.0`, an identifier of twenty digits. So properties
 * are read here, number by number; the geometry, where nobody asks, is left to JSON.parse.
 */
import { floatText } from '../../shared/conform/python.ts'
import type { Row } from '../../shared/row.ts'
import { endOfString } from './json_scan.ts'
import { quotedText } from './python_quote.ts'

/** A feature before anybody doubted its geometry. */
export interface JsonFeature {
  readonly type: unknown
  readonly row: Row
  readonly geometry: unknown
}

/**
 * What becomes of `12.0`: GeoJSON from the world gives `12`, as the reference does; what GDAL wrote
 * keeps it, because there it tells a real column from a whole one.
 */
export type WholeReals = 'as integers' | 'as reals'

/** A place in a text. */
interface Cursor {
  readonly text: string
  readonly wholeReals: WholeReals
  at: number
}

const SPACE = /\s/
const SCALAR = /[^,\]}\s]*/y
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/
const INTEGER = /^-?\d+$/

const WORDS: ReadonlyMap<string, string> = new Map([
  ['true', 'True'],
  ['false', 'False'],
  ['null', 'None'],
])

/**
 * Read the text of a feature.
 *
 * @throws {SyntaxError} when it is not good JSON
 */
export function readJsonFeature(text: string, wholeReals: WholeReals): JsonFeature {
  const cursor: Cursor = { text, wholeReals, at: 0 }
  let type: unknown
  let geometry: unknown
  let row: Row = {}
  members(cursor, (name) => {
    if (name === 'properties' && peek(cursor) === '{') row = properties(cursor)
    else if (name === 'type') type = anything(cursor)
    else if (name === 'geometry') geometry = anything(cursor)
    else skip(cursor)
  })
  return { type, row, geometry }
}

function properties(cursor: Cursor): Row {
  const row: Row = {}
  members(cursor, (name) => {
    row[name] = propertyText(cursor)
  })
  return row
}

/** The text of a property: strings as they are, null as nothing. */
function propertyText(cursor: Cursor): string {
  if (peek(cursor) === '"') return string(cursor)
  const text = pythonText(cursor)
  return text === 'None' ? '' : text
}

/** A value as Python prints it inside another: strings in quotes, null as None. */
function pythonText(cursor: Cursor): string {
  const first = peek(cursor)
  if (first === '"') return quotedText(string(cursor))
  if (first === '[') return `[${elements(cursor).join(', ')}]`
  if (first === '{') return dictionaryText(cursor)
  const text = scalarText(readScalar(cursor), cursor.wholeReals)
  if (text === undefined) throw unexpected(cursor)
  return text
}

/** What Python prints for a number or a word of JSON; undefined for what is neither. */
export function scalarText(scalar: string, wholeReals: WholeReals): string | undefined {
  return WORDS.get(scalar) ?? (NUMBER.test(scalar) ? numberText(scalar, wholeReals) : undefined)
}

function dictionaryText(cursor: Cursor): string {
  const entries = new Map<string, string>()
  members(cursor, (name) => entries.set(name, pythonText(cursor)))
  return `{${[...entries].map(([name, text]) => `${quotedText(name)}: ${text}`).join(', ')}}`
}

function numberText(digits: string, wholeReals: WholeReals): string {
  if (INTEGER.test(digits)) return digits === '-0' ? '0' : digits
  const value = Number(digits)
  return wholeReals === 'as integers' && Number.isInteger(value) ? String(BigInt(value)) : floatText(value)
}

/** Visit each member of an object; the visitor reads the value. */
function members(cursor: Cursor, visit: (name: string) => void): void {
  enter(cursor, '{')
  if (leaves(cursor, '}')) return
  do {
    if (peek(cursor) !== '"') throw unexpected(cursor)
    const name = string(cursor)
    enter(cursor, ':')
    visit(name)
  } while (!isLast(cursor, '}'))
}

function elements(cursor: Cursor): string[] {
  const texts: string[] = []
  enter(cursor, '[')
  if (leaves(cursor, ']')) return texts
  do {
    texts.push(pythonText(cursor))
  } while (!isLast(cursor, ']'))
  return texts
}

function string(cursor: Cursor): string {
  const end = endOfString(cursor.text, cursor.at)
  if (end < 0) throw unexpected(cursor)
  const raw = cursor.text.slice(cursor.at + 1, end)
  cursor.at = end + 1
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}

/** Any value, by JSON.parse. */
function anything(cursor: Cursor): unknown {
  peek(cursor)
  const start = cursor.at
  skip(cursor)
  return JSON.parse(cursor.text.slice(start, cursor.at))
}

function skip(cursor: Cursor): void {
  const first = peek(cursor)
  if (first === '"') string(cursor)
  else if (first === '{' || first === '[') skipNested(cursor)
  else readScalar(cursor)
}

function skipNested(cursor: Cursor): void {
  let depth = 0
  do {
    const character = cursor.text.charAt(cursor.at)
    if (character === '') throw unexpected(cursor)
    if (character === '"') {
      string(cursor)
      continue
    }
    if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    cursor.at++
  } while (depth > 0)
}

function readScalar(cursor: Cursor): string {
  SCALAR.lastIndex = cursor.at
  const [scalar = ''] = SCALAR.exec(cursor.text) ?? []
  cursor.at += scalar.length
  return scalar
}

/** The next character that is not a blank; the cursor stands on it. */
function peek(cursor: Cursor): string {
  while (SPACE.test(cursor.text.charAt(cursor.at))) cursor.at++
  return cursor.text.charAt(cursor.at)
}

function enter(cursor: Cursor, character: string): void {
  if (peek(cursor) !== character) throw unexpected(cursor)
  cursor.at++
}

function leaves(cursor: Cursor, character: string): boolean {
  if (peek(cursor) !== character) return false
  cursor.at++
  return true
}

/** After an element: whether the list ends here, or a comma says that another follows. */
function isLast(cursor: Cursor, closing: string): boolean {
  if (leaves(cursor, closing)) return true
  enter(cursor, ',')
  return false
}

function unexpected(cursor: Cursor): SyntaxError {
  const found = cursor.text.slice(cursor.at, cursor.at + 20)
  return new SyntaxError(`unexpected ${JSON.stringify(found)} at ${cursor.at}`)
}
