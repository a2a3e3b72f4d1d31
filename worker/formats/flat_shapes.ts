/**
 * Lines and areas of many rows as numbers in one array: from the file to the line of the output, no
 * corner becomes an object.
 *
 * Only what has two ordinates everywhere, all of them finite, and no empty part; the rest stays a Geometry.
 * A parcel of ten corners cost 26 µs by objects and costs 11, of which PROJ is 4 (bench/README.md).
 */
import type { Geometry, Position } from '../../shared/row.ts'
import { grownSpans } from './grown_spans.ts'

/** What a row has here. */
export const NO_SHAPE = 0
export const LINE = 1
export const LINES = 2
export const POLYGON = 3
export const POLYGONS = 4

/** The shapes of a batch; good as long as the batch is. */
export interface FlatShapes {
  /** By row: what it is. */
  readonly kinds: Uint8Array
  /** By row: where in `sizes` its own begin. */
  readonly sizesAt: Int32Array
  /** By row: its first corner, and the one behind its last. */
  readonly from: Int32Array
  readonly to: Int32Array
  /** The corners of each part; before those of lines or rings how many there are, and before polygons again. */
  readonly sizes: Int32Array
  /** All x, then all y. */
  readonly xy: Float64Array
}

/** Shapes while they are read. */
export interface FlatDraft {
  kinds: Uint8Array
  sizesAt: Int32Array
  from: Int32Array
  to: Int32Array
  sizes: Int32Array
  /** Sizes that are put down. */
  sizeCount: number
  x: Float64Array
  y: Float64Array
  /** Corners that are put down. */
  corners: number
  /** What `flatShapes` gives, again and again. */
  room: Float64Array
}

/** Room for the shapes of one batch after the other. */
export function openFlatDraft(): FlatDraft {
  return {
    kinds: new Uint8Array(0),
    sizesAt: new Int32Array(0),
    from: new Int32Array(0),
    to: new Int32Array(0),
    sizes: new Int32Array(1024),
    sizeCount: 0,
    x: new Float64Array(1024),
    y: new Float64Array(1024),
    corners: 0,
    room: new Float64Array(0),
  }
}

/** Begin anew. */
export function clearFlat(draft: FlatDraft): void {
  draft.kinds.fill(NO_SHAPE)
  draft.sizeCount = 0
  draft.corners = 0
}

/** Begin the shape of a row. */
export function beginShape(draft: FlatDraft, row: number): void {
  growRows(draft, row + 1)
  draft.sizesAt[row] = draft.sizeCount
  draft.from[row] = draft.corners
}

/** It is whole. */
export function endShape(draft: FlatDraft, row: number, kind: number): true {
  draft.kinds[row] = kind
  draft.to[row] = draft.corners
  return true
}

/** It cannot be put here. */
export function dropShape(draft: FlatDraft, row: number): false {
  draft.sizeCount = draft.sizesAt[row]!
  draft.corners = draft.from[row]!
  return false
}

function growRows(draft: FlatDraft, rows: number): void {
  const { kinds, sizesAt, from, to } = draft
  if (rows <= kinds.length) return
  const length = Math.max(rows, 2 * kinds.length)
  draft.kinds = new Uint8Array(length)
  draft.kinds.set(kinds)
  draft.sizesAt = grownSpans(sizesAt, length)
  draft.from = grownSpans(from, length)
  draft.to = grownSpans(to, length)
}

export function putSize(draft: FlatDraft, size: number): void {
  draft.sizes = grownSpans(draft.sizes, draft.sizeCount + 1)
  draft.sizes[draft.sizeCount++] = size
}

/** See that so many more corners fit. */
export function reserveCorners(draft: FlatDraft, count: number): void {
  const needed = draft.corners + count
  if (needed <= draft.x.length) return
  const [x, y] = [draft.x, draft.y]
  const length = Math.max(needed, 2 * x.length)
  draft.x = new Float64Array(length)
  draft.y = new Float64Array(length)
  draft.x.set(x)
  draft.y.set(y)
}

/** The shapes that are put down for so many rows; undefined where there are none. */
export function flatShapes(draft: FlatDraft, rows: number): FlatShapes | undefined {
  if (draft.corners === 0) return undefined
  growRows(draft, rows)
  const { corners, kinds, sizesAt, from, to, sizes } = draft
  if (draft.room.length < 2 * corners) draft.room = new Float64Array(3 * corners)
  const xy = draft.room.subarray(0, 2 * corners)
  xy.set(draft.x.subarray(0, corners))
  xy.set(draft.y.subarray(0, corners), corners)
  return { kinds, sizesAt, from, to, sizes, xy }
}

/** Put a geometry as the shape of a row; false where it is not a plain one. */
export function putFlat(draft: FlatDraft, row: number, geometry: Geometry): boolean {
  beginShape(draft, row)
  switch (geometry.type) {
    case 'LineString':
      return putLine(draft, geometry.coordinates) ? endShape(draft, row, LINE) : dropShape(draft, row)
    case 'MultiLineString':
      return putLines(draft, geometry.coordinates) ? endShape(draft, row, LINES) : dropShape(draft, row)
    case 'Polygon':
      return putLines(draft, geometry.coordinates) ? endShape(draft, row, POLYGON) : dropShape(draft, row)
    case 'MultiPolygon': {
      const polygons = geometry.coordinates
      putSize(draft, polygons.length)
      const isPlain = polygons.length > 0 && polygons.every((rings) => putLines(draft, rings))
      return isPlain ? endShape(draft, row, POLYGONS) : dropShape(draft, row)
    }
    default:
      return false
  }
}

function putLines(draft: FlatDraft, lines: readonly (readonly Position[])[]): boolean {
  putSize(draft, lines.length)
  for (let i = 0; i < lines.length; i++) if (!putLine(draft, lines[i]!)) return false
  return lines.length > 0
}

function putLine(draft: FlatDraft, line: readonly Position[]): boolean {
  putSize(draft, line.length)
  reserveCorners(draft, line.length)
  for (let i = 0; i < line.length; i++) {
    const position = line[i]!
    const x = position[0]!
    const y = position[1]!
    if (position.length !== 2 || !Number.isFinite(x) || !Number.isFinite(y)) return false
    draft.x[draft.corners] = x
    draft.y[draft.corners++] = y
  }
  return line.length > 0
}

/** The shape of a row as a geometry; undefined where it has none here. */
export function flatGeometry(flat: FlatShapes, row: number): Geometry | undefined {
  const { kinds, sizesAt, from, sizes, xy } = flat
  const half = xy.length / 2
  let size = sizesAt[row]!
  let corner = from[row]!
  const line = (): Position[] =>
    Array.from({ length: sizes[size++]! }, () => [xy[corner]!, xy[half + corner++]!] as const)
  const lines = (): Position[][] => Array.from({ length: sizes[size++]! }, line)
  switch (kinds[row]) {
    case LINE:
      return { type: 'LineString', coordinates: line() }
    case LINES:
      return { type: 'MultiLineString', coordinates: lines() }
    case POLYGON:
      return { type: 'Polygon', coordinates: lines() }
    case POLYGONS:
      return { type: 'MultiPolygon', coordinates: Array.from({ length: sizes[size++]! }, lines) }
    default:
      return undefined
  }
}
