/**
 * The shape of a record of a .shp as numbers, where it is a point, a line, or an area of which is clear
 * what its rings are; shp.ts, the oracle, reads all others.
 */
import {
  beginShape,
  dropShape,
  endShape,
  type FlatDraft,
  LINE,
  LINES,
  POLYGON,
  putSize,
  reserveCorners,
} from './flat_shapes.ts'

/** Where shapes are put, by row. */
export interface ShpGoal {
  readonly flat: FlatDraft
  /** Of points. */
  readonly x: Float64Array
  readonly y: Float64Array
}

const POINT_TYPE = 1
const LINE_TYPE = 3
const POLYGON_TYPE = 5

const POINT_BYTES = 20
/** Type, box, number of parts, number of corners. */
const HEAD_BYTES = 44
const INT_BYTES = 4
const CORNER_BYTES = 16

/** Put the shape that stands at `start` as that of a row; false where that cannot be done. */
export function putShp(
  bytes: Buffer,
  [start, end]: readonly [number, number],
  row: number,
  goal: ShpGoal,
): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start)
  const type = view.getInt32(0, true)
  if (type === POINT_TYPE && view.byteLength >= POINT_BYTES) {
    const x = view.getFloat64(4, true)
    const y = view.getFloat64(12, true)
    if (!Number.isFinite(x) || !Number.isFinite(y)) return false
    goal.x[row] = x
    goal.y[row] = y
    return true
  }
  if ((type !== LINE_TYPE && type !== POLYGON_TYPE) || view.byteLength < HEAD_BYTES) return false
  const { flat } = goal
  beginShape(flat, row)
  if (!putParts(view, flat)) return dropShape(flat, row)
  const parts = view.getInt32(36, true)
  if (type === POLYGON_TYPE) {
    return parts === 1 || hasOneOuter(view, flat, row) ? endShape(flat, row, POLYGON) : dropShape(flat, row)
  }
  return endShape(flat, row, parts === 1 ? LINE : LINES)
}

/** Number of parts, first corner of each, corners; false where anything of it is odd. */
function putParts(view: DataView, flat: FlatDraft): boolean {
  const parts = view.getInt32(36, true)
  const count = view.getInt32(40, true)
  const first = HEAD_BYTES + INT_BYTES * parts
  if (parts < 1 || count < 1 || first + CORNER_BYTES * count > view.byteLength) return false
  if (view.getInt32(0, true) === POLYGON_TYPE || parts > 1) putSize(flat, parts)
  if (view.getInt32(HEAD_BYTES, true) !== 0) return false
  for (let part = 0, from = 0; part < parts; part++) {
    const to = part + 1 < parts ? view.getInt32(HEAD_BYTES + INT_BYTES * (part + 1), true) : count
    if (to <= from) return false
    putSize(flat, to - from)
    from = to
  }
  reserveCorners(flat, count)
  const { x, y } = flat
  let corner = flat.corners
  for (let at = first, end = first + CORNER_BYTES * count; at < end; at += CORNER_BYTES, corner++) {
    const east = view.getFloat64(at, true)
    const north = view.getFloat64(at + 8, true)
    // The difference of a number that is not finite is none.
    if (east - east !== 0 || north - north !== 0) return false
    x[corner] = east
    y[corner] = north
  }
  flat.corners = corner
  return true
}

/** Whether the first ring is the outer one, clockwise, and all others are holes: as rings.ts has it. */
function hasOneOuter(view: DataView, flat: FlatDraft, row: number): boolean {
  const parts = view.getInt32(36, true)
  let from = flat.from[row]!
  let size = flat.sizesAt[row]! + 1
  for (let part = 0; part < parts; part++) {
    const to = from + flat.sizes[size++]!
    if (area(flat, from, to) < 0 !== (part === 0)) return false
    from = to
  }
  return true
}

/** Around the first corner, so that large coordinates do not eat the digits. */
function area({ x, y }: FlatDraft, from: number, to: number): number {
  const originX = x[from]!
  const originY = y[from]!
  let sum = 0
  for (let at = from + 1; at < to; at++) {
    sum += (x[at - 1]! - originX) * (y[at]! - originY) - (x[at]! - originX) * (y[at - 1]! - originY)
  }
  return sum / 2
}
