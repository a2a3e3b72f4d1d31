/**
 * .dbf: the table of a shapefile, as texts.
 *
 * What GDAL makes of each type of column and Python then prints: numbers without decimals are integers
 * up to eighteen digits and reals beyond, dates are `2020/01/02`, texts lose the blanks around them.
 */
import { floatText } from '../../shared/conform/python.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Row } from '../../shared/row.ts'
import type { FileWindow } from './window.ts'

export interface Table {
  readonly count: number
  readonly columns: readonly string[]
  /** The row at an index; `deleted` where it is marked so. */
  read(index: number): Promise<Row | 'deleted'>
  /** Where the cells of a record are. */
  readonly places: readonly Column[]
  readonly recordBytes: number
  /** The bytes of records that follow each other, fewer where the file ends; good until the next call. */
  readRecords(index: number, count: number): Promise<Buffer>
  readonly decode: DecodeCell
}

/** Decodes the bytes of one text. */
export type DecodeCell = (bytes: Buffer) => string

/** A column, and where its cells are in a record. */
export interface Column {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly kind: Kind
}

/** What the texts in a column stand for. */
export type Kind = 'text' | 'date' | 'integer' | 'real'

interface Header {
  readonly count: number
  readonly headerBytes: number
  readonly recordBytes: number
  /** Says the encoding; 0 where it says nothing. */
  readonly languageByte: number
}

const HEADER_BYTES = 32
const FIELD_BYTES = 32
const NAME_BYTES = 11
const LAST_FIELD = 0x0d
/** The first byte of a record that is gone. */
export const DELETED = 0x2a
const BLANK = 0x20

/** Numbers of more digits are reals to GDAL, since 64 bits cannot hold them. */
const INTEGER_WIDTH_MAX = 18

/** @throws {SourceError} `conform-failed`, when it is no table */
export async function readHeader(dbf: FileWindow): Promise<Header> {
  const bytes = await dbf.read(0, HEADER_BYTES)
  if (bytes.length < HEADER_BYTES) throw new SourceError('conform-failed', 'the .dbf is not a table')
  return {
    count: bytes.readUInt32LE(4),
    headerBytes: bytes.readUInt16LE(8),
    recordBytes: bytes.readUInt16LE(10),
    languageByte: bytes.readUInt8(29),
  }
}

export async function openTable(dbf: FileWindow, decode: DecodeCell): Promise<Table> {
  const { count, headerBytes, recordBytes } = await readHeader(dbf)
  const columns = readColumns(await dbf.read(HEADER_BYTES, headerBytes - HEADER_BYTES), decode)

  async function read(index: number): Promise<Row | 'deleted'> {
    const record = index < count ? await dbf.read(headerBytes + index * recordBytes, recordBytes) : undefined
    if (record?.[0] === DELETED) return 'deleted'
    const row: Row = {}
    for (const { name, start, end, kind } of columns) {
      row[name] = record === undefined ? '' : TEXTS[kind](cellText(record.subarray(start, end), decode))
    }
    return row
  }

  function readRecords(index: number, wanted: number): Promise<Buffer> {
    const most = Math.max(0, Math.min(wanted, count - index))
    return dbf.read(headerBytes + index * recordBytes, most * recordBytes)
  }

  const names = columns.map(({ name }) => name)
  return { count, columns: names, read, places: columns, recordBytes, readRecords, decode }
}

function readColumns(bytes: Buffer, decode: DecodeCell): Column[] {
  const columns: Column[] = []
  // The first byte of a record is the mark of deletion.
  let start = 1
  for (let at = 0; at + FIELD_BYTES <= bytes.length && bytes[at] !== LAST_FIELD; at += FIELD_BYTES) {
    const name = cellText(bytes.subarray(at, at + NAME_BYTES), decode)
    const type = String.fromCharCode(bytes.readUInt8(at + 11))
    const width = bytes.readUInt8(at + 16)
    const decimals = bytes.readUInt8(at + 17)
    columns.push({ name, start, end: start + width, kind: kindOf(type, width, decimals) })
    start += width
  }
  return columns
}

function kindOf(type: string, width: number, decimals: number): Kind {
  if (type === 'D') return 'date'
  if (type !== 'N' && type !== 'F') return 'text'
  return decimals > 0 || width > INTEGER_WIDTH_MAX ? 'real' : 'integer'
}

/** What becomes of the text in a cell, by what it stands for. */
export const TEXTS: Readonly<Record<Kind, (cell: string) => string>> = {
  text: (cell) => cell,
  date: dateText,
  integer: integerText,
  real: realText,
}

/** The digits at the beginning, as C reads an integer; asterisks stand for a number too large for its column. */
function integerText(cell: string): string {
  if (cell === '' || cell.startsWith('*')) return ''
  const [, sign, digits] = /^([+-]?)0*(\d+)/.exec(cell) ?? []
  if (digits === undefined || digits === '0') return '0'
  return sign === '-' ? `-${digits}` : digits
}

function realText(cell: string): string {
  if (cell === '' || cell.startsWith('*')) return ''
  const value = Number.parseFloat(cell)
  return floatText(Number.isNaN(value) ? 0 : value)
}

function dateText(cell: string): string {
  if (cell === '' || /^0+$/.test(cell)) return ''
  return `${cell.slice(0, 4)}/${cell.slice(4, 6)}/${cell.slice(6, 8)}`
}

/** Up to a NUL, without the blanks around it; nearly always ASCII, which needs no decoder. */
export function cellText(bytes: Buffer, decode: DecodeCell): string {
  let end = bytes.indexOf(0)
  if (end < 0) end = bytes.length
  while (end > 0 && bytes[end - 1] === BLANK) end--
  let start = 0
  while (start < end && bytes[start] === BLANK) start++
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) >= 0x80) return decode(bytes.subarray(start, end))
  }
  return bytes.toString('latin1', start, end)
}
