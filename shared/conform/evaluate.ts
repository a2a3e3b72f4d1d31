/**
 * Evaluation: what a compiled call is, and how it reads columns.
 *
 * Calls are compiled once per run: patterns, templates and look-up tables are made then, and only
 * the work on the row itself is left for each row.
 */
import type { LayerName } from '../layer.ts'
import type { WorkingRow } from '../row.ts'
import type { Value } from './call.ts'
import { numberText } from './python.ts'
import { RowError } from './row_error.ts'

/**
 * A call, ready for any row.
 *
 * @param key  the working column that the result will go to, without `oa:`; a chain needs it
 * @returns undefined when nothing is to be stored
 */
export type Evaluate = (row: WorkingRow, key: string) => Value | undefined

/** What the compilation of one conform carries along. */
export interface Scope {
  readonly layer: LayerName
  /** Variables of the chains so far: columns that a row has only when a step gave something. */
  readonly variables: Set<string>
  /** Compile a call, here for the steps of a chain. @throws {SourceError} when it is no proper call */
  readonly compile: (call: unknown, scope: Scope) => Evaluate
}

/**
 * A reader of a column that a function cannot do without. The bare variable of a chain is empty
 * while no step gave anything, where the original failed.
 *
 * @throws {RowError} `no-such-column`, from the reader
 */
export function columnReader(field: string, { variables }: Scope): (row: WorkingRow) => string {
  const isVariable = variables.has(field)
  return (row) => {
    const text = cellText(row, field) ?? (isVariable ? '' : undefined)
    if (text === undefined) throw new RowError('no-such-column', field)
    return text
  }
}

/** The text of a cell: null is empty, a number has its own text; undefined where there is no such column. */
export function cellText(row: WorkingRow, field: string): string | undefined {
  // The type is right for what a row holds; a name such as "constructor" also finds what it inherits.
  const cell: unknown = row[field]
  if (typeof cell === 'string') return cell
  if (typeof cell === 'number') return numberText(cell)
  return cell === null ? '' : undefined
}
