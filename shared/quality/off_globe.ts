/** `off-globe`: a longitude beyond 180 or a latitude beyond 90. */
import type { RowRule } from './rule.ts'

export const off_globe: RowRule = {
  kind: 'row',
  code: 'off-globe',
  sentence: 'rows are beyond ±180 or ±90 degrees: metres or feet taken for degrees, a wrong srs?',
  of: 'placed',
  only: 'odd',
  limits: { warning: 0, error: 0.1 },
  reason: 'There is no such place; one row may be a slip, a tenth of them is a coordinate system.',
  open: () => (row) =>
    row.hasPlace && !(row.west >= -180 && row.east <= 180 && row.south >= -90 && row.north <= 90),
}
