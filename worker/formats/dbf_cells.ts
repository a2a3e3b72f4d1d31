/**
 * The rows of a .dbf as cells: dbf.ts, its oracle, for many records at once.
 *
 * A text without its blanks and a number without zeros that say nothing are parts of what stands in the
 * record, so nearly nothing is written anew: 0.6 µs a record of 11 columns, where texts take 4.
 */
import { type CellSheet, putCell } from './cells.ts'
import { type Column, cellText, type DecodeCell, TEXTS } from './dbf.ts'

/** Where the cells of a row go. */
export interface RecordGoal {
  readonly sheet: CellSheet
  readonly spans: Int32Array
  /** Of the first cell of the row. */
  readonly base: number
  readonly decode: DecodeCell
}

const BLANK = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** So many digits are a number's own shortest text. */
const DIGITS_MAX = 15

/** Put the cells of the record that begins at `from`, in the bytes of the sheet. */
export function putRecord(places: readonly Column[], from: number, goal: RecordGoal): void {
  const { sheet, spans, base, decode } = goal
  const { bytes } = sheet
  for (let column = 0; column < places.length; column++) {
    const { start, end, kind } = places[column]!
    let first = from + start
    let last = from + end
    while (last > first && bytes[last - 1] === BLANK) last--
    while (first < last && bytes[first] === BLANK) first++
    const span = base + 2 * column
    const length =
      kind === 'text' ? textEnd(bytes, first, last) : numberEnd(bytes, first, last, kind === 'real')
    if (kind !== 'date' && length >= 0) {
      spans[span] = first
      spans[span + 1] = length
      continue
    }
    spans[span] = sheet.end
    putCell(sheet, TEXTS[kind](cellText(bytes.subarray(from + start, from + end), decode)))
    spans[span + 1] = sheet.end
  }
}

/** Where a text ends that stands there as its cell; -1 where it is another one. */
function textEnd(bytes: Buffer, first: number, last: number): number {
  for (let at = first; at < last; at++) {
    const byte = bytes[at]!
    if (byte < 0x20 || byte > 0x7e || byte === QUOTE || byte === BACKSLASH) return -1
  }
  return last
}

/** Where a number ends that is written as it will be, but for zeros behind it; -1 where it is written otherwise. */
function numberEnd(bytes: Buffer, first: number, last: number, isReal: boolean): number {
  if (first === last) return last
  const start = bytes[first] === MINUS ? first + 1 : first
  // Zeros in front, and numbers below one, are for texts; so is zero with a sign.
  if (bytes[start] === ZERO) return !isReal && last - first === 1 ? last : -1
  let point = -1
  for (let at = start; at < last; at++) {
    const byte = bytes[at]!
    if (isReal && byte === POINT && point < 0) point = at
    else if (byte < ZERO || byte > NINE) return -1
  }
  if (start === last) return -1
  if (!isReal) return last
  if (point <= start || point === last - 1 || last - start - 1 > DIGITS_MAX) return -1
  let end = last
  while (end > point + 2 && bytes[end - 1] === ZERO) end--
  return end
}
