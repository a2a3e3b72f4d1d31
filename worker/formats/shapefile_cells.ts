/**
 * Shapefiles as cells: the same rows and places as shapefile.ts gives, for the engine.
 *
 * Many records are read at once. Where their shapes follow each other, which is nearly always, they are
 * read at once too, and most go straight to numbers.
 */
import type { Geometry } from '../../shared/row.ts'
import { type CellBatch, type CellSheet, hiddenColumn, makeRoom, rowAt } from './cells.ts'
import { type Column, DELETED, type Table } from './dbf.ts'
import { putRecord } from './dbf_cells.ts'
import { readOgrCells } from './ogr_cells.ts'
import { placeCells } from './place_cells.ts'
import { clearFlat, type FlatDraft, flatShapes, openFlatDraft, putFlat } from './flat_shapes.ts'
import { BATCH_ROWS, type Reading, shortened } from './reading.ts'
import { BROKEN, type Shapefile, withShapefile } from './shapefile.ts'
import { readRecords, readRun, readShape, type RecordRun, type Shape } from './shp.ts'
import { putShp, type ShpGoal } from './shp_flat.ts'

export function readShapefileCells(reading: Reading): AsyncGenerator<CellBatch> {
  return withShapefile(reading, {
    patches: () => readOgrCells(reading),
    shapes: (file) => readBatches(reading, file),
  })
}

async function* readBatches(reading: Reading, file: Shapefile): AsyncGenerator<CellBatch> {
  const sheet: CellSheet = { bytes: Buffer.allocUnsafe(1024 * 1024), end: 0 }
  const { table } = file
  const places = placesIn(table)
  // One list for all batches: the engine plans anew for another.
  const columns = places.map(({ name }) => name)
  const flat = openFlatDraft()
  for (let index = 0; ; ) {
    reading.signal.throwIfAborted()
    const records = await readRecords(file, index, BATCH_ROWS)
    const shapes = records === undefined ? await readRun(file, index, BATCH_ROWS) : []
    const count = records?.count ?? shapes.length
    if (count === 0) return
    const batch = await readRows({ columns, places, table }, { records, shapes, count, index, sheet, flat })
    for (const { row, number } of batch.broken) {
      const example = shortened(`${number}: ${JSON.stringify(rowAt(batch.cells, row))}`)
      reading.onBadRow(BROKEN, example, 'displaced')
    }
    if (batch.cells.count > 0) yield placeCells(batch.cells, file.projection, reading.onBadRow)
    index += count
  }
}

/** Of columns with the same name the last one counts, in the place of the first, as in an object. */
function placesIn(table: Table | undefined): readonly Column[] {
  const places = new Map((table?.places ?? []).map((place) => [place.name, place]))
  return [...places.values()].filter(({ name }) => !hiddenColumn(name))
}

interface Records {
  readonly columns: readonly string[]
  readonly places: readonly Column[]
  readonly table: Table | undefined
}

interface Run {
  /** Where the shapes lie; else they are read already. */
  readonly records: RecordRun | undefined
  readonly shapes: readonly (Shape | 'broken')[]
  readonly count: number
  /** Of the first of them. */
  readonly index: number
  readonly sheet: CellSheet
  readonly flat: FlatDraft
}

interface Rows {
  readonly cells: CellBatch
  /** Rows with a shape that makes no sense, and their number in the file. */
  readonly broken: readonly { readonly row: number; readonly number: number }[]
}

async function readRows({ columns, places, table }: Records, run: Run): Promise<Rows> {
  const { count, index, sheet, flat } = run
  const records = await table?.readRecords(index, count)
  sheet.end = 0
  makeRoom(sheet, records?.length ?? 0)
  records?.copy(sheet.bytes)
  sheet.end = records?.length ?? 0
  const escapedFrom = sheet.end
  const width = columns.length
  const spans = new Int32Array(2 * width * count)
  const goal = { flat, x: new Float64Array(count), y: new Float64Array(count) }
  const shapes = new Map<number, Geometry | null>()
  clearFlat(flat)
  let rows = 0
  const broken: Rows['broken'][number][] = []
  for (let at = 0; at < count; at++) {
    const from = at * (table?.recordBytes ?? 0)
    const isThere = table !== undefined && from + table.recordBytes <= escapedFrom
    if (isThere && sheet.bytes[from] === DELETED) continue
    const base = 2 * width * rows
    if (isThere) putRecord(places, from, { sheet, spans, base, decode: table.decode })
    const shape = putShape(run, at, rows, goal)
    if (shape === 'broken') broken.push({ row: rows, number: index + at + 1 })
    else if (shape !== undefined) shapes.set(rows, shape)
    rows++
  }
  const xy = new Float64Array(2 * rows)
  xy.set(goal.x.subarray(0, rows))
  xy.set(goal.y.subarray(0, rows), rows)
  const { bytes } = sheet
  const cells = { columns, count: rows, bytes, spans, escapedFrom, xy, shapes, flat: flatShapes(flat, rows) }
  return { cells, broken }
}

/** Put the shape of a row as numbers; the geometry where it is none of those. */
function putShape(
  { records, shapes }: Run,
  at: number,
  row: number,
  goal: ShpGoal,
): Geometry | 'broken' | undefined {
  goal.x[row] = Number.NaN
  goal.y[row] = Number.NaN
  let shape = shapes[at]
  if (records !== undefined) {
    const [start, end] = [records.spans[2 * at]!, records.spans[2 * at + 1]!]
    if (putShp(records.bytes, [start, end], row, goal)) return undefined
    shape = readShape(records.bytes.subarray(start, end))
  }
  if (shape === undefined || shape === 'broken') return 'broken'
  const { geometry } = shape
  return geometry === null || putFlat(goal.flat, row, geometry) ? undefined : geometry
}
