/** `null-words`: a value that is a program's word for nothing: NULL, UNDEFINED, N/A. */
import { hashText } from '../content_id.ts'
import { isEmpty, type RowView } from './row_view.ts'
import type { RowRule } from './rule.ts'

/** None is left out: there are streets of that name. */
const WORDS = ['null', '<null>', 'undefined', 'unavailable', 'n/a', '#n/a', 'nan', '(null)']

const LENGTHS = WORDS.map((word) => word.length)
const [LENGTH_MIN, LENGTH_MAX] = [Math.min(...LENGTHS), Math.max(...LENGTHS)]

const HASHES: ReadonlyMap<number, number> = new Map(
  WORDS.map((word) => {
    const lanes = { a: 0, b: 0 }
    hashText(lanes, word)
    return [lanes.a, lanes.b]
  }),
)

export const null_words: RowRule = {
  kind: 'row',
  code: 'null-words',
  sentence: 'rows have a word for nothing as a value, such as NULL',
  of: 'rows',
  limits: { warning: 0.01, error: 0.5 },
  reason: 'Geocoders would answer with a street called NULL; Pelias leaves such rows out for that.',
  open: () => hasWord,
}

function hasWord(row: RowView): boolean {
  for (let at = 0; at < row.names.length; at++) {
    const length = row.to[at]! - row.from[at]!
    if (length < LENGTH_MIN || length > LENGTH_MAX || isEmpty(row, at)) continue
    if (isInitial(row.bytes[row.from[at]!]!) && HASHES.get(row.a[at]!) === row.b[at]) return true
  }
  return false
}

/** Of N, n, U, u, `<`, `#` and `(`; nearly no value begins so. */
function isInitial(byte: number): boolean {
  const letter = byte | 0x20
  return letter === 0x6e || letter === 0x75 || byte === 0x3c || byte === 0x23 || byte === 0x28
}
