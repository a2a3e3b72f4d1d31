/**
 * Coordinates as they are written: seven decimals, about a centimetre.
 *
 * Spec: processing.md §8.3. Heights are rounded too; what comes after a height is dropped. To agree with
 * the reference to the last decimal, round what was read back from `oa:geom`: half-way coordinates, such
 * as the middles that interior points often are, depend on whether 15 digits came between.
 */

import type { Geometry, Position } from '../row.ts'
import { roundDecimal } from './decimal.ts'

/** Decimals of a coordinate in the output. */
export const COORDINATE_DECIMALS = 7

/**
 * The geometry for the output, correctly rounded, halves to even.
 *
 * @returns null for an empty point, which GeoJSON cannot say
 */
export function roundGeometry(geometry: Geometry, decimals: number = COORDINATE_DECIMALS): Geometry | null {
  if (geometry.type === 'Point' && geometry.coordinates.length === 0) return null
  return rounded(geometry, decimals)
}

function rounded(geometry: Geometry, decimals: number): Geometry {
  const { type } = geometry
  switch (type) {
    case 'Point':
      return { type, coordinates: position(geometry.coordinates, decimals) }
    case 'MultiPoint':
    case 'LineString':
      return { type, coordinates: line(geometry.coordinates, decimals) }
    case 'MultiLineString':
    case 'Polygon':
      return { type, coordinates: geometry.coordinates.map((part) => line(part, decimals)) }
    case 'MultiPolygon':
      return {
        type,
        coordinates: geometry.coordinates.map((rings) => rings.map((ring) => line(ring, decimals))),
      }
    case 'GeometryCollection':
      return { type, geometries: geometry.geometries.map((member) => rounded(member, decimals)) }
  }
}

function line(positions: readonly Position[], decimals: number): Position[] {
  return positions.map((each) => position(each, decimals))
}

function position(from: Position, decimals: number): Position {
  if (from.length === 0) return []
  const x = roundDecimal(from[0]!, decimals)
  const y = roundDecimal(from[1]!, decimals)
  return from.length === 2 ? [x, y] : [x, y, roundDecimal(from[2]!, decimals)]
}
