/**
 * `remove_prefix`: a field without the value of another that it begins with.
 *
 *     {"function": "remove_prefix", "field": "ADDRESS", "field_to_remove": "NUMBER"}
 *     {ADDRESS: "123 MAPLE ST", NUMBER: "123"}  gives  "MAPLE ST"
 *
 * Letter case counts. Of the blanks that are left in front only spaces go.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "remove_prefix".
 */
import type { RemovePrefix } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'

export function remove_prefix({ field, field_to_remove }: RemovePrefix, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  const readPrefix = columnReader(field_to_remove, scope)
  return (row) => {
    const text = read(row)
    const prefix = readPrefix(row)
    return text.startsWith(prefix) ? text.slice(prefix.length).replace(/^ +/, '') : text
  }
}
