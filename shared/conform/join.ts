/**
 * `join`: glue fields together, leaving the blank ones out.
 *
 *     {"function": "join", "fields": ["prefix", "number"], "separator": "-"}
 *     {prefix: "91", number: "921"}  gives  "91-921"
 *
 * Where the data lacks one of the columns nothing is stored at all.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "join".
 */
import type { Join } from './call.ts'
import { cellText, type Evaluate, type Scope } from './evaluate.ts'
import { strip } from './python.ts'

export function join({ fields, separator = ' ' }: Join, { variables }: Scope): Evaluate {
  const isVariable = fields.map((field) => variables.has(field))
  return (row) => {
    let joined = ''
    for (const [index, field] of fields.entries()) {
      const cell = cellText(row, field) ?? (isVariable[index] ? '' : undefined)
      if (cell === undefined) return undefined
      const text = strip(cell)
      if (text !== '') joined = joined === '' ? text : joined + separator + text
    }
    return joined
  }
}
