/** Where a row of a table is: two cells with numbers, or one with WKT. */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import { parseWkt } from '../../shared/geometry/wkt.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Geometry } from '../../shared/row.ts'
import { named, type OnBadRow, type Reading, shortened } from './reading.ts'

/** Why a row is without its place. */
export const NO_NUMBER = 'has a coordinate that is not a number'
const NO_WKT = 'has a geometry that cannot be read'

/** Our ESRI client writes what a server sent, and some send NaN. */
const NOWHERE = /\bnan\b/i
const OLD_NOWHERE = 'POINT (nan nan)'

/** A number as GDAL reads one inside WKT. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * The columns of longitude and latitude.
 *
 * @throws {SourceError} when the two columns are not named, or not there
 */
export function placeColumns({ conform, isEsri }: Reading, columns: readonly string[]): [string, string] {
  const { lon, lat } = conform
  if (isEsri) throw new SourceError('no-such-column', `no ${GEOMETRY_COLUMN} in the file of an ESRI source`)
  if (lon === undefined || lat === undefined) {
    throw new SourceError('source-invalid', 'a CSV needs the tags conform.lon and conform.lat')
  }
  const missing = [lon, lat].filter((name) => !columns.includes(name))
  if (missing.length === 0) return [lon, lat]
  throw new SourceError('no-such-column', `no ${named(missing)}; there are ${named(columns)}`)
}

/** A point; null where either coordinate is blank, undefined where one is no number. */
export function readPoint(lon: string, lat: string): Geometry | null | undefined {
  const texts = [lon, lat].map((text) => text.trim().replaceAll(',', '.'))
  if (texts.includes('')) return null
  if (!texts.every((text) => NUMBER.test(text))) return undefined
  return { type: 'Point', coordinates: texts.map(Number) }
}

/** The geometry of a cell with WKT; null where it is blank or cannot be read. */
export function readWkt(wkt: string, onBadRow: OnBadRow): Geometry | null {
  if (wkt.trim() === '') return null
  try {
    const geometry = parseWkt(wkt)
    if (NOWHERE.test(wkt)) onBadRow(NO_NUMBER, shortened(wkt), 'displaced')
    // The reference knew one spelling, that of older GEOS, and took it for nothing at all. `POINT (NaN NaN)`,
    // which newer GEOS writes, became an empty point; both end as null, but their hashes differ.
    return wkt === OLD_NOWHERE ? null : geometry
  } catch (error) {
    if (!(error instanceof GeometryError)) throw error
    onBadRow(`${NO_WKT} (${error.fault})`, shortened(wkt), 'displaced')
    return null
  }
}
