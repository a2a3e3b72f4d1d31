/**
 * Paging by offset: row 0 to 999, row 1,000 to 1,999 …
 *
 * The next window begins behind what was really returned, not behind what was asked for (demand 75).
 */
import { pageQuery, type Plan, SMALLER, type Strategy, type Window } from './esri_window.ts'

export const offset: Strategy = {
  name: 'offset',
  isOffered: ({ layer, count }) => layer.canOffset && count !== undefined,
  plan: async ({ layer, count = 0 }): Promise<Plan> => ({
    windows: windows(0, count, layer.pageRows),
    isById: false,
    rows: count,
  }),
}

function* windows(from: number, to: number, rows: number): Generator<Window> {
  // The last window is asked for whole: rows that were added since come along.
  for (let start = from; start < to; start += rows) yield window(start, rows, Math.min(rows, to - start))
}

/** @param expected  how many of its rows there are, as far as the count tells */
function window(start: number, rows: number, expected: number): Window {
  return {
    query: pageQuery({ resultOffset: String(start), resultRecordCount: String(rows), where: '1=1' }),
    rows,
    rest: ({ features }) => {
      const came = features.length
      return came === 0 || came >= expected ? [] : [window(start + came, rows - came, expected - came)]
    },
    parts: () => {
      const smaller = Math.ceil(rows / SMALLER)
      return smaller < rows ? [...windows(start, start + rows, smaller)] : []
    },
  }
}
