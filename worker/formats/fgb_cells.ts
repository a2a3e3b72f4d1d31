/**
 * FlatGeobuf as cells: the same rows and geometries as fgb.ts gives, for the engine.
 *
 * A piece of the file is a batch. Its texts stay where they are, as nearly all are plain; numbers are
 * written behind them. 8 µs less for a feature of 12 columns than by rows of texts.
 */
import { type CellBatch, type CellSheet, makeRoom, putCell } from './cells.ts'
import { FEATURE, type FgbHeader, readPieces } from './fgb.ts'
import { putFgbGeometry } from './fgb_flat.ts'
import { readFgbGeometry } from './fgb_geometry.ts'
import { INT, LONG, TEXT, VALUES } from './fgb_row.ts'
import { clearFlat, type FlatDraft, flatShapes, openFlatDraft, putFlat } from './flat_shapes.ts'
import { fieldIn, vectorIn } from './flatbuffer.ts'
import { grownSpans } from './grown_spans.ts'
import { type RestFeature, realText, withoutZeros } from './ogr.ts'
import type { Geometry } from '../../shared/row.ts'

export interface FgbCellsOptions {
  readonly header: FgbHeader
  readonly signal: AbortSignal
  /** Columns of texts that are numbers. */
  readonly numberTexts: readonly string[]
  /** Heights that are all zero are none. */
  readonly mayBeFlat: boolean
  /** Features that the file does not hold, in the order of their numbers. */
  readonly rest: AsyncGenerator<RestFeature, undefined>
}

/** Rows until they are a batch. */
interface Draft {
  readonly options: FgbCellsOptions
  /** All but the first, which holds the numbers of the features. */
  readonly names: readonly string[]
  readonly isNumberText: readonly boolean[]
  readonly sheet: CellSheet
  readonly flat: FlatDraft
  spans: Int32Array
  x: Float64Array
  y: Float64Array
  shapes: Map<number, Geometry | null>
  count: number
}

const SHEET_BYTES = 2 * 1024 * 1024
const UINT_BYTES = 4
/** The number of a column, before its value. */
const COLUMN_BYTES = 2

/** The features of a file as cells, and the rest of them where their numbers say. */
export async function* readFgbCells(path: string, options: FgbCellsOptions): AsyncGenerator<CellBatch> {
  const { header, signal, rest } = options
  const numberType = header.columns[0]?.type
  const draft = draftOf(options)
  const { sheet } = draft
  let next = await rest.next()
  for await (const starts of readPieces(path, { from: header.start, signal, sheet })) {
    begin(draft, starts.length)
    const escapedFrom = sheet.end
    const { bytes } = sheet
    const view = new DataView(bytes.buffer, bytes.byteOffset, sheet.end)
    const piece = { view, bytes }
    for (const start of starts) {
      const table = start + view.getUint32(start, true)
      if (!next.done) {
        const number = numberAt(view, table, numberType)
        for (; !next.done && next.value.number < number; next = await rest.next()) putRest(draft, next.value)
      }
      putFeature(draft, piece, table)
    }
    if (draft.count > 0) yield batchOf(draft, escapedFrom)
  }
  begin(draft, 0)
  sheet.end = 0
  for (; !next.done; next = await rest.next()) putRest(draft, next.value)
  if (draft.count > 0) yield batchOf(draft, 0)
}

function draftOf(options: FgbCellsOptions): Draft {
  const names = options.header.columns.slice(1).map(({ name }) => name)
  return {
    options,
    names,
    isNumberText: names.map((name) => options.numberTexts.includes(name)),
    sheet: { bytes: Buffer.allocUnsafe(SHEET_BYTES), end: 0 },
    flat: openFlatDraft(),
    spans: new Int32Array(0),
    x: new Float64Array(0),
    y: new Float64Array(0),
    shapes: new Map(),
    count: 0,
  }
}

function begin(draft: Draft, rows: number): void {
  draft.count = 0
  draft.shapes = new Map()
  clearFlat(draft.flat)
  growRows(draft, rows)
}

function growRows(draft: Draft, rows: number): void {
  draft.spans = grownSpans(draft.spans, 2 * rows * draft.names.length)
  if (rows <= draft.x.length) return
  const { x, y } = draft
  const length = Math.max(rows, 2 * x.length)
  draft.x = new Float64Array(length)
  draft.y = new Float64Array(length)
  draft.x.set(x)
  draft.y.set(y)
}

/** Begin a row; where its first span goes. */
function beginRow(draft: Draft): number {
  const { count, names } = draft
  growRows(draft, count + 1)
  draft.x[count] = Number.NaN
  draft.y[count] = Number.NaN
  const base = 2 * count * names.length
  draft.spans.fill(0, base, base + 2 * names.length)
  return base
}

function putFeature(draft: Draft, { view, bytes }: Piece, table: number): void {
  const base = beginRow(draft)
  const properties = vectorIn(view, table, FEATURE.properties)
  if (properties !== 0) {
    const end = properties + view.getUint32(properties - UINT_BYTES, true)
    putProperties(draft, { view, bytes, at: properties, end }, base)
  }
  const geometryAt = fieldIn(view, table, FEATURE.geometry)
  if (geometryAt !== 0) {
    const geometryTable = geometryAt + view.getUint32(geometryAt, true)
    const { header } = draft.options
    if (!putFgbGeometry(view, geometryTable, draft, header))
      putOther(draft, readFgbGeometry(bytes, geometryTable, header))
  }
  draft.count++
}

/** A geometry that came as an object. */
function putOther({ options, count, x, y, flat, shapes }: Draft, whole: Geometry | null): void {
  const geometry = whole !== null && options.mayBeFlat ? withoutZeros(whole) : whole
  if (geometry === null) return
  const position = geometry.type === 'Point' ? geometry.coordinates : []
  if (position.length === 2 && Number.isFinite(position[0]) && Number.isFinite(position[1])) {
    x[count] = position[0]!
    y[count] = position[1]!
  } else if (!putFlat(flat, count, geometry)) shapes.set(count, geometry)
}

/** A piece of the file, as bytes and for its numbers. */
interface Piece {
  readonly view: DataView
  readonly bytes: Buffer
}

/** The values of one feature: the number of a column, its value, the next. */
interface Properties extends Piece {
  readonly at: number
  readonly end: number
}

function putProperties(draft: Draft, { view, bytes, at, end }: Properties, base: number): void {
  const { columns } = draft.options.header
  let next = at
  while (next + COLUMN_BYTES <= end) {
    const index = view.getUint16(next, true)
    const column = columns[index]
    if (column === undefined) return
    const { type } = column
    const span = base + 2 * (index - 1)
    next += COLUMN_BYTES
    if (type >= TEXT) {
      const start = next + UINT_BYTES
      next = start + view.getUint32(next, true)
      if (index > 0) putText(draft, bytes, { start, end: next, span, index })
      continue
    }
    if (type === INT || type === LONG) {
      const whole = type === INT ? view.getInt32(next, true) : longAt(view, next)
      if (Number.isSafeInteger(whole)) {
        next += type === INT ? 4 : 8
        if (index > 0) putWhole(draft, span, whole)
        continue
      }
    }
    const read = VALUES[type]
    if (read === undefined) return
    const [text, after] = read(bytes, next)
    next = after
    if (index > 0) putOwn(draft, span, text)
  }
}

interface TextSpan {
  readonly start: number
  readonly end: number
  /** Where its span goes. */
  readonly span: number
  readonly index: number
}

/** A text that is a cell as it stands stays where it is. */
function putText(draft: Draft, bytes: Buffer, { start, end, span, index }: TextSpan): void {
  const isNumber = draft.isNumberText[index - 1]!
  if (!isNumber && isPlain(bytes, start, end)) {
    draft.spans[span] = start
    draft.spans[span + 1] = end
    return
  }
  const text = bytes.toString('utf8', start, end)
  putOwn(draft, span, isNumber ? realText(text) : text)
}

function isPlain(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!
    if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return false
  }
  return true
}

function putOwn({ sheet, spans }: Draft, span: number, text: string): void {
  spans[span] = sheet.end
  putCell(sheet, text)
  spans[span + 1] = sheet.end
}

/** As many digits as a safe integer has, and a sign. */
const WHOLE_CHARS_MAX = 17

/** A whole number; 0.02 µs, where a text takes 0.1. */
function putWhole({ sheet, spans }: Draft, span: number, whole: number): void {
  makeRoom(sheet, WHOLE_CHARS_MAX)
  const { bytes } = sheet
  spans[span] = sheet.end
  let size = whole
  if (size < 0) {
    bytes[sheet.end++] = 0x2d
    size = -size
  }
  let digits = 1
  for (let limit = 10; size >= limit; limit *= 10) digits++
  for (let at = sheet.end + digits - 1; at >= sheet.end; at--) {
    const rest = Math.floor(size / 10)
    bytes[at] = 0x30 + (size - 10 * rest)
    size = rest
  }
  sheet.end += digits
  spans[span + 1] = sheet.end
}

/** The number of a feature: its first column, which is never null. */
function numberAt(view: DataView, table: number, type: number | undefined): number {
  const at = vectorIn(view, table, FEATURE.properties) + COLUMN_BYTES
  return type === INT ? view.getInt32(at, true) : longAt(view, at)
}

/** Not safe where it is beyond what a double holds. */
function longAt(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true)
}

function putRest(draft: Draft, { feature: { row, geometry } }: RestFeature): void {
  const base = beginRow(draft)
  draft.names.forEach((name, column) => {
    putOwn(draft, base + 2 * column, row[name] ?? '')
  })
  if (geometry !== null) draft.shapes.set(draft.count, geometry)
  draft.count++
}

function batchOf({ names, count, spans, x, y, sheet, shapes, flat }: Draft, escapedFrom: number): CellBatch {
  const xy = new Float64Array(2 * count)
  xy.set(x.subarray(0, count))
  xy.set(y.subarray(0, count), count)
  const { bytes } = sheet
  return { columns: names, count, bytes, spans, escapedFrom, xy, shapes, flat: flatShapes(flat, count) }
}
