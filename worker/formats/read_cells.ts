/** Readers of cells, under the name a source calls a format by: those of read_features.ts that also go by bytes. */
import type { CellBatch } from './cells.ts'
import { readCsvCells } from './csv_cells.ts'
import { readGeojsonCells } from './geojson_cells.ts'
import type { Reading } from './reading.ts'

/** Undefined where the file, or what the source says of it, asks for readers of features. */
type CellReader = (reading: Reading) => AsyncGenerator<CellBatch> | undefined

const READERS: ReadonlyMap<string, CellReader> = new Map([
  ['csv', readCsvCells],
  ['geojson', readGeojsonCells],
])

/** The rows of a file as cells; undefined where `readFeatures` has to read it. */
export function readCells(reading: Reading): AsyncGenerator<CellBatch> | undefined {
  // What came from an ESRI server is our own CSV, whatever format the source calls it.
  if (reading.isEsri) return readCsvCells(reading)
  return READERS.get(reading.conform.format ?? '')?.(reading)
}
