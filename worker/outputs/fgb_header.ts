/**
 * The head of a FlatGeobuf file. It says how many features there are, so it is written twice: as a
 * place-holder before the first feature, and in the same bytes again after the last.
 *
 * Source: flatgeobuf.org, header.fbs.
 */
import { type Bounds, boundingBox } from '../../shared/geometry/bounds.ts'
import { beginTable, beginVector, type Field, newPage, writeText } from './flatbuffer_writer.ts'
import type { Column } from './typed_output.ts'

/** Version 3 of the format. */
const MAGIC = Buffer.from('6667620366676201', 'hex')

/** Fields of the head; flags of heights and measures are left out, as there are none. */
const HEAD = { name: 0, envelope: 1, geometryType: 2, columns: 7, count: 8, indexNodeSize: 9, crs: 10 }
const HEAD_FIELDS: readonly Field[] = [
  [HEAD.count, 8],
  [HEAD.name, 4],
  [HEAD.envelope, 4],
  [HEAD.columns, 4],
  [HEAD.crs, 4],
  [HEAD.indexNodeSize, 2],
  [HEAD.geometryType, 1],
]
const COLUMN = { name: 0, type: 1 }
const CRS = { org: 0, code: 1 }

/** As `ColumnType` numbers them. */
const COLUMN_TYPES = { number: 10, text: 11 } as const

const WGS_84 = 4326
const SIZE_BYTES = 4

/** What a head says. */
export interface FgbFacts {
  readonly columns: readonly Column[]
  /** Zero: nobody has counted yet. */
  readonly count: number
  readonly bounds: Bounds
  /** Of all features; 0 where they differ. */
  readonly geometryType: number
}

/** The bytes before the first feature; as many whatever the count, the box and the type are. */
export function fgbHead(name: string, { columns, count, bounds, geometryType }: FgbFacts): Buffer {
  const page = newPage()
  page.at = 4
  const head = beginTable(page, 0, HEAD_FIELDS)
  const at = (field: number) => head.get(field) ?? 0
  page.bytes.writeBigUInt64LE(BigInt(count), at(HEAD.count))
  page.bytes.writeUInt8(geometryType, at(HEAD.geometryType))
  writeText(page, at(HEAD.name), name)
  const envelope = beginVector(page, at(HEAD.envelope), 4, 8)
  // A file in which nothing has a place has a box of zeros.
  const box = boundingBox(bounds) ?? [0, 0, 0, 0]
  for (const [index, edge] of box.entries()) page.bytes.writeDoubleLE(edge, envelope + 8 * index)

  const crs = beginTable(page, at(HEAD.crs), [
    [CRS.org, 4],
    [CRS.code, 4],
  ])
  page.bytes.writeInt32LE(WGS_84, crs.get(CRS.code) ?? 0)
  writeText(page, crs.get(CRS.org) ?? 0, 'EPSG')

  const pointers = beginVector(page, at(HEAD.columns), columns.length, 4)
  for (const [index, column] of columns.entries()) {
    const table = beginTable(page, pointers + 4 * index, [
      [COLUMN.name, 4],
      [COLUMN.type, 1],
    ])
    page.bytes.writeUInt8(COLUMN_TYPES[column.type], table.get(COLUMN.type) ?? 0)
    writeText(page, table.get(COLUMN.name) ?? 0, column.name)
  }
  const size = Buffer.alloc(SIZE_BYTES)
  size.writeUInt32LE(page.at)
  return Buffer.concat([MAGIC, size, page.bytes.subarray(0, page.at)])
}
