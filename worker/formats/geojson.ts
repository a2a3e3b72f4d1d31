/**
 * GeoJSON: one FeatureCollection of any size, or one Feature after another.
 *
 * Columns are the names of all properties seen so far, in the order in which they came: a later feature
 * may bring new ones. Coordinates are taken for lon, lat whatever a `crs` member says, as the standard
 * demands and the reference did.
 */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { readGeometry } from '../../shared/geometry/geojson.ts'
import { GeometryError, type GeometryFault } from '../../shared/geometry/geometry_error.ts'
import type { Feature, Geometry, Row } from '../../shared/row.ts'
import { readText } from './encoding.ts'
import { readJsonFeature, type WholeReals } from './json_feature.ts'
import { openScanner } from './json_scan.ts'
import { BATCH_ROWS, type OnBadRow, type Reading, shortened } from './reading.ts'

/** What differs between GeoJSON from the world and GeoJSON that GDAL wrote for us. */
export interface GeojsonOptions {
  readonly path: string
  readonly encoding: string | undefined
  readonly wholeReals: WholeReals
  /** Whether a feature without a geometry is dropped and counted, or kept. */
  readonly needsGeometry: boolean
  /** Columns that are known before the first feature. */
  readonly columns: readonly string[]
  readonly signal: AbortSignal
  readonly onBadRow: OnBadRow
}

const NOT_JSON = 'is dropped because it is not good JSON'
const NO_FEATURE = 'is dropped because it is not a Feature'
const NO_GEOMETRY = 'is dropped because it has no geometry'

/** These are collections, empty or of another kind of JSON: they hold no feature and are none. */
const COLLECTION = 'FeatureCollection'

export function readGeojson(reading: Reading): AsyncGenerator<Feature[]> {
  return readGeojsonFile(worldOptions(reading))
}

/** GeoJSON from the world. */
export function worldOptions({ path, conform, signal, onBadRow }: Reading): GeojsonOptions {
  return {
    path,
    encoding: conform.encoding,
    wholeReals: 'as integers',
    needsGeometry: true,
    columns: [],
    signal,
    onBadRow,
  }
}

/** The features of a file, in batches. */
export async function* readGeojsonFile(options: GeojsonOptions): AsyncGenerator<Feature[]> {
  const scanner = openScanner()
  const fill = columnFiller(options.columns)
  let batch: Feature[] = []
  for await (const text of readText(options.path, options.encoding, options.signal)) {
    for (const found of scanner.write(text)) {
      const feature = readFeature(found, options, fill)
      if (feature !== undefined) batch.push(feature)
      if (batch.length < BATCH_ROWS) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
  scanner.end()
}

/**
 * Read one feature; undefined when it is dropped, or none.
 *
 * @param fill  gives a row the columns that others have
 */
export function readFeature(
  text: string,
  { wholeReals, needsGeometry, onBadRow }: GeojsonOptions,
  fill: (row: Row) => Row,
): Feature | undefined {
  try {
    const { type, row, geometry } = readJsonFeature(text, wholeReals)
    if (type === COLLECTION) return undefined
    if (type !== 'Feature' && geometry === undefined) return drop(NO_FEATURE)
    delete row[GEOMETRY_COLUMN]
    const place = readPlace(geometry)
    if (needsGeometry && typeof place === 'string')
      return drop(`is dropped because of its geometry (${place})`)
    if (needsGeometry && isNowhere(place)) return drop(NO_GEOMETRY)
    if (typeof place !== 'string') return { row: fill(row), geometry: place }
    onBadRow(`has a geometry that cannot be used (${place})`, shortened(text), 'displaced')
    return { row: fill(row), geometry: null }
  } catch (error) {
    if (error instanceof SyntaxError) return drop(NOT_JSON)
    throw error
  }

  function drop(reason: string): undefined {
    onBadRow(reason, shortened(text), 'dropped')
  }
}

/** The geometry, or what is wrong with it. */
function readPlace(geometry: unknown): Geometry | null | GeometryFault {
  try {
    return readGeometry(geometry)
  } catch (error) {
    if (error instanceof GeometryError) return error.fault
    throw error
  }
}

/** No geometry, or a point without coordinates. */
export function isNowhere(geometry: Geometry | GeometryFault | null): boolean {
  if (geometry === null || typeof geometry === 'string') return true
  return geometry.type === 'Point' && geometry.coordinates.length === 0
}

/** Gives each row all columns that were seen so far, in one order; what it does not have is empty. */
function columnFiller(first: readonly string[]): (row: Row) => Row {
  const columns = new Set(first)
  return (row) => {
    const filled: Row = {}
    for (const column of columns) filled[column] = row[column] ?? ''
    for (const column of Object.keys(row)) {
      if (columns.has(column)) continue
      columns.add(column)
      filled[column] = row[column] as string
    }
    return filled
  }
}
