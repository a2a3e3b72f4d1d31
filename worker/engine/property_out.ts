/** Cells and values to bytes: as they stand in the text of a hash, and as properties of the output. */
import { jsonText, strip } from '../../shared/conform/python.ts'
import { type CellBatch, hasPlainEdges, unescaped } from '../formats/cells.ts'
import { copyHere, type Desk, putByte, putBytes, putText } from './desk.ts'
import type { PropertyStep } from './plan.ts'
import { ABSENT, BARE, ESCAPED, type Values } from './values.ts'

const QUOTE = 0x22
const BLANK = 0x20
const POINT = 0x2e
const ZERO = 0x30
const NULL_FIRST = 0x6e

/** Put a cell, without quotes. */
export function putCell(desk: Desk, { columns, bytes, spans }: CellBatch, row: number, column: number): void {
  const at = 2 * (row * columns.length + column)
  putBytes(desk, bytes, spans[at]!, spans[at + 1]!)
}

/** Put a value that is there, in quotes where it is a text. */
export function putValue(desk: Desk, { kinds, starts, ends, sheet }: Values, index: number): void {
  if (kinds[index] === BARE) putBytes(desk, sheet.bytes, starts[index]!, ends[index]!)
  else putQuoted(desk, sheet.bytes, starts[index]!, ends[index]!)
}

/** Put a property, its name before it; whether it has something in it. */
export function putProperty(
  desk: Desk,
  step: PropertyStep,
  batch: CellBatch,
  row: number,
  values: Values,
): boolean {
  copyHere(desk, step.start, step.end)
  return step.what === 'cell' ? putCellProperty(desk, step, batch, row) : putValueProperty(desk, step, values)
}

/** Its quotes are part of the constants. */
function putCellProperty(desk: Desk, { index, trim }: PropertyStep, batch: CellBatch, row: number): boolean {
  const { columns, bytes, spans, escapedFrom } = batch
  const at = 2 * (row * columns.length + index)
  const before = desk.at
  const start = spans[at]!
  if (trim === 'no') putBytes(desk, bytes, start, spans[at + 1]!)
  else putTrimmed(desk, bytes, { start, end: spans[at + 1]!, mayEscape: start >= escapedFrom }, trim)
  return desk.at > before
}

function putValueProperty(desk: Desk, { index, absent, trim }: PropertyStep, values: Values): boolean {
  const { kinds, starts, ends, sheet } = values
  const kind = kinds[index]!
  const start = starts[index]!
  const end = ends[index]!
  if (kind === ABSENT) {
    putText(desk, absent)
    return false
  }
  const isNull = kind === BARE && sheet.bytes[start] === NULL_FIRST
  if (trim === 'no') {
    putValue(desk, values, index)
    return !isNull && end > start
  }
  putByte(desk, QUOTE)
  const before = desk.at
  if (!isNull) putTrimmed(desk, sheet.bytes, { start, end, mayEscape: kind === ESCAPED }, trim)
  const isFilled = desk.at > before
  putByte(desk, QUOTE)
  return isFilled
}

interface Span {
  readonly start: number
  readonly end: number
  readonly mayEscape: boolean
}

/** Put a cell without blanks around it, and for a number without a final `.0`. */
function putTrimmed(desk: Desk, bytes: Buffer, span: Span, trim: PropertyStep['trim']): void {
  let { start, end } = span
  // Of all that Python takes for a blank, only this one needs no escape.
  while (start < end && bytes[start] === BLANK) start++
  while (end > start && bytes[end - 1] === BLANK) end--
  if (span.mayEscape && !hasPlainEdges(bytes, start, end)) {
    const text = strip(unescaped(bytes.toString('latin1', start, end)))
    const finished = trim === 'number' && text.endsWith('.0') ? text.slice(0, -2) : text
    putText(desk, jsonText(finished).slice(1, -1))
    return
  }
  if (trim === 'number' && end - start >= 2 && bytes[end - 1] === ZERO && bytes[end - 2] === POINT) end -= 2
  putBytes(desk, bytes, start, end)
}

function putQuoted(desk: Desk, bytes: Buffer, start: number, end: number): void {
  putByte(desk, QUOTE)
  putBytes(desk, bytes, start, end)
  putByte(desk, QUOTE)
}
