/**
 * The geometry of an ESRI feature: `{x, y}`, `{points}`, `{paths}` or `{rings}`.
 *
 * Rings come in one list: clockwise ones are outer, the others holes of the outer one before them.
 * Spec: processing.md §5.3. Other than there, 0 is a coordinate, and NaN, which ESRI writes as the text
 * "NaN" for a point that has no place, is an empty point.
 *
 * Source: ArcGIS REST API, "Geometry objects".
 */

import type { Geometry, Position } from '../row.ts'
import { GeometryError } from './geometry_error.ts'
import { checkLine, EMPTY_POINT } from './parts.ts'

/** Fewer points than this do not make a ring. */
const RING_POINTS_MIN = 3

/**
 * Convert the `geometry` of an ESRI feature.
 *
 * @param json  parsed JSON
 * @returns null where there is none, or one of a kind that is not read, such as curves and envelopes;
 *   an empty geometry where there is one without a place
 * @throws {GeometryError} when a vertex has no numbers, or a path only one vertex
 */
export function esriGeometry(json: unknown): Geometry | null {
  if (typeof json !== 'object' || json === null) return null
  const { x, y, points, paths, rings } = json as Record<string, unknown>
  if (x !== undefined || y !== undefined) return pointGeometry(x, y)
  if (Array.isArray(points)) return pointsGeometry(points.map(vertex))
  if (Array.isArray(paths)) return pathsGeometry(lines(paths))
  if (Array.isArray(rings)) return ringsGeometry(lines(rings))
  return null
}

function pointGeometry(x: unknown, y: unknown): Geometry | null {
  const position = [ordinate(x), ordinate(y)]
  if (position[0] === undefined || position[1] === undefined) return null
  return position.every(Number.isFinite) ? { type: 'Point', coordinates: position as Position } : EMPTY_POINT
}

function pointsGeometry(points: Position[]): Geometry {
  return points.length === 1
    ? { type: 'Point', coordinates: points[0]! }
    : { type: 'MultiPoint', coordinates: points }
}

function pathsGeometry(paths: Position[][]): Geometry {
  const lines = paths.filter((path) => path.length > 0)
  for (const line of lines) checkLine(line)
  return lines.length === 1
    ? { type: 'LineString', coordinates: lines[0]! }
    : { type: 'MultiLineString', coordinates: lines }
}

function ringsGeometry(rings: Position[][]): Geometry | null {
  const sound = rings.filter(isRing)
  const polygons: Position[][][] = []
  for (const ring of sound) {
    const closed = isClosed(ring) ? ring : [...ring, ring[0]!]
    // A ring that is alone can be no hole, whichever way it runs.
    if (sound.length === 1 || isClockwise(closed)) polygons.push([closed])
    else polygons.at(-1)?.push(closed)
  }
  if (polygons.length === 0) return null
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]! }
    : { type: 'MultiPolygon', coordinates: polygons }
}

function isRing(ring: readonly Position[]): boolean {
  return ring.length > RING_POINTS_MIN || (ring.length === RING_POINTS_MIN && !isClosed(ring))
}

/** Same place and same height: a ring that climbs gets a last side. */
function isClosed(ring: readonly Position[]): boolean {
  const first = ring[0]!
  const last = ring[ring.length - 1]!
  return first.length === last.length && first.every((number, axis) => number === last[axis])
}

/** By the sign of the area; rings without any count as clockwise. */
function isClockwise(ring: readonly Position[]): boolean {
  let sum = 0
  for (let i = 1; i < ring.length; i++) {
    const from = ring[i - 1]!
    const to = ring[i]!
    sum += (to[0]! - from[0]!) * (to[1]! + from[1]!)
  }
  return sum >= 0
}

function lines(value: readonly unknown[]): Position[][] {
  return value.map((line) => {
    if (!Array.isArray(line)) throw new GeometryError('not-a-number', 'a path that is not a list of points')
    return line.map(vertex)
  })
}

/** A vertex with its height and measure as extra numbers, where those are numbers. */
function vertex(value: unknown): Position {
  const numbers = Array.isArray(value) ? value.map(ordinate) : []
  const [x, y] = numbers
  if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) {
    throw new GeometryError('not-a-number', `a vertex at ${JSON.stringify(value)?.slice(0, 80)}`)
  }
  const end = numbers.findIndex((number) => number === undefined || !Number.isFinite(number))
  return (end === -1 ? numbers : numbers.slice(0, end)) as Position
}

/** A number, also as text; NaN for text that is none; undefined where nothing is. */
function ordinate(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return undefined
  return value.trim() === '' ? NaN : Number(value)
}
