/** `no-number-and-street`: an address of which nothing is left but its place. */
import { isEmpty } from './row_view.ts'
import { placeOf, type RowRule } from './rule.ts'

export const no_number_and_street: RowRule = {
  kind: 'row',
  code: 'no-number-and-street',
  sentence: 'rows have neither number nor street',
  of: 'rows',
  only: 'incomplete',
  limits: { warning: 0.05, error: 0.5 },
  reason: 'Such a row is no address; a source of which half is none would be counted for twice what it is.',
  open({ layer, names }) {
    const number = placeOf(names, 'number')
    const street = placeOf(names, 'street')
    if (layer !== 'addresses' || number === undefined || street === undefined) return undefined
    return (row) => isEmpty(row, number) && isEmpty(row, street)
  },
}
