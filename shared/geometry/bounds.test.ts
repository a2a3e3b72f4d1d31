import { describe, expect, test } from 'bun:test'
import type { Geometry } from '../row.ts'
import { boundingBox, extendBounds, noBounds } from './bounds.ts'
import { parseWkt } from './wkt.ts'

describe('bounds', () => {
  const cases: [name: string, geometries: (string | null)[], box: ReturnType<typeof boundingBox>][] = [
    ['hold nothing at first', [], null],
    ['hold nothing after null and empty geometries', [null, 'POINT EMPTY', 'POLYGON EMPTY'], null],
    ['hold one point', ['POINT (-122.5 37.5)'], [-122.5, 37.5, -122.5, 37.5]],
    ['grow with each geometry', ['POINT (1 2)', 'POINT (-3 4)', 'POINT (0 3)'], [-3, 2, 1, 4]],
    ['hold every vertex', ['MULTIPOLYGON (((0 0,0 4,4 4,0 0)),((5 5,5 6,6 6,5 5)))'], [0, 0, 6, 6]],
    [
      'look into collections',
      ['GEOMETRYCOLLECTION (POINT (9 -9),MULTILINESTRING ((1 1,2 2)))'],
      [1, -9, 9, 2],
    ],
  ]
  for (const [name, geometries, box] of cases) {
    test(name, () => {
      const bounds = noBounds()
      for (const text of geometries) extendBounds(bounds, text === null ? null : parseWkt(text))

      expect(boundingBox(bounds)).toEqual(box)
    })
  }

  test('pass over a place that is not a number', () => {
    const bounds = noBounds()
    const nowhere: Geometry = { type: 'Point', coordinates: [Number.NaN, Number.NaN] }
    extendBounds(bounds, nowhere)

    expect(boundingBox(bounds)).toBeNull()
  })
})
