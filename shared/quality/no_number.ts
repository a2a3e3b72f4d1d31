/** `no-number`: an address without a house number. */
import { isEmpty } from './row_view.ts'
import { placeOf, type RowRule } from './rule.ts'

export const no_number: RowRule = {
  kind: 'row',
  code: 'no-number',
  sentence: 'rows have no number',
  of: 'rows',
  only: 'incomplete',
  limits: { warning: 0.2, error: 0.9 },
  reason:
    'Parks and vacant lots have none; where nine of ten lack it, the column is not the one of the number.',
  open({ layer, names }) {
    const number = placeOf(names, 'number')
    return layer !== 'addresses' || number === undefined ? undefined : (row) => isEmpty(row, number)
  },
}
