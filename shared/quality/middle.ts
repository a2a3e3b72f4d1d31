/**
 * The box of the middle of the rows: without the outermost half percent on each side.
 *
 * The box of all rows is moved by one address that was geocoded to another continent; this one is moved by rows that have
 * moved. Two histograms of hundredths of a degree, 216 kB, whatever the number of rows.
 */
import type { Box } from '../run.ts'
import type { RowView } from './row_view.ts'

const BINS_PER_DEGREE = 100

/** So many rows on each side do not count. */
const TAIL_SHARE = 0.005

/** Counts where rows are. */
export interface Middle {
  see(row: RowView): void
  /** To a hundredth of a degree; null where no row is on the globe. */
  box(): Box | null
}

/** Nothing seen yet. */
export function openMiddle(): Middle {
  const lons = new Uint32Array(360 * BINS_PER_DEGREE + 1)
  const lats = new Uint32Array(180 * BINS_PER_DEGREE + 1)
  let rows = 0

  return {
    see({ hasPlace, west, south, east, north }): void {
      if (!hasPlace) return
      const column = (((west + east) / 2 + 180) * BINS_PER_DEGREE) | 0
      const line = (((south + north) / 2 + 90) * BINS_PER_DEGREE) | 0
      if (!(column >= 0 && column < lons.length && line >= 0 && line < lats.length)) return
      lons[column]! += 1
      lats[line]! += 1
      rows += 1
    },

    box(): Box | null {
      if (rows === 0) return null
      const [west, east] = between(lons, rows)
      const [south, north] = between(lats, rows)
      return [degrees(west, 180), degrees(south, 90), degrees(east + 1, 180), degrees(north + 1, 90)]
    },
  }
}

function between(bins: Uint32Array, rows: number): [number, number] {
  const tail = Math.floor(rows * TAIL_SHARE)
  let first = 0
  for (let left = tail; bins[first]! <= left; first++) left -= bins[first]!
  let last = bins.length - 1
  for (let left = tail; bins[last]! <= left; last--) left -= bins[last]!
  return [first, last]
}

function degrees(bin: number, origin: number): number {
  return (bin - origin * BINS_PER_DEGREE) / BINS_PER_DEGREE
}
