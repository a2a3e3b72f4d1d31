import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Geometry } from '../row.ts'
import { anyGeometry } from './arbitrary_geometry.ts'
import { geosWkt } from './geos_wkt.ts'
import { GeometryError, type GeometryFault } from './geometry_error.ts'
import { ogrWkt } from './ogr_wkt.ts'
import { parseWkt } from './wkt.ts'

const readings: [text: string, geometry: Geometry][] = [
  ['POINT (1 2)', { type: 'Point', coordinates: [1, 2] }],
  ['POINT(1 2)', { type: 'Point', coordinates: [1, 2] }],
  ['  point\t( 1e3  -.5 )\n', { type: 'Point', coordinates: [1000, -0.5] }],
  ['POINT (+1. 2E-1)', { type: 'Point', coordinates: [1, 0.2] }],
  ['POINT (1 2 3)', { type: 'Point', coordinates: [1, 2, 3] }],
  ['POINT Z (1 2 3)', { type: 'Point', coordinates: [1, 2, 3] }],
  ['POINTZ(1 2 3)', { type: 'Point', coordinates: [1, 2, 3] }],
  ['POINT M (1 2 3)', { type: 'Point', coordinates: [1, 2] }],
  ['POINT ZM (1 2 3 4)', { type: 'Point', coordinates: [1, 2, 3] }],
  ['PointZM(1 2 3 4)', { type: 'Point', coordinates: [1, 2, 3] }],
  ['POINT Z (1 2 nan)', { type: 'Point', coordinates: [1, 2] }],
  ['POINT EMPTY', { type: 'Point', coordinates: [] }],
  ['POINT Z EMPTY', { type: 'Point', coordinates: [] }],
  ['POINT (nan nan)', { type: 'Point', coordinates: [] }],
  ['POINT (NaN 1)', { type: 'Point', coordinates: [] }],
  ['POINT (inf -Infinity)', { type: 'Point', coordinates: [] }],
  [
    'LINESTRING (0 0, 1 1)',
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    },
  ],
  ['LINESTRING EMPTY', { type: 'LineString', coordinates: [] }],
  [
    'LINEARRING (0 0,1 0,0 0)',
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1, 0],
        [0, 0],
      ],
    },
  ],
  [
    'POLYGON ((0 0,1 0,1 1,0 0), EMPTY)',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  ],
  ['POLYGON EMPTY', { type: 'Polygon', coordinates: [] }],
  [
    'TRIANGLE ((0 0,1 0,1 1,0 0))',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  ],
  [
    'MULTIPOINT (1 2,3 4)',
    {
      type: 'MultiPoint',
      coordinates: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  [
    'MULTIPOINT ((1 2), (3 4), EMPTY)',
    {
      type: 'MultiPoint',
      coordinates: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  ['MULTIPOINT EMPTY', { type: 'MultiPoint', coordinates: [] }],
  [
    'MULTILINESTRING ((0 0,1 1),EMPTY)',
    {
      type: 'MultiLineString',
      coordinates: [
        [
          [0, 0],
          [1, 1],
        ],
      ],
    },
  ],
  [
    'MULTIPOLYGON (((0 0,1 0,1 1,0 0)),EMPTY)',
    {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 0],
          ],
        ],
      ],
    },
  ],
  [
    'TIN (((0 0,0 1,1 1,0 0)))',
    {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [0, 0],
            [0, 1],
            [1, 1],
            [0, 0],
          ],
        ],
      ],
    },
  ],
  ['POLYHEDRALSURFACE EMPTY', { type: 'MultiPolygon', coordinates: [] }],
  ['GEOMETRYCOLLECTION EMPTY', { type: 'GeometryCollection', geometries: [] }],
  [
    'GEOMETRYCOLLECTION Z (POINT Z (1 2 3),GEOMETRYCOLLECTION (POINT EMPTY))',
    {
      type: 'GeometryCollection',
      geometries: [
        { type: 'Point', coordinates: [1, 2, 3] },
        { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [] }] },
      ],
    },
  ],
]

const refusals: [text: string, fault: GeometryFault][] = [
  ['', 'not-wkt'],
  ['(1 2)', 'not-wkt'],
  ['1 2', 'not-wkt'],
  ['POINT', 'not-wkt'],
  ['POINT (1 2', 'not-wkt'],
  ['POINT (1 2) x', 'not-wkt'],
  ['POINT (1 2, 3 4)', 'not-wkt'],
  ['POINT (1 2 3 4 5)', 'not-wkt'],
  ['POINT X (1 2)', 'not-wkt'],
  ['POINT ()', 'not-a-number'],
  ['POINT (1)', 'not-a-number'],
  ['POINT (1,2)', 'not-a-number'],
  ['POINT (a b)', 'not-a-number'],
  ['POINT (1d 2)', 'not-a-number'],
  ['POINT (0x10 2)', 'not-a-number'],
  ['POINT (1-2 3)', 'not-a-number'],
  ['POINT (. 3)', 'not-a-number'],
  ['LINESTRING (1 1)', 'too-few-points'],
  ['LINESTRING (nan 1,1 2)', 'not-finite'],
  ['LINESTRING (1e999 1,1 2)', 'not-finite'],
  ['POLYGON ((0 0,1 0,1 1))', 'unclosed-ring'],
  ['SRID=4326;POINT (1 2)', 'unknown-type'],
  ['CONSTRUCTOR (1 2)', 'unknown-type'],
  ['CIRCULARSTRING (0 0,1 1,2 0)', 'curve'],
  ['COMPOUNDCURVE Z EMPTY', 'curve'],
  ['CURVEPOLYGONZ EMPTY', 'curve'],
  ['MULTICURVE ((0 0,1 1))', 'curve'],
  ['MULTISURFACE EMPTY', 'curve'],
  ['GEOMETRYCOLLECTION ('.repeat(100_000), 'not-wkt'],
]

describe('parseWkt', () => {
  for (const [text, geometry] of readings) {
    test(`reads ${JSON.stringify(text)}`, () => {
      expect(parseWkt(text)).toEqual(geometry)
    })
  }

  for (const [text, fault] of refusals) {
    test(`refuses ${JSON.stringify(text.slice(0, 40))} as ${fault}`, () => {
      expect(faultOf(() => parseWkt(text))).toBe(fault)
    })
  }

  test('reads back what is written as OGR does', () => {
    fc.assert(fc.property(anyGeometry, (geometry) => expect(parseWkt(ogrWkt(geometry))).toEqual(geometry)))
  })

  test('reads back what is written as GEOS does', () => {
    fc.assert(fc.property(anyGeometry, (geometry) => expect(parseWkt(geosWkt(geometry))).toEqual(geometry)))
  })

  test('reads or refuses any text', () => {
    const sign = fc.constantFrom(
      'POINT',
      'POLYGON',
      'MULTIPOINT',
      'Z',
      '(',
      ')',
      ',',
      ' ',
      '1',
      '-',
      '.5',
      'nan',
      'EMPTY',
    )
    fc.assert(
      fc.property(fc.array(sign), (signs) => {
        try {
          parseWkt(signs.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(GeometryError)
        }
      }),
    )
  })
})

function faultOf(deed: () => unknown): GeometryFault | undefined {
  try {
    deed()
  } catch (error) {
    if (error instanceof GeometryError) return error.fault
    throw error
  }
  return undefined
}
