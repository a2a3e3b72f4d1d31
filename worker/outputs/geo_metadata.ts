/**
 * The `geo` metadata of a GeoParquet file, and the running facts that it is made of.
 *
 * Source: geoparquet.org 1.1, "File metadata".
 */
import { boundingBox, type Bounds, extendBounds, noBounds } from '../../shared/geometry/bounds.ts'
import type { Geometry } from '../../shared/row.ts'
import { hasHeights } from './wkb.ts'

/** Column names, as most writers have them. */
export const GEOMETRY_COLUMN = 'geometry'
export const BBOX_COLUMN = 'bbox'

/** Edges of the box of a feature, in the order of the struct. */
export const BBOX_EDGES = ['xmin', 'ymin', 'xmax', 'ymax'] as const

/** The box of one feature, in 32 bits: rounded outwards, so that nothing sticks out of it. */
export type Bbox = Readonly<Record<(typeof BBOX_EDGES)[number], number>>

/** What is known of the geometries of a file so far. */
export interface GeometryFacts {
  readonly types: Set<string>
  readonly bounds: Bounds
}

/** Nothing known yet. */
export function noFacts(): GeometryFacts {
  return { types: new Set(), bounds: noBounds() }
}

/** Note a geometry. @returns its box; null for one that is empty */
export function noteGeometry({ types, bounds }: GeometryFacts, geometry: Geometry): Bbox | null {
  types.add(hasHeights(geometry) ? `${geometry.type} Z` : geometry.type)
  const own = noBounds()
  extendBounds(own, geometry)
  const { west, south, east, north } = own
  if (west > east) return null
  bounds.west = Math.min(bounds.west, west)
  bounds.south = Math.min(bounds.south, south)
  bounds.east = Math.max(bounds.east, east)
  bounds.north = Math.max(bounds.north, north)
  return { xmin: below(west), ymin: below(south), xmax: above(east), ymax: above(north) }
}

/** The text of the `geo` key. Coordinates are OGC:CRS84, which is what its absence says. */
export function geoMetadata({ types, bounds }: GeometryFacts): string {
  const box = boundingBox(bounds)
  const covering = Object.fromEntries(BBOX_EDGES.map((edge) => [edge, [BBOX_COLUMN, edge]]))
  return JSON.stringify({
    version: '1.1.0',
    primary_column: GEOMETRY_COLUMN,
    columns: {
      [GEOMETRY_COLUMN]: {
        encoding: 'WKB',
        geometry_types: [...types].sort(),
        ...(box === null ? {} : { bbox: box }),
        covering: { bbox: covering },
      },
    },
  })
}

const float = new Float32Array(1)
const bits = new Int32Array(float.buffer)

/** The largest number of 32 bits that is not above x. */
function below(x: number): number {
  return Math.fround(x) <= x ? Math.fround(x) : neighbour(x, x < 0 ? 1 : -1)
}

/** The smallest that is not below x. */
function above(x: number): number {
  return Math.fround(x) >= x ? Math.fround(x) : neighbour(x, x < 0 ? -1 : 1)
}

/** One step away from zero, or with -1 towards it. */
function neighbour(x: number, step: 1 | -1): number {
  float[0] = x
  bits[0]! += step
  return float[0]
}
