/**
 * FlatGeobuf, as GDAL writes it for us: no index, one feature after another.
 *
 * The file is read in large pieces, and features are taken out of each without asking anybody: as a
 * FlatBuffer a feature is read in place, only what the row needs is made. A test reads the same layers
 * through GDAL's GeoJSON as its oracle.
 *
 * Source: flatgeobuf.org, header.fbs and feature.fbs.
 */
import { open } from 'node:fs/promises'
import { SourceError } from '../../shared/problem.ts'
import type { Feature } from '../../shared/row.ts'
import { type CellSheet, makeRoom } from './cells.ts'
import { bytesAt, flagAt, numberAt, tablesAt, textAt, u16At, u32At, u8At } from './flatbuffer.ts'
import { isCurved, readFgbGeometry } from './fgb_geometry.ts'
import { readFgbNumber, readFgbRow } from './fgb_row.ts'
import { BATCH_ROWS } from './reading.ts'

/** A feature with the number that its first column gives. */
export interface NumberedFeature extends Feature {
  readonly number: number
}

/** One column of the file. */
export interface FgbColumn {
  readonly name: string
  /** As `ColumnType` of header.fbs numbers it. */
  readonly type: number
}

/** What stands before the features. */
export interface FgbHeader {
  readonly columns: readonly FgbColumn[]
  /** Of all features; 0 where each says its own. */
  readonly geometryType: number
  readonly hasZ: boolean
  /** Where the first feature begins. */
  readonly start: number
}

const MAGIC = 'fgb'
const MAGIC_BYTES = 8

/** The size of what follows stands before the header and before each feature. */
const SIZE_BYTES = 4

/** One read from the disk. */
const PIECE_BYTES = 1024 * 1024

/** No header and no feature that GDAL can hold in memory is larger. */
const SIZE_MAX = 2 ** 31

/** Fields of the tables, in the order of header.fbs and feature.fbs. */
const HEADER = { geometryType: 2, hasZ: 3, columns: 7, featuresCount: 8, indexNodeSize: 9 }
const COLUMN = { name: 0, type: 1 }
export const FEATURE = { geometry: 0, properties: 1 }

/** Read the head of a file. */
export async function readFgbHeader(path: string): Promise<FgbHeader> {
  const file = await open(path, 'r')
  try {
    const start = Buffer.alloc(MAGIC_BYTES + SIZE_BYTES)
    const { bytesRead: found } = await file.read(start, 0, start.length, 0)
    // A layer of which no feature has a geometry leaves an empty file.
    if (found === 0) return { columns: [], geometryType: 0, hasZ: false, start: 0 }
    const size = start.readUInt32LE(MAGIC_BYTES)
    if (start.toString('latin1', 0, 3) !== MAGIC || size >= SIZE_MAX) throw broken('it has another head')
    const head = Buffer.alloc(size)
    const { bytesRead } = await file.read(head, 0, size, start.length)
    if (bytesRead < size) throw broken('it ends in its head')

    const table = u32At(head, 0)
    if (
      u16At(head, table, HEADER.indexNodeSize, 16) !== 0 &&
      numberAt(head, table, HEADER.featuresCount) !== 0
    ) {
      throw broken('it has an index')
    }
    return {
      columns: tablesAt(head, table, HEADER.columns).map((column) => ({
        name: textAt(head, column, COLUMN.name),
        type: u8At(head, column, COLUMN.type),
      })),
      geometryType: u8At(head, table, HEADER.geometryType),
      hasZ: flagAt(head, table, HEADER.hasZ),
      start: start.length + size,
    }
  } finally {
    await file.close()
  }
}

/** The features of a file, in batches; the first column holds their numbers, and is not in the rows. */
export async function* readFgb(
  path: string,
  header: FgbHeader,
  signal: AbortSignal,
): AsyncGenerator<NumberedFeature[]> {
  let batch: NumberedFeature[] = []
  const sheet = openSheet()
  for await (const starts of readPieces(path, { from: header.start, signal, sheet })) {
    for (const start of starts) {
      batch.push(readFeature(sheet.bytes, start, header))
      if (batch.length < BATCH_ROWS) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}

/** What a file holds, before its features are made. */
export interface FgbSurvey {
  readonly count: number
  /** Whether there are arcs among the geometries, for which GeoJSON has no word. */
  readonly hasCurves: boolean
}

/** Look over a file; of its features only the size and the kind of geometry are read. */
export async function surveyFgb(path: string, header: FgbHeader, signal: AbortSignal): Promise<FgbSurvey> {
  let count = 0
  let hasCurves = false
  const sheet = openSheet()
  for await (const starts of readPieces(path, { from: header.start, signal, sheet })) {
    const { bytes } = sheet
    count += starts.length
    hasCurves ||= starts.some((start) => {
      const [geometry] = tablesAt(bytes, start + u32At(bytes, start), FEATURE.geometry, 'one')
      return geometry !== undefined && isCurved(bytes, geometry, header)
    })
  }
  return { count, hasCurves }
}

function readFeature(bytes: Buffer, start: number, header: FgbHeader): NumberedFeature {
  const table = start + u32At(bytes, start)
  const properties = bytesAt(bytes, table, FEATURE.properties)
  const [geometry] = tablesAt(bytes, table, FEATURE.geometry, 'one')
  return {
    number: readFgbNumber(properties, header.columns),
    row: readFgbRow(properties, header.columns, 1),
    geometry: geometry === undefined ? null : readFgbGeometry(bytes, geometry, header),
  }
}

/** A sheet with room for a piece. */
function openSheet(): CellSheet {
  return { bytes: Buffer.alloc(PIECE_BYTES), end: 0 }
}

interface Pieces {
  /** Where the first feature begins. */
  readonly from: number
  readonly signal: AbortSignal
  /** Holds one piece after the other, to its `end`; what is behind is for who reads them. */
  readonly sheet: CellSheet
}

/**
 * The file piece by piece; what a piece has of an unfinished feature begins the next one.
 *
 * @returns where the whole features of a piece begin in the sheet, behind their size
 */
export async function* readPieces(
  path: string,
  { from, signal, sheet }: Pieces,
): AsyncGenerator<readonly number[]> {
  const file = await open(path, 'r')
  let room = PIECE_BYTES
  let filled = 0
  try {
    for (let position = from; ; ) {
      signal.throwIfAborted()
      sheet.end = filled
      makeRoom(sheet, room - filled)
      const { bytesRead } = await file.read(sheet.bytes, filled, room - filled, position)
      position += bytesRead
      filled += bytesRead
      sheet.end = filled
      const { starts, end, needed } = wholeFeatures(sheet.bytes, filled)
      yield starts
      if (bytesRead === 0 && filled > end) throw broken('it ends in a feature')
      if (bytesRead === 0) return

      room = Math.max(room, needed)
      sheet.bytes.copyWithin(0, end, filled)
      filled -= end
    }
  } finally {
    await file.close()
  }
}

/** @returns `needed`: the size of the feature that the piece has only a part of */
function wholeFeatures(bytes: Buffer, filled: number): { starts: number[]; end: number; needed: number } {
  const starts: number[] = []
  let end = 0
  while (end + SIZE_BYTES <= filled) {
    const size = bytes.readUInt32LE(end)
    if (size >= SIZE_MAX) throw broken('a feature of it is too large')
    const next = end + SIZE_BYTES + size
    if (next > filled) return { starts, end, needed: SIZE_BYTES + size }
    starts.push(end + SIZE_BYTES)
    end = next
  }
  return { starts, end, needed: 0 }
}

function broken(why: string): SourceError {
  return new SourceError('conform-failed', `what GDAL has written cannot be read: ${why}`)
}
