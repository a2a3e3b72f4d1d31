/** `outside-coverage`: outside the country, or the state of the USA, that the source says it covers. */
import { PLACES } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const outside_coverage: RowRule = {
  kind: 'row',
  code: 'outside-coverage',
  sentence: 'rows lie outside the coverage that the source declares',
  of: 'placed',
  only: 'misplaced',
  limits: { warning: 0.01, error: 0.5 },
  reason: 'Outlines are coarse (10 km are forgiven), and some addresses lie abroad; half of them do not.',
  open: ({ coverage }) => (coverage === null ? undefined : (row) => row.place >= PLACES.outside),
}
