/**
 * Geometries of FlatGeobuf: coordinates in one long vector, with the ends of its parts in another.
 *
 * Curves are not read: who meets one asks GDAL to make it straight. Surfaces of triangles and polyhedra come as
 * polygons.
 */
import type { Geometry, Position } from '../../shared/row.ts'
import { tablesAt, u8At, type Vector, vectorAt } from './flatbuffer.ts'

/** Fields of a geometry, in the order of feature.fbs. */
export const FIELD = { ends: 0, xy: 1, z: 2, type: 6, parts: 7 }

/** As `GeometryType` of header.fbs numbers them. */
export const TYPE = {
  point: 1,
  lineString: 2,
  polygon: 3,
  multiPoint: 4,
  multiLineString: 5,
  multiPolygon: 6,
  geometryCollection: 7,
  firstCurve: 8,
  lastCurve: 14,
  polyhedralSurface: 15,
  tin: 16,
  triangle: 17,
} as const

const DOUBLE_BYTES = 8
const UINT_BYTES = 4

interface Coordinates {
  readonly bytes: Buffer
  readonly xy: Vector
  /** Without elements where there are no heights. */
  readonly z: Vector
}

/** What the whole file says of its geometries. */
export interface FgbKind {
  readonly geometryType: number
  readonly hasZ: boolean
}

/** Whether a geometry has arcs, itself or in one of its parts. */
export function isCurved(bytes: Buffer, table: number, { geometryType }: FgbKind): boolean {
  const type = u8At(bytes, table, FIELD.type) || geometryType
  if (type !== TYPE.geometryCollection) return type >= TYPE.firstCurve && type <= TYPE.lastCurve
  const parts = tablesAt(bytes, table, FIELD.parts)
  return parts.some((part) => isCurved(bytes, part, { geometryType: 0, hasZ: false }))
}

/** A geometry; null where there is none that GeoJSON knows. */
export function readFgbGeometry(
  bytes: Buffer,
  table: number,
  { geometryType, hasZ }: FgbKind,
): Geometry | null {
  const z = hasZ ? vectorAt(bytes, table, FIELD.z) : { start: 0, length: 0 }
  const coordinates = { bytes, xy: vectorAt(bytes, table, FIELD.xy), z }
  switch (u8At(bytes, table, FIELD.type) || geometryType) {
    case TYPE.point: {
      const [point] = positions(coordinates, 0, 1)
      return point === undefined ? null : { type: 'Point', coordinates: point }
    }
    case TYPE.multiPoint:
      return { type: 'MultiPoint', coordinates: positions(coordinates) }
    case TYPE.lineString:
      return { type: 'LineString', coordinates: positions(coordinates) }
    case TYPE.multiLineString:
      return { type: 'MultiLineString', coordinates: split(coordinates, vectorAt(bytes, table, FIELD.ends)) }
    case TYPE.polygon:
    case TYPE.triangle:
      return { type: 'Polygon', coordinates: split(coordinates, vectorAt(bytes, table, FIELD.ends)) }
    case TYPE.multiPolygon:
    case TYPE.polyhedralSurface:
    case TYPE.tin:
      return { type: 'MultiPolygon', coordinates: polygons(bytes, table, hasZ) }
    case TYPE.geometryCollection: {
      const parts = tablesAt(bytes, table, FIELD.parts)
      const geometries = parts.flatMap(
        (part) => readFgbGeometry(bytes, part, { geometryType: 0, hasZ }) ?? [],
      )
      return { type: 'GeometryCollection', geometries }
    }
    default:
      return null
  }
}

function polygons(bytes: Buffer, table: number, hasZ: boolean): Position[][][] {
  return tablesAt(bytes, table, FIELD.parts).map((part) => {
    const polygon = readFgbGeometry(bytes, part, { geometryType: TYPE.polygon, hasZ })
    return polygon?.type === 'Polygon' ? polygon.coordinates.map((ring) => [...ring]) : []
  })
}

/** Lines or rings; where nobody says their ends there is one. */
function split(coordinates: Coordinates, ends: Vector): Position[][] {
  if (ends.length === 0) return coordinates.xy.length === 0 ? [] : [positions(coordinates)]
  let from = 0
  return Array.from({ length: ends.length }, (_, index) => {
    const to = coordinates.bytes.readUInt32LE(ends.start + UINT_BYTES * index)
    const line = positions(coordinates, from, to)
    from = to
    return line
  })
}

function positions({ bytes, xy, z }: Coordinates, from = 0, to = xy.length / 2): Position[] {
  const list: Position[] = []
  for (let index = from; index < to && 2 * index + 1 < xy.length; index++) {
    const at = xy.start + 2 * DOUBLE_BYTES * index
    const x = bytes.readDoubleLE(at)
    const y = bytes.readDoubleLE(at + DOUBLE_BYTES)
    list.push(index < z.length ? [x, y, bytes.readDoubleLE(z.start + DOUBLE_BYTES * index)] : [x, y])
  }
  return list
}
