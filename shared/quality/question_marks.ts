/** `question-marks`: a ? behind a letter, which is what some programs leave of letters that they do not know. */
import { MARKS, type RowView, textOf } from './row_view.ts'
import type { RowRule } from './rule.ts'

const LOST = /\p{L}\?/u

export const question_marks: RowRule = {
  kind: 'row',
  code: 'question-marks',
  sentence: 'rows have a ? behind a letter, such as Aim? for Aimé',
  of: 'rows',
  only: 'marked',
  limits: { warning: 0.001, error: 0.3 },
  reason: 'People write a ? where they are not sure, now and then; a third of the rows is a lost alphabet.',
  open: () => (row) => (row.allMarks & MARKS.question) !== 0 && hasLost(row),
}

function hasLost(row: RowView): boolean {
  for (let at = 0; at < row.names.length; at++) {
    if ((row.marks[at]! & MARKS.question) !== 0 && LOST.test(textOf(row, at))) return true
  }
  return false
}
