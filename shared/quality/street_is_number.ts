/** `street-is-number`: number and street are the same text, as when one column is mapped twice. */
import { isEmpty } from './row_view.ts'
import { placeOf, type RowRule } from './rule.ts'

export const street_is_number: RowRule = {
  kind: 'row',
  code: 'street-is-number',
  sentence: 'rows have the same text as number and as street',
  of: 'rows',
  limits: { warning: 0.01, error: 0.5 },
  reason:
    'There are streets called 5 with a house 5, one in a hundred at most; openaddresses issue 5694 had "325, 325".',
  open({ names }) {
    const number = placeOf(names, 'number')
    const street = placeOf(names, 'street')
    if (number === undefined || street === undefined) return undefined
    return (row) =>
      row.a[number] === row.a[street] &&
      row.b[number] === row.b[street] &&
      !isEmpty(row, number) &&
      !isEmpty(row, street)
  },
}
