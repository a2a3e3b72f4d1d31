/**
 * GeoJSON geometry from outside: checked once, trusted after.
 *
 * Source: RFC 7946. Numbers after a height are allowed, as there, and ignored by all who write.
 */

import type { Geometry, Position } from '../row.ts'
import { GeometryError } from './geometry_error.ts'
import { checkLine, checkRing } from './parts.ts'

/** How deep collections may lie in each other; more is an attack, not a map. */
const NESTING_MAX = 32

/** What the coordinates of each type must be. */
const CHECKS: Readonly<Record<string, (coordinates: unknown) => void>> = {
  Point: (coordinates) => {
    if (array(coordinates).length > 0) checkPosition(coordinates)
  },
  MultiPoint: (coordinates) => array(coordinates).forEach(checkPosition),
  LineString: checkLineString,
  MultiLineString: (coordinates) => array(coordinates).forEach(checkLineString),
  Polygon: checkPolygon,
  MultiPolygon: (coordinates) => array(coordinates).forEach(checkPolygon),
}

/**
 * Read the `geometry` of a feature.
 *
 * @param json  parsed JSON; its coordinates are kept, not copied
 * @returns null where there is none: null, absent, or without coordinates
 * @throws {GeometryError} when it is something that cannot be
 */
export function readGeometry(json: unknown): Geometry | null {
  return read(json, 0)
}

function read(json: unknown, depth: number): Geometry | null {
  if (json === null || json === undefined) return null
  if (typeof json !== 'object')
    throw new GeometryError('not-geojson', `a geometry is an object, not ${typeof json}`)
  const { type, coordinates, geometries } = json as Record<string, unknown>
  if (type === 'GeometryCollection') return readCollection(geometries, depth)
  if (typeof type !== 'string' || !Object.hasOwn(CHECKS, type)) {
    throw new GeometryError('unknown-type', typeof type === 'string' ? type.slice(0, 80) : `${typeof type}`)
  }
  if (coordinates === null || coordinates === undefined) return null
  CHECKS[type]!(coordinates)
  // The table has just seen that these coordinates are those of this type.
  return { type, coordinates } as Geometry
}

function readCollection(geometries: unknown, depth: number): Geometry | null {
  if (geometries === null || geometries === undefined) return null
  if (depth >= NESTING_MAX)
    throw new GeometryError('not-geojson', `collections nested over ${NESTING_MAX} deep`)
  const members = array(geometries).map((member) => read(member, depth + 1))
  return { type: 'GeometryCollection', geometries: members.filter((member) => member !== null) }
}

function checkPolygon(rings: unknown): void {
  for (const ring of array(rings)) checkRing(positions(ring))
}

function checkLineString(line: unknown): void {
  checkLine(positions(line))
}

function positions(value: unknown): readonly Position[] {
  const all = array(value)
  for (let i = 0; i < all.length; i++) checkPosition(all[i])
  return all as Position[]
}

function checkPosition(value: unknown): void {
  const position = array(value)
  if (position.length < 2)
    throw new GeometryError('not-geojson', `a position has two numbers, not ${position.length}`)
  for (let i = 0; i < position.length; i++) {
    if (typeof position[i] !== 'number') {
      throw new GeometryError('not-a-number', `${JSON.stringify(position[i])?.slice(0, 80)} in a position`)
    }
    if (!Number.isFinite(position[i])) throw new GeometryError('not-finite', `a position at (${position})`)
  }
}

function array(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new GeometryError('not-geojson', `expected an array, got ${JSON.stringify(value)?.slice(0, 80)}`)
}
