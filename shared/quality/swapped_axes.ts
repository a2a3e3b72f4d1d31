/** `swapped-axes`: outside the coverage, and inside it when longitude and latitude change places. */
import { PLACES } from './row_view.ts'
import type { RowRule } from './rule.ts'

export const swapped_axes: RowRule = {
  kind: 'row',
  code: 'swapped-axes',
  sentence:
    'rows lie inside the coverage only when lon and lat are swapped: are "lon" and "lat" of the conform, or the axes of its srs, the wrong way round?',
  of: 'placed',
  only: 'misplaced',
  limits: { warning: 0.001, error: 0.1 },
  reason: 'By chance this happens to nearly no row: the mirror image of most countries is in the sea.',
  open: ({ coverage }) => (coverage === null ? undefined : (row) => row.place === PLACES.swapped),
}
