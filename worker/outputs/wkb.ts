/**
 * Well-known binary: a geometry as bytes, little-endian, as GeoParquet wants it.
 *
 * Heights are ISO's way, 1000 added to the type, and only where every position has one: half a
 * height is none. An empty point is a point of NaN, as everywhere.
 *
 * Source: OGC 06-103r4, 8.2; geoparquet.org 1.1, "Geometry columns".
 */
import { eachPosition } from '../../shared/geometry/parts.ts'
import type { Geometry, Position } from '../../shared/row.ts'

/** Codes of the types, also FlatGeobuf's. */
export const TYPE_CODES = {
  Point: 1,
  LineString: 2,
  Polygon: 3,
  MultiPoint: 4,
  MultiLineString: 5,
  MultiPolygon: 6,
  GeometryCollection: 7,
} as const satisfies Record<Geometry['type'], number>

const Z = 1000
const LITTLE_ENDIAN = 1
const HEAD_BYTES = 5
const COUNT_BYTES = 4
const ORDINATE_BYTES = 8

/** Whether a geometry has heights: all of its positions, or it counts as none. */
export function hasHeights(geometry: Geometry): boolean {
  if (geometry.type === 'Point') return geometry.coordinates.length > 2
  let count = 0
  let high = 0
  eachPosition(geometry, (position) => {
    count += 1
    if (position.length > 2) high += 1
  })
  return count > 0 && high === count
}

/** The bytes of a geometry. */
export function wkb(geometry: Geometry): Uint8Array {
  const width = hasHeights(geometry) ? 3 : 2
  const bytes = new Uint8Array(sizeOf(geometry, width * ORDINATE_BYTES))
  write({ view: new DataView(bytes.buffer), at: 0, width }, geometry)
  return bytes
}

interface Pen {
  readonly view: DataView
  at: number
  /** Ordinates of a position. */
  readonly width: number
}

function sizeOf(geometry: Geometry, positionBytes: number): number {
  const line = (positions: readonly Position[]) => COUNT_BYTES + positions.length * positionBytes
  const rings = (lines: readonly (readonly Position[])[]) =>
    lines.reduce((sum, positions) => sum + line(positions), COUNT_BYTES)
  switch (geometry.type) {
    case 'Point':
      return HEAD_BYTES + positionBytes
    case 'LineString':
      return HEAD_BYTES + line(geometry.coordinates)
    case 'Polygon':
      return HEAD_BYTES + rings(geometry.coordinates)
    default:
      return members(geometry).reduce(
        (sum, member) => sum + sizeOf(member, positionBytes),
        HEAD_BYTES + COUNT_BYTES,
      )
  }
}

function write(pen: Pen, geometry: Geometry): void {
  pen.view.setUint8(pen.at, LITTLE_ENDIAN)
  pen.view.setUint32(pen.at + 1, TYPE_CODES[geometry.type] + (pen.width === 3 ? Z : 0), true)
  pen.at += HEAD_BYTES
  switch (geometry.type) {
    case 'Point':
      writePosition(pen, geometry.coordinates)
      return
    case 'LineString':
      writeLine(pen, geometry.coordinates)
      return
    case 'Polygon':
      writeCount(pen, geometry.coordinates.length)
      for (const ring of geometry.coordinates) writeLine(pen, ring)
      return
    default: {
      const all = members(geometry)
      writeCount(pen, all.length)
      for (const member of all) write(pen, member)
    }
  }
}

/** What a geometry of several parts is made of. */
function members(geometry: Geometry): readonly Geometry[] {
  switch (geometry.type) {
    case 'MultiPoint':
      return geometry.coordinates.map((coordinates) => ({ type: 'Point', coordinates }))
    case 'MultiLineString':
      return geometry.coordinates.map((coordinates) => ({ type: 'LineString', coordinates }))
    case 'MultiPolygon':
      return geometry.coordinates.map((coordinates) => ({ type: 'Polygon', coordinates }))
    case 'GeometryCollection':
      return geometry.geometries
    default:
      return []
  }
}

function writeCount(pen: Pen, count: number): void {
  pen.view.setUint32(pen.at, count, true)
  pen.at += COUNT_BYTES
}

function writeLine(pen: Pen, positions: readonly Position[]): void {
  writeCount(pen, positions.length)
  for (const position of positions) writePosition(pen, position)
}

function writePosition(pen: Pen, position: Position): void {
  for (let axis = 0; axis < pen.width; axis++) {
    pen.view.setFloat64(pen.at, position[axis] ?? Number.NaN, true)
    pen.at += ORDINATE_BYTES
  }
}
