/**
 * A bad row: one record that cannot be conformed, in data that otherwise can.
 *
 * The pipeline catches it, counts it under its fault, and goes on with the next row; one bad row
 * never ends a run. Where *every* row has the same fault, the source is wrong and the pipeline says so.
 */

/** What can be wrong with a row; the key under which it is counted. */
export type RowFault = 'no-such-column' | 'coordinate-not-finite'

/** Thrown by a conformer for one row. */
export class RowError extends Error {
  override readonly name = 'RowError'
  readonly fault: RowFault
  /** The column that is absent, or the value that is no coordinate. */
  readonly detail: string

  constructor(fault: RowFault, detail: string) {
    super(`${fault}: ${detail}`)
    this.fault = fault
    this.detail = detail
  }
}
