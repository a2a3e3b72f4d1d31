/** `decimal-ending`: a value ends with .0, because a whole number went through a spreadsheet. */
import { MARKS } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const decimal_ending: RowRule = {
  kind: 'row',
  code: 'decimal-ending',
  sentence: 'rows have a value that ends with .0',
  of: 'rows',
  only: 'marked',
  limits: { warning: 0.001 },
  reason:
    'No postcode, unit or parcel ends so, and nobody can match it; the rest of the row is right, so that it is only told.',
  open: () => (row) => (row.allMarks & MARKS.decimal) !== 0,
}
