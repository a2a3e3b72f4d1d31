/**
 * A geometry that cannot be used: the fault of one row, never of the run.
 *
 * Readers catch it, count the row under its fault, and go on (spec: processing.md §13, #15).
 */

/** Why a geometry was refused; the keys under which bad rows are counted. */
export type GeometryFault =
  | 'not-wkt'
  | 'not-geojson'
  | 'unknown-type'
  | 'curve'
  | 'not-a-number'
  | 'not-finite'
  | 'too-few-points'
  | 'unclosed-ring'

/** Thrown by everything in this room that reads a geometry. */
export class GeometryError extends Error {
  override readonly name = 'GeometryError'
  readonly fault: GeometryFault

  constructor(fault: GeometryFault, detail: string) {
    super(`${fault}: ${detail}`)
    this.fault = fault
  }
}
