/**
 * The work on a row: every function of a conform, on bytes where that is known to give the same, and
 * otherwise by shared/conform on the texts of the columns that are named.
 *
 * A conform in which one function reads what another gave goes by texts as a whole.
 */
import { readCall } from '../../shared/conform/call.ts'
import { compileConform } from '../../shared/conform/conform.ts'
import type { LayerName } from '../../shared/layer.ts'
import type { WorkingRow } from '../../shared/row.ts'
import { type Conform, isObject } from '../../shared/source.ts'
import { cellString } from '../formats/cells.ts'
import { compileBytes } from './byte_functions.ts'
import { setValue, type Values, type Work } from './values.ts'

type Columns = readonly (string | undefined)[]

/** Compile all functions of a conform for rows of these columns. */
export function compileWork(layer: LayerName, conform: Conform, columns: Columns, values: Values): Work {
  const isApart = !wordsIn(conform).some((word) => word === 'chain' || word.startsWith('oa:'))
  const texts: Record<string, unknown> = {}
  const works: Work[] = []
  for (const [attribute, value] of Object.entries(conform)) {
    const index = values.names.indexOf(`oa:${attribute}`)
    const work = isApart && index >= 0 ? compileBytes(callOf(value), columns, { values, index }) : undefined
    if (work === undefined) texts[attribute] = value
    else works.push(work)
  }
  const rest = workOnTexts(layer, texts, columns, { values, isApart })
  if (rest !== undefined) works.push(rest)
  return (batch, row) => {
    values.sheet.end = 0
    for (let i = 0; i < works.length; i++) works[i]!(batch, row)
  }
}

/** A list, or a call that has been doubted; undefined for what is neither. */
function callOf(value: unknown) {
  if (Array.isArray(value)) return value as readonly unknown[]
  const call = isObject(value) ? readCall(value) : undefined
  return Array.isArray(call) ? undefined : call
}

/** Functions on the texts of the columns that they name; undefined where there are none. */
function workOnTexts(
  layer: LayerName,
  conform: Conform,
  columns: Columns,
  { values, isApart }: { readonly values: Values; readonly isApart: boolean },
): Work | undefined {
  const conformer = compileConform(layer, conform)
  const mine = values.names.flatMap((name, index) =>
    isApart && conform[name.slice('oa:'.length)] === undefined ? [] : [{ name, index }],
  )
  if (mine.length === 0) return undefined
  const words = new Set([...wordsIn(conform), ...values.names])
  const needed = columns.flatMap((name, column) =>
    name !== undefined && words.has(name) ? [{ name, column }] : [],
  )
  return (batch, row) => {
    const working: WorkingRow = {}
    for (const { name, column } of needed) working[name] = cellString(batch, row, column)
    conformer.work(working)
    for (const { name, index } of mine) {
      setValue(values, index, Object.hasOwn(working, name) ? working[name] : undefined)
    }
  }
}

/** Every text of a conform that may be the name of a column, in calls and lists. */
function wordsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(wordsIn)
  return isObject(value) ? Object.values(value).flatMap(wordsIn) : []
}
