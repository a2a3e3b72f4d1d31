/**
 * The parts of a geometry: its positions, and the rules every part must keep.
 *
 * An empty geometry has no positions: `coordinates: []`, also for a point. It is not the same as no
 * geometry: a row whose point is empty is kept, with `POINT EMPTY` in its hash and `null` in the output.
 */

import type { Geometry, Position } from '../row.ts'
import { GeometryError } from './geometry_error.ts'

/** A place, or with no coordinates the want of one. */
export type PointGeometry = Extract<Geometry, { readonly type: 'Point' }>

/** The point that is nowhere. */
export const EMPTY_POINT: PointGeometry = Object.freeze({ type: 'Point', coordinates: Object.freeze([]) })

/** Show each position of a geometry once, in the order in which it is written. */
export function eachPosition(geometry: Geometry, visit: (position: Position) => void): void {
  switch (geometry.type) {
    case 'Point':
      if (geometry.coordinates.length > 0) visit(geometry.coordinates)
      return
    case 'MultiPoint':
    case 'LineString':
      for (const position of geometry.coordinates) visit(position)
      return
    case 'MultiLineString':
    case 'Polygon':
      for (const line of geometry.coordinates) for (const position of line) visit(position)
      return
    case 'MultiPolygon':
      for (const rings of geometry.coordinates)
        for (const ring of rings) for (const position of ring) visit(position)
      return
    case 'GeometryCollection':
      for (const member of geometry.geometries) eachPosition(member, visit)
  }
}

/** Whether two positions are the same place, whatever their heights. */
export function samePlace(a: Position, b: Position): boolean {
  return a[0] === b[0] && a[1] === b[1]
}

/**
 * A line needs two points, or none.
 *
 * @throws {GeometryError} too-few-points
 */
export function checkLine(line: readonly Position[]): void {
  if (line.length === 1) throw new GeometryError('too-few-points', `a line of one point (${line[0]})`)
}

/**
 * A ring ends where it began. How many points it has is not asked: shapefiles have rings of two, and
 * an address can still be placed in them.
 *
 * @throws {GeometryError} unclosed-ring
 */
export function checkRing(ring: readonly Position[]): void {
  if (ring.length === 0) return
  const first = ring[0]!
  const last = ring[ring.length - 1]!
  if (!samePlace(first, last)) {
    throw new GeometryError('unclosed-ring', `a ring starts at (${first}) and ends at (${last})`)
  }
}
