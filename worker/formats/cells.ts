/**
 * Cells: many rows at once, as bytes. What a reader gives when no text has to be made of a row.
 *
 * A cell is what JSON writes between two quotes, printable ASCII only. Nearly every cell of the world
 * is the same in the file, so it stays where it was read, and is a start and an end; what needs an
 * escape is written once more, behind all others. A reader's own rows are the oracle of its cells.
 */
import type { Feature, Geometry, Row } from '../../shared/row.ts'
import { type FlatShapes, flatGeometry } from './flat_shapes.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SMALL_U = 0x75
const HEX = '0123456789abcdef'
const ESCAPE_BYTES_MAX = 6

/** Rows of one file; good until its reader is asked for more. */
export interface CellBatch {
  /** Undefined for a column of the file that is no part of the row, such as a longitude. */
  readonly columns: readonly (string | undefined)[]
  readonly count: number
  readonly bytes: Buffer
  /** Start and end of each cell, row by row. */
  readonly spans: Int32Array
  /** Cells that begin here or later may hold escapes. */
  readonly escapedFrom: number
  /** Longitudes, then latitudes; NaN where a row has no place. */
  readonly xy: Float64Array
  /** Places that are no plain points, by row; they count before `xy`. Null is no place either. */
  readonly shapes: ReadonlyMap<number, Geometry | null>
  /** Plain lines and areas, of rows that have nothing in `shapes`; they too count before `xy`. */
  readonly flat?: FlatShapes | undefined
}

/** The text of a cell. */
export function cellString(
  { columns, bytes, spans, escapedFrom }: Omit<CellBatch, 'xy' | 'shapes'>,
  row: number,
  column: number,
): string {
  const at = 2 * (row * columns.length + column)
  const start = spans[at]!
  const text = bytes.toString('latin1', start, spans[at + 1])
  return start < escapedFrom ? text : unescaped(text)
}

/** The text that an escaped cell stands for. */
export function unescaped(cell: string): string {
  return cell.includes('\\') ? (JSON.parse(`"${cell}"`) as string) : cell
}

/** Whether a cell has no escape at either edge, so that what is stripped off it are its blanks only. */
export function hasPlainEdges(bytes: Buffer, start: number, end: number): boolean {
  for (let at = Math.max(start, end - ESCAPE_BYTES_MAX); at < end; at++) {
    if (bytes[at] === BACKSLASH) return false
  }
  return start === end || bytes[start] !== BACKSLASH
}

/** An object cannot have this as a column, so no row ever had it. */
export function hiddenColumn(name: string): boolean {
  return name === '__proto__'
}

/** One row of a batch, as an object. */
export function rowAt(batch: CellBatch, row: number): Row {
  const object: Row = {}
  batch.columns.forEach((name, column) => {
    if (name !== undefined) object[name] = cellString(batch, row, column)
  })
  return object
}

/** Where a row of a batch is. */
export function geometryAt({ shapes, flat, xy, count }: CellBatch, row: number): Geometry | null {
  const shape = shapes.get(row)
  if (shape !== undefined) return shape
  const flatShape = flat && flatGeometry(flat, row)
  if (flatShape !== undefined) return flatShape
  const x = xy[row]!
  return Number.isNaN(x) ? null : { type: 'Point', coordinates: [x, xy[count + row]!] }
}

/** A row of a batch as its reader gives it one by one. */
export function featureAt(batch: CellBatch, row: number): Feature {
  return { row: rowAt(batch, row), geometry: geometryAt(batch, row) }
}

/** Room for cells while a batch is made; it changes hands when the batch is done. */
export interface CellSheet {
  bytes: Buffer
  /** Where the next cell that is written goes. */
  end: number
}

/** What stands behind the backslash for a character that has an escape of its own. */
const SHORT_ESCAPES = new Uint8Array(BACKSLASH + 1)
for (const [character, letter] of Object.entries({
  '"': '"',
  '\\': '\\',
  '\b': 'b',
  '\f': 'f',
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
})) {
  SHORT_ESCAPES[character.charCodeAt(0)] = letter.charCodeAt(0)
}

/** Write a text as a cell, where the sheet ends; whether it needed an escape. */
export function putCell(sheet: CellSheet, text: string): boolean {
  const { length } = text
  makeRoom(sheet, length)
  const { bytes, end } = sheet
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) return putEscaped(sheet, text)
    bytes[end + i] = code
  }
  sheet.end = end + length
  return false
}

/** Escapes as Python's JSON writes them; 0.1 µs a text, by jsonText of shared/conform it was 0.6. */
function putEscaped(sheet: CellSheet, text: string): true {
  makeRoom(sheet, ESCAPE_BYTES_MAX * text.length)
  const { bytes } = sheet
  let at = sheet.end
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const short = code < SHORT_ESCAPES.length ? SHORT_ESCAPES[code]! : 0
    if (short !== 0) {
      bytes[at++] = BACKSLASH
      bytes[at++] = short
    } else if (code >= 0x20 && code <= 0x7e) bytes[at++] = code
    else {
      bytes[at++] = BACKSLASH
      bytes[at++] = SMALL_U
      for (let shift = 12; shift >= 0; shift -= 4) bytes[at++] = HEX.charCodeAt((code >> shift) & 15)
    }
  }
  sheet.end = at
  return true
}

/** See that so many bytes fit behind what is there. */
export function makeRoom(sheet: CellSheet, length: number): void {
  if (sheet.end + length <= sheet.bytes.length) return
  const bytes = Buffer.allocUnsafe(Math.max(2 * sheet.bytes.length, sheet.end + length))
  sheet.bytes.copy(bytes, 0, 0, sheet.end)
  sheet.bytes = bytes
}
