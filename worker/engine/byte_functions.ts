/**
 * Attribute functions on bytes, for those that most sources call; the rest goes by texts.
 *
 * Each is the function of the same name in shared/conform, its oracle, for rows that have all the columns
 * it names. A list of three columns takes 0.15 µs a row, by texts 0.9.
 */
import type {
  AttributeFunction,
  PostfixedStreet,
  PostfixedUnit,
  PrefixedNumber,
} from '../../shared/conform/call.ts'
import { compileCall } from '../../shared/conform/functions.ts'
import { strip } from '../../shared/conform/python.ts'
import {
  type CellBatch,
  type CellSheet,
  cellString,
  hasPlainEdges,
  makeRoom,
  unescaped,
} from '../formats/cells.ts'
import { houseNumber, type Part, unitStart } from './address_bytes.ts'
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
    case 'prefixed_number':
      return onCell(call, columns, goal, (bytes, cell, part) => {
        if (!houseNumber(bytes, cell, part, REST)) part.end = part.start
        return true
      })
    case 'postfixed_unit':
      return onCell(call, columns, goal, (bytes, cell, part) => {
        const at = unitStart(bytes, cell.start, cell.end)
        part.start = at < 0 ? cell.end : at
        return true
      })
    case 'postfixed_street':
      return onCell(call, columns, goal, call.may_contain_units === true ? streetBeforeUnit : streetWithUnit)
    default:
      return undefined
  }
}

const NUMBER: Part = { start: 0, end: 0 }
const REST: Part = { start: 0, end: 0 }

function streetWithUnit(bytes: Uint8Array, cell: Part, part: Part): boolean {
  if (houseNumber(bytes, cell, NUMBER, part)) return true
  part.start = cell.start
  part.end = cell.end
  return true
}

function streetBeforeUnit(bytes: Uint8Array, cell: Part, part: Part): boolean {
  streetWithUnit(bytes, cell, part)
  // A street has at least one letter: what happens where only a number is left, the pattern knows best.
  if (part.start === part.end && cell.end > cell.start) return false
  let end = unitStart(bytes, part.start + 1, part.end)
  if (end < 0) return true
  while (end - 1 > part.start && bytes[end - 1] === BLANK) end--
  part.end = end
  return true
}

/** Finds a part of a cell, which is given as the whole of it; false for what is left to texts. */
type Find = (bytes: Uint8Array, cell: Part, part: Part) => boolean

/** A function that cuts a part out of one column; undefined where the data lacks it, as that is for texts to tell. */
function onCell(
  call: PrefixedNumber | PostfixedStreet | PostfixedUnit,
  names: Columns,
  { values, index }: Goal,
  find: Find,
): Work | undefined {
  const column = names.indexOf(call.field)
  if (column < 0) return undefined
  const { kinds, starts, ends, sheet } = values
  const evaluate = compileCall(call, { layer: 'addresses', variables: new Set(), compile: compileCall })
  const cell: Part = { start: 0, end: 0 }
  const part: Part = { start: 0, end: 0 }
  return (batch, row) => {
    const { bytes, spans, columns, escapedFrom } = batch
    const at = 2 * (row * columns.length + column)
    cell.start = spans[at]!
    cell.end = spans[at + 1]!
    part.start = cell.start
    part.end = cell.end
    if (cell.start >= escapedFrom || !find(bytes, cell, part)) {
      setValue(values, index, evaluate({ [call.field]: cellString(batch, row, column) }, ''))
      return
    }
    kinds[index] = PLAIN
    starts[index] = sheet.end
    putPart(sheet, bytes, part)
    ends[index] = sheet.end
  }
}

function putPart(sheet: CellSheet, bytes: Uint8Array, { start, end }: Part): void {
  makeRoom(sheet, end - start)
  const { bytes: target, end: to } = sheet
  for (let i = 0; i < end - start; i++) target[to + i] = bytes[start + i]!
  sheet.end = to + end - start
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
  const mayEscape = start >= escapedFrom
  // Of all that Python takes for a blank, only this one needs no escape.
  while (start < end && bytes[start] === BLANK) start++
  while (end > start && bytes[end - 1] === BLANK) end--
  if (mayEscape && !hasPlainEdges(bytes, start, end)) {
    return putWord(sheet, strip(unescaped(bytes.toString('latin1', start, end))))
  }
  putPart(sheet, bytes, { start, end })
  return mayEscape ? ESCAPED : PLAIN
}
