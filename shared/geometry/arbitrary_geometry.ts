/**
 * Geometries for property tests: every type, with coordinates of seven decimals, so that each way of
 * writing them gives the same numbers back.
 */

import fc from 'fast-check'
import type { Geometry, Position } from '../row.ts'

const ordinate = (limit: number) => fc.integer({ min: -limit * 1e7, max: limit * 1e7 }).map((n) => n / 1e7)

/** Positions of two numbers, or of three. */
const flat: fc.Arbitrary<Position> = fc.tuple(ordinate(180), ordinate(90))
const tall: fc.Arbitrary<Position> = fc.tuple(ordinate(180), ordinate(90), ordinate(100))

function someOf<Part>(part: fc.Arbitrary<Part>, minLength = 1): fc.Arbitrary<Part[]> {
  return fc.array(part, { minLength, maxLength: minLength + 4 })
}

function simple(position: fc.Arbitrary<Position>): fc.Arbitrary<Geometry> {
  const line = someOf(position, 2)
  const rings = someOf(someOf(position, 3).map((ring) => [...ring, ring[0]!]))
  return fc.oneof(
    fc.record({ type: fc.constant('Point' as const), coordinates: position }),
    fc.record({ type: fc.constant('MultiPoint' as const), coordinates: someOf(position) }),
    fc.record({ type: fc.constant('LineString' as const), coordinates: line }),
    fc.record({ type: fc.constant('MultiLineString' as const), coordinates: someOf(line) }),
    fc.record({ type: fc.constant('Polygon' as const), coordinates: rings }),
    fc.record({ type: fc.constant('MultiPolygon' as const), coordinates: someOf(rings) }),
  )
}

function collection(position: fc.Arbitrary<Position>): fc.Arbitrary<Geometry> {
  const geometries = someOf(simple(position))
  return fc.record({ type: fc.constant('GeometryCollection' as const), geometries })
}

/** Any geometry that is not empty and keeps the rules of lines and rings. */
export const anyGeometry: fc.Arbitrary<Geometry> = fc.oneof(
  simple(flat),
  simple(tall),
  collection(flat),
  collection(tall),
)

/** One ring around the origin that does not cross itself: each vertex lies a step further round, at any distance. */
export const starRing: fc.Arbitrary<Position[]> = fc
  .array(fc.integer({ min: 10, max: 1000 }), { minLength: 5, maxLength: 40 })
  .map((distances) => {
    const ring = distances.map((distance, i) => {
      const angle = (2 * Math.PI * i) / distances.length
      return [distance * Math.cos(angle), distance * Math.sin(angle)]
    })
    return [...ring, ring[0]!]
  })
