/** How a CSV table is written down, and what can be wrong with one; the same for all who read it. */
import { SourceError } from '../../shared/problem.ts'
import type { Reading } from './reading.ts'

/** The grammar of one table. */
export interface Layout {
  readonly encoding: string | undefined
  readonly delimiter: string
  /** Lines before the one with the names. */
  readonly skippedLines: number
  /** False: the first record is data, and the columns are COLUMN1, COLUMN2 … */
  readonly isNamed: boolean
}

const ESRI_LAYOUT: Layout = { encoding: 'utf-8', delimiter: ',', skippedLines: 0, isNamed: true }

const BYTE_ORDER_MARK = '\ufeff'

/** Why rows are dropped. */
export const TOO_LONG = 'has more cells than there are columns'
export const TWICE = 'is dropped because a column name stands twice in the header'

/**
 * The tags that say how the table is written.
 *
 * @throws {SourceError} `source-invalid`, when tags contradict each other
 */
export function readLayout({ conform, isEsri }: Reading): Layout {
  if (isEsri) return ESRI_LAYOUT
  const { encoding, csvsplit = ',', headers, skiplines = 0 } = conform
  if (csvsplit.length !== 1) {
    throw new SourceError('source-invalid', `csvsplit must be one character, not ${JSON.stringify(csvsplit)}`)
  }
  const isNamed = headers !== -1
  if (isNamed && (headers ?? 0) !== skiplines) {
    throw new SourceError(
      'source-invalid',
      `headers and skiplines must be equal, not ${headers ?? 'absent'} and ${skiplines}`,
    )
  }
  return { encoding, delimiter: csvsplit, skippedLines: Math.max(0, skiplines - 1), isNamed }
}

/** Names for a table that has none. */
export function columnNumbers(cells: readonly unknown[]): string[] {
  return cells.map((_, index) => `COLUMN${index + 1}`)
}

/** Somebody who looks for a column that seems to be there shall know why it is not found. */
export function tellMark({ log }: Reading, columns: readonly string[]): void {
  if (columns[0]?.startsWith(BYTE_ORDER_MARK)) {
    log('the first column name begins with a byte order mark; encoding "utf-8-sig" would remove it')
  }
}
