/**
 * `format`: put fields into a text, leaving out what surrounds the blank ones.
 *
 *     {"function": "format", "fields": ["a", "b", "c"], "format": "$1-$2-$3"}
 *     {a: "12.0", b: "", c: "56"}  gives  "12-56"
 *
 * A text before a reference is written when the reference is the first, or when something stands
 * already and the field has a value; a text after the last one when anything stands.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "format".
 */
import type { Format } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { strip } from './python.ts'

interface Reference {
  /** The text between the reference before it and this one. */
  readonly before: string
  /** Which field, from 0. */
  readonly field: number
  readonly isFirst: boolean
}

export function format({ fields, format }: Format, scope: Scope): Evaluate {
  const readers = fields.map((field) => columnReader(field, scope))
  const { references, after } = readFormat(format, fields.length)
  return (row) => {
    const values = readers.map((read) => fieldValue(read(row)))
    let formatted = ''
    let isEmpty = true
    for (const { before, field, isFirst } of references) {
      const value = values[field]!
      if (isFirst || (!isEmpty && value !== '')) formatted += before
      formatted += value
      isEmpty &&= value === ''
    }
    return isEmpty ? '' : formatted + after
  }
}

function readFormat(format: string, fieldCount: number): { references: Reference[]; after: string } {
  const references: Reference[] = []
  let at = 0
  for (const { 0: reference, 1: number, index } of format.matchAll(/\$([0-9]+)/g)) {
    const field = Number(number) - 1
    // A reference to no field vanishes, and the text before it too.
    if (field >= 0 && field < fieldCount) {
      references.push({ before: format.slice(at, index), field, isFirst: at === 0 })
    }
    at = index + reference.length
  }
  return { references, after: format.slice(at) }
}

/** Numbers that went through a spreadsheet come as `12.0`. */
function fieldValue(cell: string): string {
  const text = strip(cell)
  return text.endsWith('.0') ? text.slice(0, -2) : text
}
