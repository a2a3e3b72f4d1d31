/**
 * `constant`: the same value for every row; a number stays a number.
 *
 *     {"function": "constant", "value": "PA"}  gives  "PA"
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "constant".
 */
import type { Constant } from './call.ts'
import type { Evaluate } from './evaluate.ts'

export function constant({ value }: Constant): Evaluate {
  return () => value
}
