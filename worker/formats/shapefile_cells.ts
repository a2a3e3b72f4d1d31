/**
 * Shapefiles as cells: the same rows and places as shapefile.ts gives, for the engine.
 *
 * Many records are read at once. Where their shapes follow each other, which is nearly always, they are
 * read at once too, and points go straight to numbers.
 */
import type { Geometry } from '../../shared/row.ts'
import { type CellBatch, type CellSheet, hiddenColumn, makeRoom, rowAt } from './cells.ts'
import { type Column, DELETED, type Table } from './dbf.ts'
import { putRecord } from './dbf_cells.ts'
import { readOgr } from './ogr.ts'
import { placeCells } from './place_cells.ts'
import { BATCH_ROWS, type Reading, shortened } from './reading.ts'
import { cellsOfFeatures, placesOf } from './row_cells.ts'
import { BROKEN, type Shapefile, withShapefile } from './shapefile.ts'
import { readRun, type Shape } from './shp.ts'

export function readShapefileCells(reading: Reading): AsyncGenerator<CellBatch> {
  return withShapefile(reading, {
    patches: () => cellsOfFeatures(readOgr(reading)),
    shapes: (file) => readBatches(reading, file),
  })
}

async function* readBatches(reading: Reading, file: Shapefile): AsyncGenerator<CellBatch> {
  const sheet: CellSheet = { bytes: Buffer.allocUnsafe(1024 * 1024), end: 0 }
  const { table } = file
  const places = placesIn(table)
  // One list for all batches: the engine plans anew for another.
  const columns = places.map(({ name }) => name)
  for (let index = 0; ; ) {
    reading.signal.throwIfAborted()
    const shapes = await readRun(file, index, BATCH_ROWS)
    if (shapes.length === 0) return
    const batch = await readRows({ columns, places, table }, { shapes, index, sheet })
    for (const { row, number } of batch.broken) {
      const example = shortened(`${number}: ${JSON.stringify(rowAt(batch.cells, row))}`)
      reading.onBadRow(BROKEN, example, 'displaced')
    }
    if (batch.cells.count > 0) yield placeCells(batch.cells, file.projection, reading.onBadRow)
    index += shapes.length
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
  readonly shapes: readonly (Shape | 'broken')[]
  /** Of the first of them. */
  readonly index: number
  readonly sheet: CellSheet
}

interface Rows {
  readonly cells: CellBatch
  /** Rows with a shape that makes no sense, and their number in the file. */
  readonly broken: readonly { readonly row: number; readonly number: number }[]
}

async function readRows({ columns, places, table }: Records, { shapes, index, sheet }: Run): Promise<Rows> {
  const records = await table?.readRecords(index, shapes.length)
  sheet.end = 0
  makeRoom(sheet, records?.length ?? 0)
  records?.copy(sheet.bytes)
  sheet.end = records?.length ?? 0
  const escapedFrom = sheet.end
  const width = columns.length
  const spans = new Int32Array(2 * width * shapes.length)
  const geometries: (Geometry | null)[] = []
  const broken: Rows['broken'][number][] = []
  for (let at = 0; at < shapes.length; at++) {
    const from = at * (table?.recordBytes ?? 0)
    const isThere = table !== undefined && from + table.recordBytes <= escapedFrom
    if (isThere && sheet.bytes[from] === DELETED) continue
    const base = 2 * width * geometries.length
    if (isThere) putRecord(places, from, { sheet, spans, base, decode: table.decode })
    const shape = shapes[at]!
    if (shape === 'broken') broken.push({ row: geometries.length, number: index + at + 1 })
    geometries.push(shape === 'broken' ? null : shape.geometry)
  }
  const { bytes } = sheet
  const cells = { columns, count: geometries.length, bytes, spans, escapedFrom, ...placesOf(geometries) }
  return { cells, broken }
}
