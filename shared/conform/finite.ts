/** Places that are somewhere: a row with a coordinate that is no number is a bad row. */
import { eachPosition } from '../geometry/parts.ts'
import type { Geometry } from '../row.ts'
import { RowError } from './row_error.ts'

/** @throws {RowError} `coordinate-not-finite` */
export function assertFinite(geometry: Geometry): void {
  eachPosition(geometry, (position) => {
    for (const ordinate of position) {
      if (!Number.isFinite(ordinate)) throw new RowError('coordinate-not-finite', String(ordinate))
    }
  })
}
