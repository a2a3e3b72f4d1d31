/**
 * `remove_postfix`: a field without the value of another that it ends with.
 *
 *     {"function": "remove_postfix", "field": "ADDRESS", "field_to_remove": "UNIT"}
 *     {ADDRESS: "MAPLE ST UNIT 5", UNIT: "UNIT 5"}  gives  "MAPLE ST"
 *
 * Letter case counts. Of the blanks that are left at the end only spaces go; an empty value removes
 * nothing, not even those.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "remove_postfix".
 */
import type { RemovePostfix } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'

export function remove_postfix({ field, field_to_remove }: RemovePostfix, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  const readPostfix = columnReader(field_to_remove, scope)
  return (row) => {
    const text = read(row)
    const postfix = readPostfix(row)
    if (postfix === '' || !text.endsWith(postfix)) return text

    let end = text.length - postfix.length
    while (text[end - 1] === ' ') end--
    return text.slice(0, end)
  }
}
