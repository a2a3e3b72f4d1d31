/** For tests: shapefiles byte by byte, so that they can be as odd as those of the world. */

/** A column of a table: its type is the letter of dBASE. */
export interface TestColumn {
  readonly name: string
  readonly type: string
  readonly width: number
  readonly decimals?: number
}

/** A shape: its type, and numbers as its layout has them. */
export interface TestShape {
  readonly type: number
  readonly parts?: readonly (readonly (readonly number[])[])[]
}

export interface TestShapefile {
  readonly columns: readonly TestColumn[]
  /** Cells as they stand in the file, padded with blanks. */
  readonly rows: readonly (readonly (string | Buffer)[])[]
  readonly shapes: readonly TestShape[]
  readonly languageByte?: number
}

/** WGS 84 as ESRI writes it. */
export const WGS84_PRJ =
  'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'

/** The files a.shp, a.shx and a.dbf. */
export function shapefile({
  columns,
  rows,
  shapes,
  languageByte = 0,
}: TestShapefile): Record<string, Buffer> {
  const records = shapes.map(shapeBytes)
  const type = shapes.find((shape) => shape.type !== 0)?.type ?? 0
  const lengths = records.map((record) => record.length)
  return {
    'a.shp': Buffer.concat([header(type, sum(lengths) + 8 * records.length), ...records.flatMap(withHeader)]),
    'a.shx': Buffer.concat([
      header(type, 8 * records.length),
      ...lengths.map((_, at) => indexEntry(lengths, at)),
    ]),
    'a.dbf': table(columns, rows, languageByte),
  }
}

/** A dBASE table; a row that begins with `*` in its first cell's place is written as deleted by `DELETED`. */
export function table(
  columns: readonly TestColumn[],
  rows: readonly (readonly (string | Buffer)[])[],
  languageByte = 0,
): Buffer {
  const head = Buffer.alloc(32)
  head.writeUInt8(3, 0)
  head.writeUInt32LE(rows.length, 4)
  head.writeUInt16LE(32 + 32 * columns.length + 1, 8)
  head.writeUInt16LE(1 + sum(columns.map(({ width }) => width)), 10)
  head.writeUInt8(languageByte, 29)
  const fields = columns.map(({ name, type, width, decimals = 0 }) => {
    const field = Buffer.alloc(32)
    field.write(name, 0, 11, 'latin1')
    field.write(type, 11, 1, 'latin1')
    field.writeUInt8(width, 16)
    field.writeUInt8(decimals, 17)
    return field
  })
  const records = rows.flatMap((row) => [
    Buffer.from(row.length > columns.length ? '*' : ' '),
    ...columns.map(({ width }, at) => padded(row[at] ?? '', width)),
  ])
  return Buffer.concat([head, ...fields, Buffer.from([0x0d]), ...records, Buffer.from([0x1a])])
}

function padded(cell: string | Buffer, width: number): Buffer {
  const bytes = Buffer.alloc(width, ' ')
  Buffer.from(cell).copy(bytes)
  return bytes
}

function header(type: number, contentBytes: number): Buffer {
  const bytes = Buffer.alloc(100)
  bytes.writeInt32BE(9994, 0)
  bytes.writeInt32BE((100 + contentBytes) / 2, 24)
  bytes.writeInt32LE(1000, 28)
  bytes.writeInt32LE(type, 32)
  return bytes
}

function withHeader(record: Buffer, index: number): Buffer[] {
  const head = Buffer.alloc(8)
  head.writeInt32BE(index + 1, 0)
  head.writeInt32BE(record.length / 2, 4)
  return [head, record]
}

function indexEntry(lengths: readonly number[], at: number): Buffer {
  const entry = Buffer.alloc(8)
  entry.writeInt32BE((100 + sum(lengths.slice(0, at)) + 8 * at) / 2, 0)
  entry.writeInt32BE((lengths[at] ?? 0) / 2, 4)
  return entry
}

/** Points are x, y, then height for Z types, then measure. */
function shapeBytes({ type, parts = [] }: TestShape): Buffer {
  const kind = type % 10
  const points = parts.flat()
  const extra = type > 20 ? 1 : type > 10 ? 2 : 0
  if (type === 0) return int32(0)
  if (kind === 1) return Buffer.concat([int32(type), doubles(points[0] ?? [])])
  const starts = parts.map((_, part) => sum(parts.slice(0, part).map((one) => one.length)))
  const counts = kind === 8 ? [points.length] : [parts.length, points.length, ...starts]
  // Boxes are not looked at by anyone here.
  const extras = Array.from({ length: extra }, (_, at) =>
    doubles([0, 0, ...points.map((point) => point[2 + at] ?? 0)]),
  )
  const flat = points.flatMap(([x = 0, y = 0]) => [x, y])
  return Buffer.concat([int32(type), doubles(box(points)), ...counts.map(int32), doubles(flat), ...extras])
}

function box(points: readonly (readonly number[])[]): number[] {
  const xs = points.map(([x = 0]) => x)
  const ys = points.map(([, y = 0]) => y)
  return points.length === 0
    ? [0, 0, 0, 0]
    : [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length)
  values.forEach((value, at) => {
    bytes.writeDoubleLE(value, 8 * at)
  })
  return bytes
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
