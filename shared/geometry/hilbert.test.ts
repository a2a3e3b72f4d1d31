import { describe, expect, test } from 'bun:test'
import { hilbertNumber } from './hilbert.ts'

describe('hilbertNumber', () => {
  test('is a whole number of 32 bits at the corners of the map and beyond', () => {
    for (const [lon, lat] of [
      [-180, -90],
      [180, 90],
      [-180, 90],
      [180, -90],
      [999, -999],
    ] as const) {
      const number = hilbertNumber(lon, lat)
      expect(Number.isInteger(number) && number >= 0 && number < 2 ** 32).toBe(true)
    }
    expect(hilbertNumber(-180, -90)).toBe(0)
  })

  test('goes from each cell to one beside it, and through every cell once', () => {
    // The curve of the first six bits: 64 × 64 cells, each asked for by its middle.
    const cells = Array.from({ length: 64 * 64 }, (_, index) => [index % 64, Math.floor(index / 64)] as const)
    const order = cells
      .map(([x, y]) => ({
        x,
        y,
        number: Math.floor(hilbertNumber(-180 + (x + 0.5) * 5.625, -90 + (y + 0.5) * 2.8125) / 2 ** 20),
      }))
      .toSorted((a, b) => a.number - b.number)

    expect(order.map(({ number }) => number)).toEqual(cells.map((_, index) => index))
    const steps = order
      .slice(1)
      .map(({ x, y }, index) => Math.abs(x - order[index]!.x) + Math.abs(y - order[index]!.y))
    expect(new Set(steps)).toEqual(new Set([1]))
  })
})
