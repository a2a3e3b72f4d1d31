/**
 * `prefixed_number`: the house number that an American address begins with.
 *
 *     {"function": "prefixed_number", "field": "ADDRESS"}
 *     {ADDRESS: "123 1/2 MAPLE ST"}  gives  "123 1/2"
 *     {ADDRESS: "3RD ST"}            gives  ""
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "prefixed_number".
 */
import type { PrefixedNumber } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { HOUSE_NUMBER } from './house_number.ts'
import { matchedGroups } from './regexp.ts'
import { compilePattern } from './regexp_dialect.ts'

const NUMBER = compilePattern(`^\\s*(${HOUSE_NUMBER})\\s+`, 'i')

export function prefixed_number({ field }: PrefixedNumber, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  return (row) => matchedGroups(NUMBER, read(row))
}
