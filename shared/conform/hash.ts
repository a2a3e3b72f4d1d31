/**
 * The hash of a row: what tells a feature from all others of its run, and stays the same while the
 * data does.
 *
 * It is made of everything that is known of the row when the functions have run, before anything is
 * trimmed or rounded, and of the fingerprint of the data. JavaScript's SHA-1 is a platform's matter,
 * so it is handed in.
 *
 * Source: the reference's output; spec/processing.md §8.4.
 */
import type { WorkingRow } from '../row.ts'
import type { Value } from './call.ts'
import { jsonText, numberText } from './python.ts'

/** SHA-1 of a text's UTF-8, in lower-case hex. */
export type Sha1Hex = (text: string) => string

const HASH_LENGTH = 16

/** The first 16 hex digits of SHA-1 over the fingerprint and the row's sorted `[column, value]` pairs. */
export function rowHash(sha1Hex: Sha1Hex, fingerprint: string, row: WorkingRow): string {
  return sha1Hex(fingerprint + rowText(row)).slice(0, HASH_LENGTH)
}

/** The row as Python's `json.dumps(sorted(row.items()), separators=(',', ':'))`. */
export function rowText(row: WorkingRow): string {
  const columns = Object.keys(row).sort(byCodePoint)
  return `[${columns.map((column) => `[${jsonText(column)},${valueText(row[column]!)}]`).join(',')}]`
}

/** The JSON of a value as Python writes it. */
export function valueText(value: Value): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? numberText(value) : jsonText(value)
}

/**
 * Compare two names as Python does.
 *
 * Python sorts by code points, JavaScript by UTF-16 units: they differ where one name has a
 * character beyond U+FFFF and the other one between U+E000 and U+FFFF.
 */
export function byCodePoint(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const left = one.charCodeAt(at)
    const right = other.charCodeAt(at)
    if (left !== right)
      return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1
  }
  return one.length - other.length
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}
