/**
 * Attribute functions on bytes, for those that most sources call; the rest goes by texts.
 *
 * Each is the function of the same name in shared/conform, its oracle, for rows that have all the columns
 * it names. A list of three columns takes 0.15 µs a row, by texts 0.9.
 */
import type { AttributeFunction } from '../../shared/conform/call.ts'
import { strip } from '../../shared/conform/python.ts'
import { type CellBatch, type CellSheet, makeRoom, unescaped } from '../formats/cells.ts'
import { ESCAPED, PLAIN, putWord, setValue, type Values, type Work } from './values.ts'

/** Where the result of a function goes. */
export interface Goal {
  readonly values: Values
  readonly index: number
}

type Columns = readonly (string | undefined)[]

const BLANK = 0x20

/** Undefined where the call is for texts. */
export function compileBytes(
  call: AttributeFunction | readonly unknown[] | undefined,
  columns: Columns,
  goal: Goal,
): Work | undefined {
  if (call === undefined) return undefined
  if (isList(call)) {
    // What the data lacks is an empty column to a list.
    const named = call.filter((name) => typeof name === 'string' && columns.includes(name))
    return joined(
      named.map((name) => columns.indexOf(name as string)),
      ' ',
      goal,
    )
  }
  switch (call.function) {
    case 'constant':
      return () => setValue(goal.values, goal.index, call.value)
    case 'join': {
      const { fields, separator = ' ' } = call
      if (!fields.every((field) => columns.includes(field)) || !IS_PLAIN.test(separator)) return undefined
      return joined(
        fields.map((field) => columns.indexOf(field)),
        separator,
        goal,
      )
    }
    default:
      return undefined
  }
}

/** What needs no escape in JSON. */
const IS_PLAIN = /^[ !#-[\]-~]*$/

function isList(call: AttributeFunction | readonly unknown[]): call is readonly unknown[] {
  return Array.isArray(call)
}

function joined(columns: readonly number[], separator: string, { values, index }: Goal): Work {
  const { kinds, starts, ends, sheet } = values
  return (batch, row) => {
    const start = sheet.end
    let kind = PLAIN
    for (let i = 0; i < columns.length; i++) {
      const before = sheet.end
      if (before > start) putWord(sheet, separator)
      const text = sheet.end
      if (putStripped(sheet, batch, row, columns[i]!) === ESCAPED) kind = ESCAPED
      // A blank field takes its separator along.
      if (sheet.end === text) sheet.end = before
    }
    kinds[index] = kind
    starts[index] = start
    ends[index] = sheet.end
  }
}

/** Put a cell without the blanks around it. */
function putStripped(sheet: CellSheet, batch: CellBatch, row: number, column: number): number {
  const { bytes, spans, columns, escapedFrom } = batch
  const at = 2 * (row * columns.length + column)
  let start = spans[at]!
  let end = spans[at + 1]!
  if (start >= escapedFrom) return putWord(sheet, strip(unescaped(bytes.toString('latin1', start, end))))
  // Of all that Python takes for a blank, only this one needs no escape.
  while (start < end && bytes[start] === BLANK) start++
  while (end > start && bytes[end - 1] === BLANK) end--
  makeRoom(sheet, end - start)
  const { bytes: target, end: to } = sheet
  for (let i = 0; i < end - start; i++) target[to + i] = bytes[start + i]!
  sheet.end = to + end - start
  return PLAIN
}
