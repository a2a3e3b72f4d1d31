/**
 * Readers of cells, under the name a source calls a format by.
 *
 * What has none of its own, or a file that it cannot read, is read row by row, and its rows made cells.
 */
import type { CellBatch } from './cells.ts'
import { readCsvCells } from './csv_cells.ts'
import { readGeojsonCells } from './geojson_cells.ts'
import { readOgrCells } from './ogr_cells.ts'
import { readFeatures } from './read_features.ts'
import type { Reading } from './reading.ts'
import { cellsOfFeatures } from './row_cells.ts'
import { readShapefileCells } from './shapefile_cells.ts'

/** Undefined where the file, or what the source says of it, asks for readers of features. */
type CellReader = (reading: Reading) => AsyncGenerator<CellBatch> | undefined

const READERS: ReadonlyMap<string, CellReader> = new Map<string, CellReader>([
  ['csv', readCsvCells],
  ['geojson', readGeojsonCells],
  ['gdb', readOgrCells],
  ['gpkg', readOgrCells],
  ['xml', readOgrCells],
  ['shapefile', readShapefileCells],
  ['shapefile-polygon', readShapefileCells],
  // An empty format was always read as a shapefile.
  ['', readShapefileCells],
])

/**
 * The rows of a file as cells, in its order.
 *
 * @throws {SourceError} when the file is not what the source says it is; a bad row is counted instead
 */
export function readCells(reading: Reading): AsyncGenerator<CellBatch> {
  // What came from an ESRI server is our own CSV, whatever format the source calls it.
  const { format } = reading.conform
  const read = reading.isEsri ? readCsvCells : format === undefined ? undefined : READERS.get(format)
  return read?.(reading) ?? cellsOfFeatures(readFeatures(reading))
}
