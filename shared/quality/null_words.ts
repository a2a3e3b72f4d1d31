/** `null-words`: a value that is a program's word for nothing: NULL, UNDEFINED, N/A. */
import { hashText } from '../content_id.ts'
import { MARKS, type RowView } from './row_view.ts'
import type { RowRule } from './rule.ts'

/** None is left out: there are streets of that name. */
const WORDS = ['null', '<null>', 'undefined', 'unavailable', 'n/a', '#n/a', 'nan', '(null)']

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
  only: 'marked',
  limits: { warning: 0.01, error: 0.5 },
  reason: 'Geocoders would answer with a street called NULL; Pelias leaves such rows out for that.',
  open: () => (row) => (row.allMarks & MARKS.word) !== 0 && hasWord(row),
}

function hasWord(row: RowView): boolean {
  for (let at = 0; at < row.names.length; at++) {
    if ((row.marks[at]! & MARKS.word) !== 0 && HASHES.get(row.a[at]!) === row.b[at]) return true
  }
  return false
}
