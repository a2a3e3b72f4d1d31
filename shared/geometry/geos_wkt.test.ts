import { describe, expect, test } from 'bun:test'
import type { Geometry } from '../row.ts'
import { geosWkt } from './geos_wkt.ts'
import { parseWkt } from './wkt.ts'

/** What Shapely 2.1 with GEOS 3.13.1 makes of a text. */
const cases: [given: string, written: string][] = [
  ['POINT (1 2.50)', 'POINT (1 2.5)'],
  ['POINT (-122.1 -0.0)', 'POINT (-122.1 0)'],
  ['POINT (0.0001 1e-5)', 'POINT (0.0001 1e-5)'],
  ['POINT (1.2345678901234567e-5 5e-324)', 'POINT (1.2345678901234568e-5 5e-324)'],
  ['POINT (1e16 1e17)', 'POINT (10000000000000000 1e+17)'],
  ['POINT (123456789012345678 99999999999999990)', 'POINT (1.2345678901234568e+17 99999999999999980)'],
  ['POINT (-122.42819444444443 37.77492949999999)', 'POINT (-122.42819444444443 37.77492949999999)'],
  // Sixteen decimals at most, halves to the even digit.
  ['POINT (0.30000000000000004 0.00012345678901234567)', 'POINT (0.3 0.0001234567890123)'],
  ['POINT (0.12345678901234565 -0.12345678901234575)', 'POINT (0.1234567890123456 -0.1234567890123458)'],
  ['POINT (0.12345678901234566 0.9999999999999999)', 'POINT (0.1234567890123457 0.9999999999999999)'],
  ['POINT (0.012345678901234567 0.01234567890123445)', 'POINT (0.0123456789012346 0.0123456789012344)'],
  ['POINT Z (1 2 3)', 'POINT Z (1 2 3)'],
  ['POINT EMPTY', 'POINT EMPTY'],
  ['MULTIPOINT (1 2,3 4.5)', 'MULTIPOINT ((1 2), (3 4.5))'],
  ['MULTIPOINT Z (1 2 3,4 5 6)', 'MULTIPOINT Z ((1 2 3), (4 5 6))'],
  ['MULTIPOINT EMPTY', 'MULTIPOINT EMPTY'],
  ['LINESTRING (1 2,3.5 4)', 'LINESTRING (1 2, 3.5 4)'],
  [
    'POLYGON ((0 0,1 0,1 1,0 0),(0.1 0.1,0.2 0.1,0.2 0.2,0.1 0.1))',
    'POLYGON ((0 0, 1 0, 1 1, 0 0), (0.1 0.1, 0.2 0.1, 0.2 0.2, 0.1 0.1))',
  ],
  ['POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 2))', 'POLYGON Z ((0 0 1, 1 0 1, 1 1 1, 0 0 2))'],
  ['POLYGON EMPTY', 'POLYGON EMPTY'],
  ['MULTILINESTRING ((0 0,1 1),(2 2,3 3))', 'MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))'],
  [
    'MULTIPOLYGON (((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))',
    'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((5 5, 6 5, 6 6, 5 5)))',
  ],
  [
    'GEOMETRYCOLLECTION (POINT Z (1 2 3),LINESTRING (0 0,1.5 1))',
    'GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING (0 0, 1.5 1))',
  ],
  ['GEOMETRYCOLLECTION EMPTY', 'GEOMETRYCOLLECTION EMPTY'],
]

describe('geosWkt', () => {
  for (const [given, written] of cases) {
    test(`writes ${given} as ${written}`, () => {
      expect(geosWkt(parseWkt(given))).toBe(written)
    })
  }

  test('gives the heights up where a position has none', () => {
    const line: Geometry = {
      type: 'LineString',
      coordinates: [
        [1, 2, 3],
        [4, 5],
      ],
    }

    expect(geosWkt(line)).toBe('LINESTRING (1 2, 4 5)')
  })

  test('leaves a measure after the height out', () => {
    expect(geosWkt({ type: 'MultiPoint', coordinates: [[1, 2, 3, 4]] })).toBe('MULTIPOINT Z ((1 2 3))')
  })
})
