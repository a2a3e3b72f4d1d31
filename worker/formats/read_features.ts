/** Readers: every format, under the name a source calls it by. */
import { SourceError } from '../../shared/problem.ts'
import type { Feature } from '../../shared/row.ts'
import { readCsv } from './csv.ts'
import { readGeojson } from './geojson.ts'
import { readOgr } from './ogr.ts'
import type { Reader, Reading } from './reading.ts'
import { readShapefile } from './shapefile.ts'

const READERS: ReadonlyMap<string, Reader> = new Map([
  ['csv', readCsv],
  ['geojson', readGeojson],
  ['shapefile', readShapefile],
  // The original forgot this name on its way from version 1; eleven sources still use it.
  ['shapefile-polygon', readShapefile],
  ['gdb', readOgr],
  ['gpkg', readOgr],
  ['xml', readOgr],
])

/** Every format that can be read. */
export const FORMATS: readonly string[] = [...READERS.keys()]

/**
 * The features of a file, in its order, in batches.
 *
 * @throws {SourceError} when the file is not what the source says it is; a bad row is counted instead
 */
export function readFeatures(reading: Reading): AsyncGenerator<Feature[]> {
  // What came from an ESRI server is our own CSV, whatever format the source calls it.
  if (reading.isEsri) return readCsv(reading)
  const { format } = reading.conform
  if (format === undefined)
    throw new SourceError('unknown-format', `none is named; there are ${FORMATS.join(', ')}`)
  // An empty format was always read as a shapefile.
  const reader = READERS.get(format === '' ? 'shapefile' : format)
  if (reader !== undefined) return reader(reading)
  throw new SourceError('unknown-format', `${JSON.stringify(format)}; there are ${FORMATS.join(', ')}`)
}
