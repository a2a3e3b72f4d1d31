/** `no-geometry`: a row says what, but not where. */
import type { RowRule } from './rule.ts'

export const no_geometry: RowRule = {
  kind: 'row',
  code: 'no-geometry',
  sentence: 'rows have no place',
  of: 'rows',
  only: 'odd',
  limits: { warning: 0.01, error: 0.5 },
  reason:
    'Publishers keep some rows that they could not place; when most have none, a column or the format is not what the source says.',
  open: () => (row) => !row.hasPlace,
}
