/**
 * Towns that do not exist: streets with lots on both sides, laid out in metres on a plane.
 *
 * Everything follows from a seed, so the same town comes out on every machine. What a town's data
 * looks like (columns, formats, coordinate systems) is left to make_data.ts.
 */

/** A place on the plane: metres east and north of the middle of the town. */
export type Point = readonly [x: number, y: number]

/** A number from 0 up to, and never, 1. */
export type Chance = () => number

/** A street, straight or round, and the stretches of it that have lots. */
export interface Street {
  readonly name: string
  /** Where one stands after walking `along` metres and stepping `aside` to the left. */
  readonly place: (along: number, aside: number) => Point
  readonly blocks: readonly Block[]
}

/** A stretch between two crossings. */
export interface Block {
  readonly from: number
  readonly to: number
  /** Numbers start anew here, as in hundred-blocks; without it they go on from the block before. */
  readonly number?: number
}

/** A piece of ground with a house number. */
export interface Lot {
  readonly street: string
  readonly number: number
  /** Four corners, first the two at the street. */
  readonly corners: readonly [Point, Point, Point, Point]
  /** A point a few metres behind the middle of the front. */
  readonly door: Point
  /** A rectangle within the lot, for a house. */
  readonly house: readonly [Point, Point, Point, Point]
}

/** From the middle of the street to the front of a lot. */
const VERGE_M = 8

/** From the front of a lot to its back. */
const DEPTH_M = 34

/** So that the lots of neighbouring streets do not overlap. */
const SPACING_M = 2 * (VERGE_M + DEPTH_M) + 2

/** Chance that follows from a seed: the mulberry32 generator. */
export function chance(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of several, by chance. */
export function pick<T>(random: Chance, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!
}

/** Straight parallel streets cut by avenues, turned by an angle in degrees: a town of hundred-blocks. */
export function gridStreets(
  names: readonly string[],
  { blocks, blockLength, turn }: { blocks: number; blockLength: number; turn: number },
): Street[] {
  const [sin, cos] = [Math.sin((turn * Math.PI) / 180), Math.cos((turn * Math.PI) / 180)]
  const length = blocks * blockLength
  return names.map((name, i) => ({
    name,
    place(along, aside) {
      const x = along - length / 2
      const y = (i - (names.length - 1) / 2) * SPACING_M + aside
      return [x * cos - y * sin, x * sin + y * cos]
    },
    blocks: Array.from({ length: blocks }, (_, b) => ({
      from: b * blockLength + 10,
      to: (b + 1) * blockLength - 10,
      number: (b + 1) * 100,
    })),
  }))
}

/** Streets in rings around a market square, cut by lanes that lead out of it: an old town. */
export function ringStreets(
  names: readonly string[],
  { square, lanes }: { square: number; lanes: number },
): Street[] {
  return names.map((name, i) => {
    const radius = square + i * SPACING_M
    const stretch = (2 * Math.PI * radius) / lanes
    return {
      name,
      place(along, aside) {
        const angle = along / radius + i * 0.21
        return [(radius - aside) * Math.cos(angle), (radius - aside) * Math.sin(angle)]
      },
      blocks: Array.from({ length: lanes }, (_, b) => ({ from: b * stretch + 7, to: (b + 1) * stretch - 7 })),
    }
  })
}

/** The lots of a street: even numbers on the left, odd ones on the right, with a few left out. */
export function lots(street: Street, random: Chance): Lot[] {
  const lots: Lot[] = []
  for (const side of [1, -1] as const) {
    let next = side === 1 ? 2 : 1
    for (const { from, to, number } of street.blocks) {
      if (number !== undefined) next = number + (side === 1 ? 0 : 1)
      let along = from
      for (;;) {
        const width = 15 + random() * 11
        if (along + width > to) break
        if (random() < 0.94) lots.push(lot(street, { along, width, side, number: next, random }))
        next += random() < 0.85 ? 2 : 4
        along += width
      }
    }
  }
  return lots
}

function lot(
  { name, place }: Street,
  given: { along: number; width: number; side: 1 | -1; number: number; random: Chance },
): Lot {
  const { along, width, side, number, random } = given
  // Lots behind a round street would fan out or run into each other; a small gap on either side
  // keeps neighbours apart.
  const [left, right] = [along + 0.4, along + width - 0.4]
  const aside = (metres: number) => side * (VERGE_M + metres)
  const quad = (a: number, b: number, near: number, far: number) =>
    [place(a, aside(near)), place(b, aside(near)), place(b, aside(far)), place(a, aside(far))] as const
  const near = 3 + random() * 5
  return {
    street: name,
    number,
    corners: quad(left, right, 0, DEPTH_M),
    door: place((left + right) / 2 + (random() - 0.5) * 3, aside(near + 1.5)),
    house: quad(left + 1 + random() * 2, right - 1 - random() * 2, near, near + 8 + random() * 7),
  }
}
