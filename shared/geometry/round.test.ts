import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Geometry } from '../row.ts'
import { anyGeometry } from './arbitrary_geometry.ts'
import { roundDecimal } from './decimal.ts'
import { ogrWkt } from './ogr_wkt.ts'
import { roundAsWritten, roundGeometry } from './round.ts'
import { parseWkt } from './wkt.ts'

describe('roundDecimal', () => {
  /** What Python's round gives. */
  const cases: [x: number, decimals: number, rounded: number][] = [
    [-122.25924968719512, 7, -122.2592497],
    [0.00390625, 7, 0.0039062],
    [0.01171875, 7, 0.0117188],
    [-2.00390625, 7, -2.0039062],
    [1e-9, 7, 0],
    [-1e-9, 7, -0],
    [5e-8, 7, 0],
    [1.00000005, 7, 1],
    [0.5, 0, 0],
    [2.5, 0, 2],
    [-1.5, 0, -2],
    [2.675, 2, 2.67],
    [123456789.12345678, 7, 123456789.1234568],
    [2 ** 53, 7, 2 ** 53],
    [1e300, 7, 1e300],
  ]
  for (const [x, decimals, rounded] of cases) {
    test(`rounds ${x} to ${decimals} decimals as ${Object.is(rounded, -0) ? '-0' : rounded}`, () => {
      expect(roundDecimal(x, decimals)).toBe(rounded)
    })
  }

  test('is never further off than half a unit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (x) => {
        expect(Math.abs(roundDecimal(x, 7) - x)).toBeLessThanOrEqual(0.5e-7 + 2e-13)
      }),
    )
  })
})

describe('roundGeometry', () => {
  test('rounds every ordinate, heights too', () => {
    const line = parseWkt('LINESTRING Z (1.123456789 2 3.00000004,-0.00000006 5 6)')

    expect(roundGeometry(line)).toEqual({
      type: 'LineString',
      coordinates: [
        [1.1234568, 2, 3],
        [-1e-7, 5, 6],
      ],
    })
  })

  test('drops what comes after a height', () => {
    expect(roundGeometry({ type: 'Point', coordinates: [1, 2, 3, 4] })).toEqual({
      type: 'Point',
      coordinates: [1, 2, 3],
    })
  })

  test('has no word for an empty point', () => {
    expect(roundGeometry({ type: 'Point', coordinates: [] })).toBeNull()
  })

  test('keeps other empty geometries', () => {
    const empty: Geometry = { type: 'Polygon', coordinates: [] }

    expect(roundGeometry(empty)).toEqual(empty)
  })

  test('leaves seven decimals as they are', () => {
    fc.assert(fc.property(anyGeometry, (geometry) => expect(roundGeometry(geometry)).toEqual(geometry)))
  })

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        const once = roundGeometry({ type: 'Point', coordinates: [x, y] })

        expect(roundGeometry(once!)).toEqual(once)
      }),
    )
  })
})

describe('roundAsWritten', () => {
  test('rounds the fifteen digits that are written, not the number', () => {
    const middle: Geometry = { type: 'Point', coordinates: [64.43308135, (25.1286656 + 25.1288933) / 2] }

    expect(roundGeometry(middle)).toEqual({ type: 'Point', coordinates: [64.4330813, 25.1287795] })
    expect(roundAsWritten(middle)).toEqual({ type: 'Point', coordinates: [64.4330813, 25.1287794] })
  })

  test('has no word for an empty point', () => {
    expect(roundAsWritten({ type: 'Point', coordinates: [] })).toBeNull()
  })

  test('is writing, reading and rounding', () => {
    const nearHalf = fc.tuple(fc.integer({ min: -180e7, max: 180e7 }), fc.integer({ min: -9, max: 9 }))
    const ordinate = fc.oneof(
      fc.double({ min: -1000, max: 1000, noNaN: true }),
      fc.double({ min: -1e300, max: 1e300, noNaN: true }),
      nearHalf.map(([n, off]) => (n + 0.5) / 1e7 + off * 3e-15),
    )
    fc.assert(
      fc.property(ordinate, ordinate, (x, y) => {
        // A whole number has no sign when it is zero; half a unit keeps the other two alike.
        const point: Geometry = { type: 'Point', coordinates: [x + 0, y + 0] }

        expect(roundAsWritten(point)).toEqual(roundGeometry(parseWkt(ogrWkt(point))))
      }),
      { numRuns: 2000 },
    )
  })
})
