/**
 * The geometry of a feature of FlatGeobuf as numbers, where it is a point, a line or an area without
 * heights; fgb_geometry.ts, the oracle, reads all others.
 */
import { fieldIn, vectorIn } from './flatbuffer.ts'
import { FIELD, type FgbKind, TYPE } from './fgb_geometry.ts'
import {
  beginShape,
  dropShape,
  endShape,
  type FlatDraft,
  LINE,
  LINES,
  POLYGON,
  POLYGONS,
  putSize,
  reserveCorners,
} from './flat_shapes.ts'

/** Where geometries are put, by row. */
export interface FgbGoal {
  /** Of the rows before this one. */
  readonly count: number
  readonly flat: FlatDraft
  /** Of points. */
  readonly x: Float64Array
  readonly y: Float64Array
}

const UINT_BYTES = 4
const DOUBLE_BYTES = 8

/** Put a geometry as that of the next row; false where that cannot be done. */
export function putFgbGeometry(
  view: DataView,
  table: number,
  { flat, x, y, count: row }: FgbGoal,
  { hasZ, geometryType }: FgbKind,
): boolean {
  if (hasZ) return false
  const typeAt = fieldIn(view, table, FIELD.type)
  const type = typeAt === 0 ? geometryType : view.getUint8(typeAt) || geometryType
  if (type === TYPE.point) {
    const xy = vectorIn(view, table, FIELD.xy)
    if (xy === 0 || view.getUint32(xy - UINT_BYTES, true) !== 2) return false
    const east = view.getFloat64(xy, true)
    const north = view.getFloat64(xy + DOUBLE_BYTES, true)
    if (!Number.isFinite(east) || !Number.isFinite(north)) return false
    x[row] = east
    y[row] = north
    return true
  }
  const kind = KINDS.get(type)
  if (kind === undefined) return false
  beginShape(flat, row)
  const isPut = kind === POLYGONS ? putPolygons(view, table, flat) : putLines(view, table, flat, kind)
  return isPut ? endShape(flat, row, kind) : dropShape(flat, row)
}

const KINDS: ReadonlyMap<number, number> = new Map([
  [TYPE.lineString, LINE],
  [TYPE.multiLineString, LINES],
  [TYPE.polygon, POLYGON],
  [TYPE.multiPolygon, POLYGONS],
])

function putPolygons(view: DataView, table: number, flat: FlatDraft): boolean {
  const parts = vectorIn(view, table, FIELD.parts)
  const count = parts === 0 ? 0 : view.getUint32(parts - UINT_BYTES, true)
  if (count === 0) return false
  putSize(flat, count)
  for (let part = 0; part < count; part++) {
    const at = parts + UINT_BYTES * part
    if (!putLines(view, at + view.getUint32(at, true), flat, POLYGON)) return false
  }
  return true
}

/** One line, or several with their ends. */
function putLines(view: DataView, table: number, flat: FlatDraft, kind: number): boolean {
  const xy = vectorIn(view, table, FIELD.xy)
  const corners = xy === 0 ? 0 : view.getUint32(xy - UINT_BYTES, true) / 2
  if (corners < 1 || !Number.isInteger(corners)) return false
  const ends = kind === LINE ? 0 : vectorIn(view, table, FIELD.ends)
  const told = ends === 0 ? 0 : view.getUint32(ends - UINT_BYTES, true)
  const lines = Math.max(1, told)
  if (kind !== LINE) putSize(flat, lines)
  for (let line = 0, from = 0; line < lines; line++) {
    // Where nobody says their ends there is one.
    const to = told === 0 ? corners : view.getUint32(ends + UINT_BYTES * line, true)
    if (to <= from || to > corners || (line + 1 === lines && to !== corners)) return false
    putSize(flat, to - from)
    from = to
  }
  return putCorners(view, xy, corners, flat)
}

function putCorners(view: DataView, start: number, count: number, flat: FlatDraft): boolean {
  reserveCorners(flat, count)
  const { x, y } = flat
  let corner = flat.corners
  for (let at = start, end = start + 2 * DOUBLE_BYTES * count; at < end; at += 2 * DOUBLE_BYTES, corner++) {
    const east = view.getFloat64(at, true)
    const north = view.getFloat64(at + DOUBLE_BYTES, true)
    // The difference of a number that is not finite is none.
    if (east - east !== 0 || north - north !== 0) return false
    x[corner] = east
    y[corner] = north
  }
  flat.corners = corner
  return true
}
