/**
 * `postfixed_street`: what follows the house number of an American address.
 *
 *     {"function": "postfixed_street", "field": "ADDRESS", "may_contain_units": true}
 *     {ADDRESS: "123 MAPLE ST APT 3"}  gives  "MAPLE ST"
 *
 * Without `may_contain_units` a unit stays with the street.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "postfixed_street".
 */
import type { PostfixedStreet } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { HOUSE_NUMBER, UNIT_WORD } from './house_number.ts'
import { matchedGroups } from './regexp.ts'
import { compilePattern } from './regexp_dialect.ts'

const NUMBER_BEFORE = `^(?:\\s*(?:${HOUSE_NUMBER})\\s+)?`
const STREET = compilePattern(`${NUMBER_BEFORE}(.*)`, 'i')
const STREET_BEFORE_UNIT = compilePattern(`${NUMBER_BEFORE}(.+?)(?:\\s+(?:${UNIT_WORD}).+)?$`, 'i')

export function postfixed_street(
  { field, may_contain_units = false }: PostfixedStreet,
  scope: Scope,
): Evaluate {
  const read = columnReader(field, scope)
  const street = may_contain_units ? STREET_BEFORE_UNIT : STREET
  return (row) => matchedGroups(street, read(row))
}
