/** `control-characters`: line breaks, tabs and other characters that are no text, inside of a value. */
import { MARKS } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const control_characters: RowRule = {
  kind: 'row',
  code: 'control-characters',
  sentence: 'rows have a line break, a tab or another control character in a value',
  of: 'rows',
  only: 'marked',
  limits: { warning: 0, error: 0.5 },
  reason:
    'They break the tables of those who read ours; half of the rows means that columns run into each other.',
  open: () => (row) => (row.allMarks & MARKS.control) !== 0,
}
