/**
 * `first_non_empty`: the first field that is not blank, as it stands.
 *
 *     {"function": "first_non_empty", "fields": ["a", "b"]}
 *     {a: "  ", b: " MAPLE ST "}  gives  " MAPLE ST "
 *
 * Where all are blank nothing is stored.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "first_non_empty".
 */
import type { FirstNonEmpty } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { strip } from './python.ts'

export function first_non_empty({ fields }: FirstNonEmpty, scope: Scope): Evaluate {
  const readers = fields.map((field) => columnReader(field, scope))
  return (row) => {
    for (const read of readers) {
      const text = read(row)
      if (strip(text) !== '') return text
    }
    return undefined
  }
}
