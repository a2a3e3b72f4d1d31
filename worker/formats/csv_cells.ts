/**
 * CSV as cells: the same rows and places as csv.ts gives, for the engine.
 *
 * The file is read block by block; the records that are whole in it are a batch, and the rest waits in
 * front of the next block. So memory is that of one block, or of the longest record.
 */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { SourceError } from '../../shared/problem.ts'
import { type CellBatch, type CellSheet, hiddenColumn } from './cells.ts'
import { readPlaces } from './csv_cell_places.ts'
import { placeColumns } from './csv_place.ts'
import { openSpanScanner, type Range, type SpanScanner, UNFINISHED } from './csv_spans.ts'
import { columnNumbers, type Layout, readLayout, TOO_LONG, TWICE, tellMark } from './csv_table.ts'
import { CELL_CHARS_MAX, neverClosed, openTokenizer } from './csv_tokens.ts'
import { grownSpans } from './grown_spans.ts'
import { placeCells } from './place_cells.ts'
import { openProjection } from './projection.ts'
import { type Reading, shortened } from './reading.ts'
import { hasBlocks, openBlocks, type TextBlocks } from './text_blocks.ts'

/** What is known once the header is read. */
interface Table {
  readonly delimiter: string
  readonly columns: readonly (string | undefined)[]
  /** Every record is dropped. */
  readonly hasTwins: boolean
  /** Where the place is: one column of WKT, or x and y. */
  readonly place: readonly number[]
}

const LINE_FEED = 0x0a
const RETURN = 0x0d

/** Undefined where only csv.ts can read it. */
export function readCsvCells(reading: Reading): AsyncGenerator<CellBatch> | undefined {
  const layout = readLayout(reading)
  const isPlain = /^[^"\r\n\u0080-\uffff]$/.test(layout.delimiter)
  return isPlain && hasBlocks(layout.encoding) ? readAll(reading, layout) : undefined
}

async function* readAll(reading: Reading, layout: Layout): AsyncGenerator<CellBatch> {
  const { path, conform, isEsri, signal, onBadRow } = reading
  // ESRI servers were asked for lon, lat: reprojecting that again for `srs` was a defect.
  const projection = await openProjection(isEsri ? 'EPSG:4326' : (conform.srs ?? 'EPSG:4326'))
  const blocks = await openBlocks(path, layout.encoding, signal)
  try {
    for await (const batch of readBatches(reading, layout, blocks)) {
      yield placeCells(batch, projection, onBadRow)
    }
  } finally {
    await blocks.close()
  }
}

async function* readBatches(reading: Reading, layout: Layout, blocks: TextBlocks): AsyncGenerator<CellBatch> {
  const sheet: CellSheet = { bytes: Buffer.allocUnsafe(1024 * 1024), end: 0 }
  const scanner = openSpanScanner(layout.delimiter)
  let skipping = layout.skippedLines
  const room = { spans: new Int32Array(0) as Int32Array }
  let table: Table | undefined
  for (let isLast = false; !isLast; ) {
    isLast = !(await blocks.more(sheet))
    const range: Range = { from: 0, to: sheet.end, isLast }
    while (skipping > 0 && skipLine(sheet.bytes, range)) skipping--
    if (skipping === 0) table ??= readHeader(reading, { layout, scanner, sheet, range, room })
    const batch = table === undefined ? undefined : readBlock(reading, table, { scanner, sheet, range, room })
    blocks.check(sheet.bytes.subarray(0, range.from))
    if (scanner.isInQuotes && range.to - range.from > CELL_CHARS_MAX) {
      throw neverClosed(sheet.bytes.toString('utf8', range.from, range.from + 80))
    }
    if (batch !== undefined && batch.count > 0) yield batch
    sheet.bytes.copyWithin(0, range.from, range.to)
    sheet.end = range.to - range.from
  }
  if (table === undefined) throw new SourceError('no-features', 'the file is empty')
}

/** Step over a line that is no record; false when it is not there to its end. */
function skipLine(bytes: Buffer, range: Range): boolean {
  let at = range.from
  while (at < range.to && bytes[at] !== LINE_FEED && bytes[at] !== RETURN) at++
  // Whether a line feed belongs to a return at the end is not known before it comes.
  const isPair = bytes[at] === RETURN && bytes[at + 1] === LINE_FEED
  if (at + 1 >= range.to && !range.isLast) return false
  range.from = Math.min(range.to, at + (isPair ? 2 : 1))
  return true
}

/** Where the next record begins: empty lines are none. */
function skipNewlines(bytes: Buffer, range: Range): void {
  while (range.from < range.to && (bytes[range.from] === LINE_FEED || bytes[range.from] === RETURN))
    range.from++
}

interface Scan {
  readonly scanner: SpanScanner
  readonly sheet: CellSheet
  /** Moves on behind each record that was read. */
  readonly range: Range
  /** For the spans of one batch after the other. */
  readonly room: { spans: Int32Array }
}

/** Look at the header once; undefined while it is not there. */
function readHeader(
  reading: Reading,
  { layout, scanner, sheet, range }: Scan & { readonly layout: Layout },
): Table | undefined {
  skipNewlines(sheet.bytes, range)
  if (range.from >= range.to) return undefined
  const next = scanner.scan(sheet, range, NO_SPANS, { at: 0, width: 0 })
  if (next === UNFINISHED) return undefined
  const cells = textsOf(sheet.bytes, range.from, next, layout.delimiter)
  const names = layout.isNamed ? cells : columnNumbers(cells)
  if (layout.isNamed) range.from = next
  tellMark(reading, names)
  const place = names.includes(GEOMETRY_COLUMN) ? [GEOMETRY_COLUMN] : placeColumns(reading, names)
  return {
    delimiter: layout.delimiter,
    columns: names.map((name) => (place.includes(name) || hiddenColumn(name) ? undefined : name)),
    hasTwins: new Set(names).size < names.length,
    place: place.map((name) => names.indexOf(name)),
  }
}

const NO_SPANS = new Int32Array(0)

/** The cells of one record as texts. */
function textsOf(bytes: Buffer, from: number, to: number, delimiter: string): string[] {
  const tokens = openTokenizer({ delimiter })
  return [...tokens.write(bytes.toString('utf8', from, to)), ...tokens.end()][0] ?? []
}

/** All records that are whole in what is there. */
function readBlock(reading: Reading, table: Table, { scanner, sheet, range, room }: Scan): CellBatch {
  const { columns, delimiter, hasTwins } = table
  const width = columns.length
  const escapedFrom = range.to
  const target = { at: 0, width }
  let count = 0
  for (;;) {
    skipNewlines(sheet.bytes, range)
    if (range.from >= range.to) break
    target.at = 2 * width * count
    room.spans = grownSpans(room.spans, target.at + 2 * width)
    const next = scanner.scan(sheet, range, room.spans, target)
    if (next === UNFINISHED) break
    if (hasTwins || scanner.cells > width) {
      const cells = textsOf(sheet.bytes, range.from, next, delimiter)
      reading.onBadRow(hasTwins ? TWICE : TOO_LONG, shortened(cells.join(', ')), 'dropped')
    } else count++
    range.from = next
  }
  const { bytes } = sheet
  const batch = { columns, count, bytes, spans: room.spans, escapedFrom }
  return { ...batch, ...readPlaces(batch, table.place, reading.onBadRow) }
}
