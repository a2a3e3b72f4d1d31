/**
 * A running bounding box: what a run covers, kept up row by row.
 *
 * It is changed in place, because millions of rows pass. The antimeridian is nothing special here:
 * data on both sides of it has a box around the world.
 */

import type { Geometry, Position } from '../row.ts'
import { eachPosition } from './parts.ts'

/** A box in degrees; while it holds nothing, west is east of east. */
export interface Bounds {
  west: number
  south: number
  east: number
  north: number
}

/** A box that holds nothing. */
export function noBounds(): Bounds {
  return { west: Infinity, south: Infinity, east: -Infinity, north: -Infinity }
}

/** Make the box large enough for a geometry; null and empty geometries leave it as it is. */
export function extendBounds(bounds: Bounds, geometry: Geometry | null): void {
  if (geometry === null) return
  if (geometry.type === 'Point') {
    if (geometry.coordinates.length > 0) extendByPosition(bounds, geometry.coordinates)
    return
  }
  eachPosition(geometry, (position) => extendByPosition(bounds, position))
}

/** West, south, east, north; null for a box that holds nothing. */
export function boundingBox({ west, south, east, north }: Bounds): [number, number, number, number] | null {
  return west <= east ? [west, south, east, north] : null
}

/** Comparisons with NaN are false, so such a position leaves the box as it is. */
function extendByPosition(bounds: Bounds, position: Position): void {
  const x = position[0]!
  const y = position[1]!
  if (x < bounds.west) bounds.west = x
  if (x > bounds.east) bounds.east = x
  if (y < bounds.south) bounds.south = y
  if (y > bounds.north) bounds.north = y
}
