/**
 * The small signs of WKT: words, numbers, brackets and commas, read one after the other.
 */

import type { Position } from '../row.ts'
import { GeometryError } from './geometry_error.ts'

/** Where in a text a reader stands; it moves. */
export interface Cursor {
  readonly text: string
  at: number
  /** How many collections it stands in. */
  depth: number
}

/** What the third and fourth numbers of a position are. Without a tag a third is a height. */
export type Axes = '' | 'Z' | 'M' | 'ZM'

const AXES: ReadonlySet<string> = new Set(['Z', 'M', 'ZM'])
const OPEN = 40
const CLOSE = 41
const COMMA = 44

/** Numbers that are none, as GEOS, OGR and Python spell them. */
const NOT_FINITE: Readonly<Record<string, number>> = {
  NAN: NaN,
  INF: Infinity,
  INFINITY: Infinity,
  '-NAN': NaN,
  '-INF': -Infinity,
  '-INFINITY': -Infinity,
}

/** The tag after a type, whether glued to it or on its own. */
export function axes(cursor: Cursor, glued: string): Axes {
  if (glued !== '') return glued as Axes
  const from = cursor.at
  const word = wordAt(cursor).toUpperCase()
  if (AXES.has(word)) return word as Axes
  cursor.at = from
  return ''
}

/** The word of letters that comes next; `''` if none does. */
export function wordAt(cursor: Cursor): string {
  skipBlanks(cursor)
  const from = cursor.at
  while (isLetter(cursor.text.charCodeAt(cursor.at))) cursor.at++
  return cursor.text.slice(from, cursor.at)
}

/**
 * `EMPTY`, or parts in brackets with commas between.
 *
 * @param part  reads one part; it is told whether that part begins without a bracket or a word
 * @param most  how many parts there may be
 * @throws {GeometryError} not-wkt
 */
export function list<Part>(cursor: Cursor, part: (bare: boolean) => Part, most = Infinity): Part[] {
  const word = wordAt(cursor).toUpperCase()
  if (word === 'EMPTY') return []
  if (word !== '' || cursor.text.charCodeAt(cursor.at) !== OPEN) throw unexpected(cursor, 'EMPTY or (')
  const parts: Part[] = []
  do {
    cursor.at++
    skipBlanks(cursor)
    const next = cursor.text.charCodeAt(cursor.at)
    parts.push(part(next !== OPEN && !isLetter(next)))
    skipBlanks(cursor)
  } while (cursor.text.charCodeAt(cursor.at) === COMMA && parts.length < most)
  if (cursor.text.charCodeAt(cursor.at) !== CLOSE) throw unexpected(cursor, ', or )')
  cursor.at++
  return parts
}

/**
 * Two to four numbers: x, y, and a height where there is one.
 *
 * @throws {GeometryError} not-a-number
 */
export function positionAt(cursor: Cursor, axes: Axes): Position {
  const x = numberAt(cursor)
  const y = numberAt(cursor)
  const third = anotherNumber(cursor) ? numberAt(cursor) : NaN
  if (anotherNumber(cursor)) numberAt(cursor)
  return axes === 'M' || !Number.isFinite(third) ? [x, y] : [x, y, third]
}

/** @throws {GeometryError} not-wkt when something follows */
export function expectEnd(cursor: Cursor): void {
  skipBlanks(cursor)
  if (cursor.at < cursor.text.length) throw unexpected(cursor, 'the end')
}

function numberAt(cursor: Cursor): number {
  skipBlanks(cursor)
  const { text, at: from } = cursor
  let at = from
  while (isNumeral(text.charCodeAt(at))) at++
  cursor.at = at
  while (anotherNumber(cursor)) cursor.at++
  const word = text.slice(from, cursor.at)
  // With nothing but digits, signs, points and e, Number is as strict as WKT; blanks and 0x it would let pass.
  const number = cursor.at === at && at > from ? Number(word) : NOT_FINITE[word.toUpperCase()]
  if (number === undefined || (cursor.at === at && Number.isNaN(number))) {
    throw new GeometryError('not-a-number', `"${word.slice(0, 80)}" at ${from}`)
  }
  skipBlanks(cursor)
  return number
}

/** Digits, `+`, `-`, `.`, `e` and `E`. */
function isNumeral(code: number): boolean {
  return (
    (code >= 48 && code <= 57) || code === 46 || code === 45 || code === 43 || code === 101 || code === 69
  )
}

/** Whether the sign at the cursor can belong to a number: neither a blank, a bracket, a comma nor the end. */
function anotherNumber({ text, at }: Cursor): boolean {
  if (at >= text.length) return false
  const code = text.charCodeAt(at)
  return !isBlank(code) && code !== COMMA && code !== OPEN && code !== CLOSE
}

function skipBlanks(cursor: Cursor): void {
  while (isBlank(cursor.text.charCodeAt(cursor.at))) cursor.at++
}

function isBlank(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

function unexpected({ text, at }: Cursor, expected: string): GeometryError {
  return new GeometryError('not-wkt', `expected ${expected} at ${at} of ${text.slice(0, 80)}`)
}
