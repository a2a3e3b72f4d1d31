/** `wrong-srs`: so far from the coverage that it must have been another coordinate system. */
import { PLACES } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const wrong_srs: RowRule = {
  kind: 'row',
  code: 'wrong-srs',
  sentence: 'rows lie more than 5 degrees from the coverage: is "srs" of the conform missing or another one?',
  of: 'placed',
  only: 'misplaced',
  limits: { warning: 0.01, error: 0.3 },
  reason:
    'A few rows are slips of a geocoder; a third of them 500 km away is a coordinate system read as another.',
  open: ({ coverage }) => (coverage === null ? undefined : (row) => row.place === PLACES.far),
}
