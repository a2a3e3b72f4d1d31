/**
 * WKT as GEOS and OGR read it: the door for `oa:geom`.
 *
 *     POINT (1 2)   point z(1 2 3)   MULTIPOINT (1 2,3 4)   POLYGON EMPTY   TIN (((0 0,0 1,1 1,0 0)))
 *
 * Heights are kept, measures dropped. Triangles become polygons, and surfaces made of them
 * multipolygons. Curves are known and refused: whoever reads them from a file can have them
 * straightened by OGR. Empty parts of anything but a collection are left out.
 */

import type { Geometry, Position } from '../row.ts'
import { GeometryError } from './geometry_error.ts'
import { checkLine, checkRing, EMPTY_POINT, type PointGeometry } from './parts.ts'
import { type Axes, axes, type Cursor, expectEnd, list, positionAt, wordAt } from './wkt_cursor.ts'

/** How deep collections may lie in each other; more is an attack, not a map. */
const NESTING_MAX = 32

type Reader = (cursor: Cursor, axes: Axes) => Geometry

/** Every type that can be read, under its name. */
const TYPES: Readonly<Record<string, Reader>> = {
  POINT: point,
  LINESTRING: (cursor, axes) => ({ type: 'LineString', coordinates: line(cursor, axes) }),
  LINEARRING: (cursor, axes) => ({ type: 'LineString', coordinates: ring(cursor, axes) }),
  POLYGON: polygon,
  TRIANGLE: polygon,
  MULTIPOINT: multiPoint,
  MULTILINESTRING: (cursor, axes) => ({
    type: 'MultiLineString',
    coordinates: filled(list(cursor, () => line(cursor, axes))),
  }),
  MULTIPOLYGON: multiPolygon,
  TIN: multiPolygon,
  POLYHEDRALSURFACE: multiPolygon,
  GEOMETRYCOLLECTION: collection,
}

/** Every type that cannot. */
const CURVES: ReadonlySet<string> = new Set([
  'CIRCULARSTRING',
  'COMPOUNDCURVE',
  'CURVEPOLYGON',
  'MULTICURVE',
  'MULTISURFACE',
  'CURVE',
  'SURFACE',
])

/**
 * Read one geometry.
 *
 * @returns an empty point for `POINT EMPTY` and for one that is nowhere, `POINT (nan nan)`
 * @throws {GeometryError} when the text is not WKT, or says something that cannot be
 */
export function parseWkt(text: string): Geometry {
  const cursor: Cursor = { text, at: 0, depth: 0 }
  const read = geometry(cursor)
  expectEnd(cursor)
  return read
}

function geometry(cursor: Cursor): Geometry {
  const word = wordAt(cursor).toUpperCase()
  const [, name, glued] = /^([A-Z]*?)(ZM?|M)?$/.exec(word) ?? []
  if (name !== undefined && Object.hasOwn(TYPES, name)) return TYPES[name]!(cursor, axes(cursor, glued ?? ''))
  if (name !== undefined && CURVES.has(name)) throw new GeometryError('curve', name)
  if (word === '')
    throw new GeometryError('not-wkt', `no type at ${cursor.at} of ${cursor.text.slice(0, 80)}`)
  throw new GeometryError('unknown-type', word.slice(0, 80))
}

function collection(cursor: Cursor): Geometry {
  if (cursor.depth === NESTING_MAX)
    throw new GeometryError('not-wkt', `collections nested over ${NESTING_MAX} deep`)
  cursor.depth++
  const geometries = list(cursor, () => geometry(cursor))
  cursor.depth--
  return { type: 'GeometryCollection', geometries }
}

function point(cursor: Cursor, axes: Axes): PointGeometry {
  const [position] = list(cursor, () => positionAt(cursor, axes), 1)
  if (position === undefined) return EMPTY_POINT
  return Number.isFinite(position[0]) && Number.isFinite(position[1])
    ? { type: 'Point', coordinates: position }
    : EMPTY_POINT
}

/** Its points may stand in brackets of their own. */
function multiPoint(cursor: Cursor, axes: Axes): Geometry {
  const members = list(cursor, (bare) => (bare ? vertex(cursor, axes) : bracketed(cursor, axes)))
  return { type: 'MultiPoint', coordinates: filled(members) }
}

function bracketed(cursor: Cursor, axes: Axes): Position {
  return list(cursor, () => vertex(cursor, axes), 1)[0] ?? []
}

function polygon(cursor: Cursor, axes: Axes): Geometry {
  return { type: 'Polygon', coordinates: rings(cursor, axes) }
}

function multiPolygon(cursor: Cursor, axes: Axes): Geometry {
  return { type: 'MultiPolygon', coordinates: filled(list(cursor, () => rings(cursor, axes))) }
}

function rings(cursor: Cursor, axes: Axes): Position[][] {
  return filled(list(cursor, () => ring(cursor, axes)))
}

function ring(cursor: Cursor, axes: Axes): Position[] {
  const positions = list(cursor, () => vertex(cursor, axes))
  checkRing(positions)
  return positions
}

function line(cursor: Cursor, axes: Axes): Position[] {
  const positions = list(cursor, () => vertex(cursor, axes))
  checkLine(positions)
  return positions
}

function vertex(cursor: Cursor, axes: Axes): Position {
  const position = positionAt(cursor, axes)
  if (Number.isFinite(position[0]) && Number.isFinite(position[1])) return position
  throw new GeometryError('not-finite', `a vertex at (${position})`)
}

function filled<Part extends readonly unknown[]>(parts: Part[]): Part[] {
  return parts.every((part) => part.length > 0) ? parts : parts.filter((part) => part.length > 0)
}
