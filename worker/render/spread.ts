/**
 * How points are spread, kept up point by point, and the window that a picture of them shows.
 *
 * A few places far off (a typing error in the sea, a house on an island) would make a picture of
 * nothing. So the window is what lies within a few standard deviations of the mean, drawn together to
 * the points in it, with a little air around.
 *
 * Source: processing.md §11; Welford's method for the deviation.
 */

/** In metres of the Mercator plane. */
export interface Box {
  readonly xmin: number
  readonly ymin: number
  readonly xmax: number
  readonly ymax: number
}

/** Shuts nothing out. */
export const EVERYWHERE: Box = { xmin: -Infinity, ymin: -Infinity, xmax: Infinity, ymax: Infinity }

/** Count, mean, and sum of squared distances from it. */
export interface Spread {
  count: number
  x: number
  y: number
  squaresX: number
  squaresY: number
}

/** Deviations from the mean that are still shown; the world's places are wide rather than high. */
const DEVIATIONS_X = 5
const DEVIATIONS_Y = 3

/** Air on each side, of the width or height. */
const PADDING = 1 / 50

/** Shapes may widen the window on each side by so much of it. */
const OVERHANG_MAX = 1 / 2

/** A picture is no higher than so many times its width, and no flatter. */
const ASPECT_MAX = 2
const ASPECT_MIN = 1 / 4

/** A window on a single place. */
const SIDE_MIN_M = 100

export function newSpread(): Spread {
  return { count: 0, x: 0, y: 0, squaresX: 0, squaresY: 0 }
}

/** Count a point. */
export function addPoint(spread: Spread, x: number, y: number): void {
  spread.count += 1
  const fromX = x - spread.x
  const fromY = y - spread.y
  spread.x += fromX / spread.count
  spread.y += fromY / spread.count
  spread.squaresX += fromX * (x - spread.x)
  spread.squaresY += fromY * (y - spread.y)
}

/** Sample standard deviations; of fewer than two points there are none. */
export function deviations({ count, squaresX, squaresY }: Spread): readonly [x: number, y: number] {
  return [Math.sqrt(squaresX / (count - 1)), Math.sqrt(squaresY / (count - 1))]
}

/** What is near enough to the mean. */
export function usualBox(spread: Spread): Box {
  const [x, y] = deviations(spread)
  return {
    xmin: spread.x - DEVIATIONS_X * x,
    ymin: spread.y - DEVIATIONS_Y * y,
    xmax: spread.x + DEVIATIONS_X * x,
    ymax: spread.y + DEVIATIONS_Y * y,
  }
}

/** A box that grows with the points that lie in another. */
export interface TightBox {
  /** @returns whether the point lies in the other box */
  add(x: number, y: number): boolean
  /** With air around it; and wide enough for shapes that stick out, unless they are very large. */
  padded(whole?: TightBox): Box
  edges(): Box
}

export function tightBox(within: Box): TightBox {
  let xmin = Infinity
  let ymin = Infinity
  let xmax = -Infinity
  let ymax = -Infinity
  return {
    add(x, y): boolean {
      if (x < within.xmin || x > within.xmax || y < within.ymin || y > within.ymax) return false
      if (x < xmin) xmin = x
      if (x > xmax) xmax = x
      if (y < ymin) ymin = y
      if (y > ymax) ymax = y
      return true
    },

    padded(whole): Box {
      const room = Math.max(xmax - xmin, ymax - ymin, SIDE_MIN_M) * OVERHANG_MAX
      const shapes = whole?.edges() ?? { xmin, ymin, xmax, ymax }
      const west = Math.min(xmin, Math.max(shapes.xmin, xmin - room))
      const south = Math.min(ymin, Math.max(shapes.ymin, ymin - room))
      const east = Math.max(xmax, Math.min(shapes.xmax, xmax + room))
      const north = Math.max(ymax, Math.min(shapes.ymax, ymax + room))
      const width = (east - west) * PADDING
      const height = (north - south) * PADDING
      return { xmin: west - width, ymin: south - height, xmax: east + width, ymax: north + height }
    },

    edges: () => ({ xmin, ymin, xmax, ymax }),
  }
}

/** The box widened where it is too small, too high or too flat to be a picture. */
export function framed({ xmin, ymin, xmax, ymax }: Box): Box {
  const width = Math.max(xmax - xmin, (ymax - ymin) / ASPECT_MAX, SIDE_MIN_M)
  const height = Math.max(ymax - ymin, width * ASPECT_MIN)
  const x = (xmin + xmax) / 2
  const y = (ymin + ymax) / 2
  return { xmin: x - width / 2, ymin: y - height / 2, xmax: x + width / 2, ymax: y + height / 2 }
}
