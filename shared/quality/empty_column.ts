/** `empty-column`: the conform maps an attribute, and no row has anything in it. */
import type { ColumnRule } from './rule.ts'

export const empty_column: ColumnRule = {
  kind: 'column',
  code: 'empty-column',
  sentence: 'rows have nothing in an attribute that the conform maps',
  limits: { warning: 0.999 },
  reason:
    'The column was renamed or emptied, or a pattern matches nothing; a warning, because the other attributes may be fine.',
  find({ names, mapped }, counts, rows) {
    return names.flatMap((attribute, at) =>
      rows > 0 && mapped.has(attribute) && counts.filled[at] === 0
        ? [{ attribute, count: rows, of: rows }]
        : [],
    )
  },
}
