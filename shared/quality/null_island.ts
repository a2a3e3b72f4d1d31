/** `null-island`: at 0, 0 in the Gulf of Guinea, where no address is. */
import type { RowRule } from './rule.ts'

/** Within 11 m: nobody surveys there, and projections leave a little beside zero. */
const NEAR_DEGREES = 0.0001

export const null_island: RowRule = {
  kind: 'row',
  code: 'null-island',
  sentence: 'rows lie at 0, 0',
  of: 'placed',
  only: 'odd',
  limits: { warning: 0.001, error: 0.1 },
  reason:
    'Zeros stand for a missing coordinate; a tenth of all rows would be a heap on every map made of them.',
  open: () => (row) =>
    row.hasPlace &&
    row.west > -NEAR_DEGREES &&
    row.east < NEAR_DEGREES &&
    row.south > -NEAR_DEGREES &&
    row.north < NEAR_DEGREES,
}
