/**
 * .shp: the geometry of a shapefile, record by record.
 *
 * A record is at the offset that .shx names, or behind the one before it where there is no .shx. Heights
 * are kept, measures are dropped, as GDAL does when it writes GeoJSON.
 *
 * Source: ESRI Shapefile Technical Description, July 1998.
 */
import { SourceError } from '../../shared/problem.ts'
import type { Geometry, Position } from '../../shared/row.ts'
import { polygonOf } from './rings.ts'
import type { FileWindow } from './window.ts'

export interface ShapeFile {
  /** Of all shapes but the null ones. */
  readonly shapeType: number
  /** Undefined where there is no .shx: then the file is read to its end. */
  readonly count: number | undefined
  /**
   * The shapes in order; `broken` for a record that makes no sense.
   *
   * One promise a shape would cost more than reading it, so this is only awaited where the disk is.
   */
  read(index: number): Promise<Shape | 'broken' | undefined>
}

/** A geometry, or null for a record that has none. */
export interface Shape {
  readonly geometry: Geometry | null
}

const FILE_CODE = 9994
const HEADER_BYTES = 100
const RECORD_HEADER_BYTES = 8
const INDEX_BYTES = 8
const TYPE_BYTES = 4

/** A patch of triangles and rings in space; GDAL reads those. */
export const MULTIPATCH = 31

/** Types by what is left when height and measure are taken away. */
const SHAPES: Readonly<Record<number, (shape: Cursor) => Geometry | null>> = {
  1: readPoint,
  3: readLines,
  5: readPolygon,
  8: readMultiPoint,
}

/** A record: its bytes, and whether its type has heights. */
interface Cursor {
  readonly bytes: Buffer
  readonly hasHeight: boolean
}

/** @throws {SourceError} `conform-failed`, when it is no shapefile */
export async function openShapes(shp: FileWindow, shx: FileWindow | undefined): Promise<ShapeFile> {
  const header = await shp.read(0, HEADER_BYTES)
  if (header.length < HEADER_BYTES || header.readInt32BE(0) !== FILE_CODE) {
    throw new SourceError('conform-failed', 'the .shp is not a shapefile')
  }
  const shapeType = header.readInt32LE(32)
  const count = shx === undefined ? undefined : Math.floor((shx.size - HEADER_BYTES) / INDEX_BYTES)
  let next = HEADER_BYTES

  async function offsetOf(index: number): Promise<number> {
    if (shx === undefined) return next
    const entry = await shx.read(HEADER_BYTES + index * INDEX_BYTES, INDEX_BYTES)
    return entry.readUInt32BE(0) * 2
  }

  async function read(index: number): Promise<Shape | 'broken' | undefined> {
    if (count !== undefined && index >= count) return undefined
    const offset = await offsetOf(index)
    const head = await shp.read(offset, RECORD_HEADER_BYTES)
    if (head.length < RECORD_HEADER_BYTES) return count === undefined ? undefined : 'broken'
    const length = head.readInt32BE(4) * 2
    // Without an index, what follows a record of no size cannot be found.
    if (length < TYPE_BYTES) return count === undefined ? undefined : 'broken'
    next = offset + RECORD_HEADER_BYTES + length
    const bytes = await shp.read(offset + RECORD_HEADER_BYTES, length)
    return bytes.length < length ? 'broken' : readShape(bytes)
  }

  return { shapeType, count, read }
}

/** So many bytes of shapes are read at once, and no more. */
const RUN_BYTES_MAX = 8 * 1024 * 1024

/** What a run of shapes is read from. */
interface ShapeSource {
  readonly shapes: ShapeFile
  readonly shp: FileWindow
  readonly shx: FileWindow | undefined
}

/** Records in one piece of the file; good until the next are asked for. */
export interface RecordRun {
  readonly bytes: Buffer
  /** Where the contents of each begin and end. */
  readonly spans: Int32Array
  readonly count: number
}

/** Shapes that follow each other from an index on: as many as were asked for, fewer at the end of the file. */
export async function readRun(
  { shapes }: ShapeSource,
  index: number,
  most: number,
): Promise<(Shape | 'broken')[]> {
  const run: (Shape | 'broken')[] = []
  while (run.length < most) {
    const shape = await shapes.read(index + run.length)
    if (shape === undefined) break
    run.push(shape)
  }
  return run
}

/** Records that lie one behind the other, in one read; undefined where they do not. */
export async function readRecords(
  { shapes, shp, shx }: ShapeSource,
  index: number,
  most: number,
): Promise<RecordRun | undefined> {
  const count = shapes.count === undefined ? most : Math.min(most, shapes.count - index)
  if (shx === undefined || count <= 0) return undefined
  const entries = await shx.read(HEADER_BYTES + index * INDEX_BYTES, count * INDEX_BYTES)
  if (entries.length < count * INDEX_BYTES) return undefined
  const first = entries.readUInt32BE(0) * 2
  const last = entries.readUInt32BE((count - 1) * INDEX_BYTES) * 2
  const lastBytes = entries.readUInt32BE((count - 1) * INDEX_BYTES + 4) * 2 + RECORD_HEADER_BYTES
  const length = last + lastBytes - first
  if (last < first || length > RUN_BYTES_MAX) return undefined
  const bytes = await shp.read(first, length)
  const spans = new Int32Array(2 * count)
  for (let record = 0; record < count; record++) {
    const at = entries.readUInt32BE(record * INDEX_BYTES) * 2 - first
    if (at < 0 || at + RECORD_HEADER_BYTES > bytes.length) return undefined
    const size = bytes.readInt32BE(at + 4) * 2
    const end = at + RECORD_HEADER_BYTES + size
    // What is odd is for the way that goes record by record.
    if (size < TYPE_BYTES || end > bytes.length) return undefined
    spans[2 * record] = at + RECORD_HEADER_BYTES
    spans[2 * record + 1] = end
  }
  return { bytes, spans, count }
}

/** A record's content to its geometry. */
export function readShape(bytes: Buffer): Shape | 'broken' {
  try {
    const type = bytes.readInt32LE(0)
    if (type === 0) return { geometry: null }
    const read = SHAPES[type % 10]
    if (read === undefined || type > 28) return 'broken'
    return { geometry: read({ bytes, hasHeight: type > 10 && type < 20 }) }
  } catch (error) {
    // A count that points behind the end of the record.
    if (error instanceof RangeError) return 'broken'
    throw error
  }
}

function readPoint({ bytes, hasHeight }: Cursor): Geometry | null {
  const [x, y] = [bytes.readDoubleLE(4), bytes.readDoubleLE(12)]
  if (Number.isNaN(x) || Number.isNaN(y)) return null
  return { type: 'Point', coordinates: hasHeight ? [x, y, bytes.readDoubleLE(20)] : [x, y] }
}

function readMultiPoint(shape: Cursor): Geometry | null {
  const count = shape.bytes.readInt32LE(36)
  if (count === 0) return null
  return { type: 'MultiPoint', coordinates: readPositions(shape, { first: 40, count, box: 40 + 16 * count }) }
}

function readLines(shape: Cursor): Geometry | null {
  const [line, ...others] = readParts(shape)
  if (line === undefined) return null
  if (others.length === 0) return { type: 'LineString', coordinates: line }
  return { type: 'MultiLineString', coordinates: [line, ...others] }
}

function readPolygon(shape: Cursor): Geometry | null {
  return polygonOf(readParts(shape))
}

/** The parts of a line or polygon: box, number of parts and of points, first point of each part, points. */
function readParts(shape: Cursor): Position[][] {
  const { bytes } = shape
  const [partCount, count] = [bytes.readInt32LE(36), bytes.readInt32LE(40)]
  if (partCount < 0) throw new RangeError('fewer parts than none')
  const first = 44 + 4 * partCount
  const positions = readPositions(shape, { first, count, box: first + 16 * count })
  const starts = Array.from({ length: partCount }, (_, part) => bytes.readInt32LE(44 + 4 * part))
  return starts.map((start, part) => positions.slice(start, starts[part + 1] ?? count))
}

/** Points, and their heights, which follow behind a box of two. */
function readPositions(
  { bytes, hasHeight }: Cursor,
  { first, count, box }: { first: number; count: number; box: number },
): Position[] {
  if (count < 0 || first + 16 * count > bytes.length) throw new RangeError('more points than the record has')
  const heights = box + 16
  const withHeight = hasHeight && heights + 8 * count <= bytes.length
  const positions: Position[] = new Array(count)
  for (let i = 0; i < count; i++) {
    const at = first + 16 * i
    const [x, y] = [bytes.readDoubleLE(at), bytes.readDoubleLE(at + 8)]
    positions[i] = withHeight ? [x, y, bytes.readDoubleLE(heights + 8 * i)] : [x, y]
  }
  return positions
}
