/**
 * An outline as a grid, so that a row is inside or outside at the price of one look.
 *
 * Cells that the outline touches count as inside, and so do those within the tolerance of it: outlines of packages
 * are drawn for maps of the world, and addresses stand on piers.
 */

/** Rings of polygons: lon, lat; whatever is in an odd number of them is inside. */
export type Rings = readonly (readonly (readonly number[])[])[]

/** An outline to ask. */
export interface Outline {
  /** What it is the outline of, in words: `Oregon`. */
  readonly name: string
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  isInside(lon: number, lat: number): boolean
}

/** Cells on the longer side: 0.2 degrees for a country with overseas parts, and 1.6 MB. */
const CELLS_MAX = 1_800

/** How far outside a row may be, in degrees: some 10 km. */
const TOLERANCE_DEGREES = 0.1

/** Cells are not made smaller than this. */
const CELL_DEGREES_MIN = 0.02

/** Make a grid of rings. */
export function outlineOf(name: string, rings: Rings): Outline {
  const points = rings.flat()
  const margin = TOLERANCE_DEGREES + CELL_DEGREES_MIN
  const [west, east] = reach(points, 0, margin)
  const [south, north] = reach(points, 1, margin)
  const cell = Math.max(CELL_DEGREES_MIN, Math.max(east - west, north - south) / CELLS_MAX)
  const columns = Math.ceil((east - west) / cell)
  const lines = Math.ceil((north - south) / cell)
  const grid = { cells: new Uint8Array(columns * lines), columns, lines, west, south, cell }
  fill(grid, rings)
  trace(grid, rings)
  widen(grid, Math.ceil(TOLERANCE_DEGREES / cell))

  return {
    name,
    west,
    south,
    east,
    north,
    isInside(lon, lat): boolean {
      const column = Math.floor((lon - west) / cell)
      const line = Math.floor((lat - south) / cell)
      if (!(column >= 0 && column < columns && line >= 0 && line < lines)) return false
      return grid.cells[line * columns + column] === 1
    },
  }
}

interface Grid {
  readonly cells: Uint8Array
  readonly columns: number
  readonly lines: number
  readonly west: number
  readonly south: number
  readonly cell: number
}

function reach(points: Rings[number], ordinate: 0 | 1, margin: number): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const point of points) {
    least = Math.min(least, point[ordinate]!)
    most = Math.max(most, point[ordinate]!)
  }
  return [least - margin, most + margin]
}

/** Cells whose middle is inside, line by line. */
function fill({ cells, columns, lines, west, south, cell }: Grid, rings: Rings): void {
  const crossings: number[][] = Array.from({ length: lines }, () => [])
  for (const ring of rings) {
    for (let at = 1; at < ring.length; at++) {
      const [lower, upper] = [ring[at - 1]!, ring[at]!].sort((one, other) => one[1]! - other[1]!) as [
        number[],
        number[],
      ]
      const first = Math.ceil((lower[1]! - south) / cell - 0.5)
      for (let line = first; line < lines && south + (line + 0.5) * cell < upper[1]!; line++) {
        const share = (south + (line + 0.5) * cell - lower[1]!) / (upper[1]! - lower[1]!)
        crossings[line]!.push(lower[0]! + share * (upper[0]! - lower[0]!))
      }
    }
  }
  crossings.forEach((xs, line) => {
    xs.sort((one, other) => one - other)
    for (let at = 0; at + 1 < xs.length; at += 2) {
      const from = Math.ceil((xs[at]! - west) / cell - 0.5)
      const to = Math.floor((xs[at + 1]! - west) / cell - 0.5)
      cells.fill(1, line * columns + from, line * columns + Math.min(to, columns - 1) + 1)
    }
  })
}

/** Cells that an edge goes through, so that an islet smaller than a cell is there. */
function trace({ cells, columns, west, south, cell }: Grid, rings: Rings): void {
  for (const ring of rings) {
    for (let at = 1; at < ring.length; at++) {
      const [x, y] = ring[at - 1]! as [number, number]
      const [dx, dy] = [ring[at]![0]! - x, ring[at]![1]! - y]
      const steps = Math.ceil(Math.max(Math.abs(dx), Math.abs(dy)) / cell) + 1
      for (let step = 0; step <= steps; step++) {
        const column = Math.floor((x + (step / steps) * dx - west) / cell)
        const line = Math.floor((y + (step / steps) * dy - south) / cell)
        cells[line * columns + column] = 1
      }
    }
  }
}

/** Cells with one inside so near, first along the lines, then along the columns. */
function widen({ cells, columns, lines }: Grid, reach: number): void {
  for (let line = 0; line < lines; line++)
    spread(cells, { first: line * columns, step: 1, count: columns, reach })
  for (let column = 0; column < columns; column++) {
    spread(cells, { first: column, step: columns, count: lines, reach })
  }
}

interface Stretch {
  readonly first: number
  readonly step: number
  readonly count: number
  readonly reach: number
}

function spread(cells: Uint8Array, { first, step, count, reach }: Stretch): void {
  const was = Uint8Array.from({ length: count }, (_, at) => cells[first + at * step]!)
  let until = -1
  for (let at = 0; at < count; at++) {
    if (was[at] === 1) for (let to = Math.max(at - reach, until); to <= at + reach; to++) mark(to)
    if (was[at] === 1) until = at + reach
  }

  function mark(at: number): void {
    if (at >= 0 && at < count) cells[first + at * step] = 1
  }
}
