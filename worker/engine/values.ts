/**
 * Values that functions make of a row: the columns of a hash and of the output that no file has.
 *
 * What they give is put down once, however often it is needed.
 */
import { numberText } from '../../shared/conform/python.ts'
import type { WorkingRow } from '../../shared/row.ts'
import { type Conform, isObject } from '../../shared/source.ts'
import { type CellBatch, type CellSheet, putCell } from '../formats/cells.ts'

/** What a value is: not there, a text of plain letters, a text with escapes, a number or null. */
export const ABSENT = 0
export const PLAIN = 1
export const ESCAPED = 2
export const BARE = 3

/** The values of one row; those of the next take their place. */
export interface Values {
  /** Columns that functions may set, each once. */
  readonly names: readonly string[]
  readonly kinds: Uint8Array
  /** In `sheet`. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly sheet: CellSheet
}

/** Run all functions on a row of a batch. @throws {RowError} when the row cannot be conformed */
export type Work = (batch: CellBatch, row: number) => void

const SHEET_BYTES = 64 * 1024

export function openValues(conform: Conform, attributes: readonly string[]): Values {
  const names = [...new Set(attributes.flatMap((attribute) => namesOf(attribute, conform[attribute])))]
  return {
    names,
    kinds: new Uint8Array(names.length),
    starts: new Int32Array(names.length),
    ends: new Int32Array(names.length),
    sheet: { bytes: Buffer.allocUnsafe(SHEET_BYTES), end: 0 },
  }
}

/** Put a value in its place; undefined for one that is not there. */
export function setValue(values: Values, index: number, value: WorkingRow[string] | undefined): void {
  const { kinds, starts, ends, sheet } = values
  starts[index] = sheet.end
  if (typeof value === 'string') kinds[index] = putWord(sheet, value)
  else if (value === undefined) kinds[index] = ABSENT
  else {
    kinds[index] = BARE
    putWord(sheet, value === null ? 'null' : numberText(value))
  }
  ends[index] = sheet.end
}

/** Put a text as a cell, and tell of what kind it is. */
export function putWord(sheet: CellSheet, text: string): number {
  return putCell(sheet, text) ? ESCAPED : PLAIN
}

/** What the functions of an attribute may set in a row: a chain also sets its variable, or the attribute itself. */
function namesOf(attribute: string, value: unknown): string[] {
  if (Array.isArray(value)) return [`oa:${attribute}`]
  if (!isObject(value)) return []
  if (value['function'] !== 'chain') return [`oa:${attribute}`]
  const variables = variablesIn(value).flatMap((variable) => [variable, `oa:${variable}`])
  return [`oa:${attribute}`, attribute, ...variables]
}

function variablesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(variablesIn)
  if (!isObject(value)) return []
  const own = typeof value['variable'] === 'string' ? [value['variable']] : []
  return [...own, ...Object.values(value).flatMap(variablesIn)]
}
