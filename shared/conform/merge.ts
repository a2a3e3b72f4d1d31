/**
 * A list of columns in place of a call: their values joined by a space, blank ones left out.
 *
 *     "street": ["PREFIX", "NAME", "TYPE"]
 *     {PREFIX: "N", NAME: " OAK ", TYPE: ""}  gives  "N OAK"
 *
 * Unlike `join`, it takes a column that the data lacks for an empty one.
 *
 * Source: openaddresses/CONTRIBUTING.md, "Attribute tags".
 */
import { cellText, type Evaluate } from './evaluate.ts'
import { strip } from './python.ts'

/** @param fields  as the list stands in the source; what is no column name is passed over */
export function merge(fields: readonly unknown[]): Evaluate {
  const names = fields.filter((field) => typeof field === 'string')
  return (row) => {
    let merged = ''
    for (const name of names) {
      const text = strip(cellText(row, name) ?? '')
      if (text !== '') merged = merged === '' ? text : `${merged} ${text}`
    }
    return merged
  }
}
