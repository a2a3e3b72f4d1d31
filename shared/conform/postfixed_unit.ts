/**
 * `postfixed_unit`: the unit that an American address ends with, its word included.
 *
 *     {"function": "postfixed_unit", "field": "ADDRESS"}
 *     {ADDRESS: "Main Street Apt. 300"}  gives  "Apt. 300"
 *     {ADDRESS: "Main Street rapt 300"}  gives  ""
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "postfixed_unit".
 */
import type { PostfixedUnit } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { UNIT_WORD } from './house_number.ts'
import { matchedGroups } from './regexp.ts'
import { compilePattern } from './regexp_dialect.ts'

const UNIT = compilePattern(`\\s((?:${UNIT_WORD}).+)$`, 'i')

export function postfixed_unit({ field }: PostfixedUnit, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  return (row) => matchedGroups(UNIT, read(row))
}
