/**
 * The point on the surface: one place that stands for a geometry, and lies on or in it.
 *
 * It is GEOS's interior point. Areas win over lines, lines over points, also in a mixed collection;
 * that an empty polygon in a collection hides its points is GEOS's doing and kept.
 * Spec: processing.md §8.2; cases: conformance/observed/geometry.json.
 */

import type { Geometry, Position } from '../row.ts'
import { areaPoint } from './interior_area.ts'
import { linePoint, memberPoint } from './interior_line.ts'
import { EMPTY_POINT, type PointGeometry } from './parts.ts'

/**
 * The point on the surface of a geometry.
 *
 * A height is kept only where the point is a vertex of a line.
 *
 * @returns an empty point for a geometry that is empty or nowhere (NaN)
 */
export function interiorPoint(geometry: Geometry): PointGeometry {
  const position = geometry.type === 'Point' ? geometry.coordinates : place(geometry)
  if (position === null || !Number.isFinite(position[0]) || !Number.isFinite(position[1])) return EMPTY_POINT
  if (geometry.type !== 'Point') return { type: 'Point', coordinates: position }
  return position.length === 2 ? geometry : { type: 'Point', coordinates: [position[0]!, position[1]!] }
}

function place(geometry: Geometry): Position | null {
  switch (dimension(geometry)) {
    case 2:
      return areaPoint(geometry)
    case 1:
      return linePoint(geometry)
    default:
      return memberPoint(geometry)
  }
}

/** 0 for points, 1 for lines, 2 for areas; the highest of a collection's members, and -1 without any. */
function dimension(geometry: Geometry): number {
  switch (geometry.type) {
    case 'Point':
    case 'MultiPoint':
      return 0
    case 'LineString':
    case 'MultiLineString':
      return 1
    case 'Polygon':
    case 'MultiPolygon':
      return 2
    case 'GeometryCollection':
      return geometry.geometries.reduce((highest, member) => Math.max(highest, dimension(member)), -1)
  }
}
