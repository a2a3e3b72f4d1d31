/**
 * Properties of FlatGeobuf: the number of a column, its value, the next; nulls are left out.
 *
 * Values become the texts that Python prints, as from every reader.
 */
import { floatText } from '../../shared/conform/python.ts'
import type { Row } from '../../shared/row.ts'
import type { FgbColumn } from './fgb.ts'

/** Reads a value at a place: its text, and where the next one begins. */
type ReadValue = (bytes: Buffer, at: number) => readonly [text: string, next: number]

/** By `ColumnType` of header.fbs: Byte, UByte, Bool, Short, UShort, Int, UInt, Long, ULong, Float, Double, then texts. */
export const VALUES: readonly ReadValue[] = [
  (bytes, at) => [String(bytes.readInt8(at)), at + 1],
  (bytes, at) => [String(bytes.readUInt8(at)), at + 1],
  (bytes, at) => [bytes[at] === 0 ? 'False' : 'True', at + 1],
  (bytes, at) => [String(bytes.readInt16LE(at)), at + 2],
  (bytes, at) => [String(bytes.readUInt16LE(at)), at + 2],
  (bytes, at) => [String(bytes.readInt32LE(at)), at + 4],
  (bytes, at) => [String(bytes.readUInt32LE(at)), at + 4],
  (bytes, at) => [longText(bytes, at), at + 8],
  (bytes, at) => [String(bytes.readBigUInt64LE(at)), at + 8],
  (bytes, at) => [floatText(bytes.readFloatLE(at)), at + 4],
  (bytes, at) => [floatText(bytes.readDoubleLE(at)), at + 8],
  readText,
  readText,
  readText,
  readText,
]

/** Types of columns: whole numbers of four and eight bytes; from here on all are texts. */
export const INT = 5
export const LONG = 7
export const TEXT = 11

/** The row of a feature: every column but those that are hidden, empty where there is no value. */
export function readFgbRow(bytes: Buffer, columns: readonly FgbColumn[], hidden: number): Row {
  const row: Row = {}
  for (let index = hidden; index < columns.length; index++) row[columns[index]!.name] = ''
  let at = 0
  while (at + 2 <= bytes.length) {
    const index = bytes.readUInt16LE(at)
    const column = columns[index]
    const read = column === undefined ? undefined : VALUES[column.type]
    if (column === undefined || read === undefined) return row
    const [text, next] = read(bytes, at + 2)
    if (index >= hidden) row[column.name] = text
    at = next
  }
  return row
}

/** The value of the first column, a whole number; it is never null. */
export function readFgbNumber(bytes: Buffer, [column]: readonly FgbColumn[]): number {
  return column?.type === INT ? bytes.readInt32LE(2) : Number(bytes.readBigInt64LE(2))
}

function readText(bytes: Buffer, at: number): readonly [string, number] {
  const end = at + 4 + bytes.readUInt32LE(at)
  return [bytes.toString('utf8', at + 4, end), end]
}

/** Most are small enough for a number, which is faster than a BigInt. */
function longText(bytes: Buffer, at: number): string {
  const high = bytes.readInt32LE(at + 4)
  const low = bytes.readUInt32LE(at)
  const number = high * 2 ** 32 + low
  return Number.isSafeInteger(number) ? String(number) : String(bytes.readBigInt64LE(at))
}
