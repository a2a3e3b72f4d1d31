/**
 * The place of an ESRI feature, as the WKT that goes into the CSV: its geometry, or where there is none the
 * coordinates in two of its columns.
 *
 * Source: processing.md §5.1, §5.3; demand 79.
 */
import { parseFloatText } from '../../shared/conform/python.ts'
import { esriGeometry } from '../../shared/geometry/esri_geometry.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import { geosWkt } from '../../shared/geometry/geos_wkt.ts'
import type { Geometry } from '../../shared/row.ts'
import { type JsonObject, pythonText, unmarked } from './esri_json.ts'

/** What the original wrote for a point of NaN; readers take it as no geometry. */
export const NOWHERE = 'POINT (NaN NaN)'

/** Columns with coordinates, in degrees. */
export interface CoordinateColumns {
  readonly lat: string | undefined
  readonly lon: string | undefined
}

/** @returns WKT, or why there is none */
export function placeOf(
  feature: JsonObject,
  attributes: JsonObject,
  { lat, lon }: CoordinateColumns,
): string | 'withoutGeometry' | 'badGeometry' {
  const geometry = geometryOf(feature)
  if (geometry === undefined) return 'badGeometry'
  if (geometry !== null) return isNowhere(geometry) ? NOWHERE : geosWkt(geometry)
  if (lat === undefined || lon === undefined) return 'withoutGeometry'
  return pointOf(attributes[lon], attributes[lat]) ?? 'withoutGeometry'
}

/** @returns null where there is none, undefined where it cannot be one */
function geometryOf({ geometry }: JsonObject): Geometry | null | undefined {
  try {
    return esriGeometry(unmarked(geometry))
  } catch (error) {
    if (error instanceof GeometryError) return undefined
    throw error
  }
}

function isNowhere(geometry: Geometry): boolean {
  return geometry.type === 'Point' && geometry.coordinates.length === 0
}

function pointOf(x: unknown, y: unknown): string | undefined {
  const [lon, lat] = [parseFloatText(pythonText(x)), parseFloatText(pythonText(y))]
  if (lon === undefined || lat === undefined) return undefined
  const isSomewhere = Number.isFinite(lon) && Number.isFinite(lat)
  return isSomewhere ? geosWkt({ type: 'Point', coordinates: [lon, lat] }) : NOWHERE
}
