/** `repeated-value`: one value in suspiciously many rows of an attribute that should vary. */
import type { ColumnRule } from './rule.ts'

/** Fewer rows than this prove nothing. */
const ROWS_MIN = 100

/** Attributes that vary in any source; a city may well have one `city`. */
const VARYING: readonly string[] = ['number', 'street', 'pid', 'id', 'name']

export const repeated_value: ColumnRule = {
  kind: 'column',
  code: 'repeated-value',
  sentence: 'rows have one and the same value',
  limits: { warning: 0.25, error: 0.9 },
  reason:
    'No number and no street of a town is in a quarter of its rows; a value in nine of ten is a filler, or the wrong column.',
  find({ names }, counts, rows) {
    if (rows < ROWS_MIN) return []
    return names.flatMap((attribute, at) => {
      const top = VARYING.includes(attribute) ? counts.top(at) : null
      if (top === null) return []
      return [
        { attribute, count: top.rows, of: rows, example: `${JSON.stringify(top.value)} in ${top.rows} rows` },
      ]
    })
  },
}
