/**
 * `mojibake`: UTF-8 that was read as Latin-1 or Windows-1252, such as `StraÃŸe` for `Straße`.
 *
 * Told by its form, not by a list of words: letters that, taken as bytes again, are one whole character of UTF-8.
 * In text that people write, a Ã is not followed by a ¤.
 */
import { WINDOWS_1252 } from './escaped_value.ts'
import { MARKS, type RowView, textOf } from './row_view.ts'
import type { RowRule } from './rule.ts'

/** A byte that goes on with a character of UTF-8, as it looks in either code page. */
const GOES_ON = `[\\u0080-\\u00bf${WINDOWS_1252}]`

const BROKEN = new RegExp(
  `[\\u00c2-\\u00df]${GOES_ON}|[\\u00e0-\\u00ef]${GOES_ON}{2}|[\\u00f0-\\u00f4]${GOES_ON}{3}`,
  'u',
)

export const mojibake: RowRule = {
  kind: 'row',
  code: 'mojibake',
  sentence: 'rows have text that was read in the wrong encoding, such as Ã¤ for ä',
  of: 'rows',
  only: 'marked',
  limits: { warning: 0.001, error: 0.3 },
  reason:
    'Single names come broken from the publisher; a third of the rows is the encoding of the whole file.',
  open: () => (row) => (row.allMarks & MARKS.suspect) !== 0 && hasBroken(row),
}

function hasBroken(row: RowView): boolean {
  for (let at = 0; at < row.names.length; at++) {
    if ((row.marks[at]! & MARKS.suspect) !== 0 && BROKEN.test(textOf(row, at))) return true
  }
  return false
}
