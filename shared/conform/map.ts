/**
 * `map`: look the field up in a table; a number in the table stays a number.
 *
 *     {"function": "map", "field": "ACC", "mapping": {"rooftop": 1, "interpolated": 4}, "else": 5}
 *     {ACC: "rooftop"}  gives  1
 *     {ACC: "3"}        gives  5, and "" without an `else`
 *
 * The text must be the same, blanks and letter case included. Where the data lacks the column
 * nothing is stored.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "map".
 */
import type { Mapping } from './call.ts'
import { cellText, type Evaluate, type Scope } from './evaluate.ts'

export function map({ field, mapping, else: otherwise = '' }: Mapping, { variables }: Scope): Evaluate {
  const table = new Map(Object.entries(mapping))
  const isVariable = variables.has(field)
  return (row) => {
    const text = cellText(row, field) ?? (isVariable ? '' : undefined)
    if (text === undefined) return undefined
    const value = table.get(text)
    return value === undefined ? otherwise : value
  }
}
