/** `replacement-characters`: a � stands where a letter could not be read. */
import { MARKS } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const replacement_characters: RowRule = {
  kind: 'row',
  code: 'replacement-characters',
  sentence: 'rows have a � where a letter was lost',
  of: 'rows',
  only: 'marked',
  limits: { warning: 0, error: 0.3 },
  reason:
    'What is lost cannot be mended by anyone who reads the result; a third of the rows is a wrong "encoding".',
  open: () => (row) => (row.allMarks & MARKS.lost) !== 0,
}
