/** `no-street`: an address without a street. */
import { isEmpty } from './row_view.ts'
import { placeOf, type RowRule } from './rule.ts'

export const no_street: RowRule = {
  kind: 'row',
  code: 'no-street',
  sentence: 'rows have no street',
  of: 'rows',
  only: 'incomplete',
  limits: { warning: 0.2, error: 0.9 },
  reason:
    'Villages without street names exist; a whole source without them is a function that erased its column.',
  open({ layer, names }) {
    const street = placeOf(names, 'street')
    return layer !== 'addresses' || street === undefined ? undefined : (row) => isEmpty(row, street)
  },
}
