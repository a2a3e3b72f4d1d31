import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { anyGeometry } from './arbitrary_geometry.ts'
import { GeometryError, type GeometryFault } from './geometry_error.ts'
import { readGeometry } from './geojson.ts'

const RING = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 0],
]

const nothings: [name: string, json: unknown][] = [
  ['null', null],
  ['what is not there', undefined],
  ['null coordinates', { type: 'Point', coordinates: null }],
  ['a type alone', { type: 'Polygon' }],
  ['a collection without geometries', { type: 'GeometryCollection' }],
]

const refusals: [fault: GeometryFault, json: unknown][] = [
  ['not-geojson', 'POINT (1 2)'],
  ['unknown-type', {}],
  ['unknown-type', []],
  ['unknown-type', { type: 'Feature', geometry: null }],
  ['unknown-type', { type: 'constructor', coordinates: [] }],
  ['unknown-type', { type: 7, coordinates: [] }],
  ['not-geojson', { type: 'Point', coordinates: 7 }],
  ['not-geojson', { type: 'Point', coordinates: { 0: 1, 1: 2, length: 2 } }],
  ['not-geojson', { type: 'Point', coordinates: [1] }],
  ['not-geojson', { type: 'LineString', coordinates: [1, 2] }],
  ['not-geojson', { type: 'Polygon', coordinates: RING }],
  ['not-geojson', { type: 'MultiPoint', coordinates: [[1, 2], []] }],
  ['not-a-number', { type: 'Point', coordinates: ['1', '2'] }],
  ['not-a-number', { type: 'Point', coordinates: [1, 2, null] }],
  [
    'not-a-number',
    {
      type: 'Point',
      coordinates: [
        [1, 2],
        [3, 4],
      ],
    },
  ],
  ['not-finite', { type: 'Point', coordinates: [1, Infinity] }],
  ['too-few-points', { type: 'LineString', coordinates: [[1, 2]] }],
  ['too-few-points', { type: 'MultiLineString', coordinates: [[[1, 2]]] }],
  [
    'unclosed-ring',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      ],
    },
  ],
  [
    'unclosed-ring',
    {
      type: 'MultiPolygon',
      coordinates: [
        [RING],
        [
          RING,
          [
            [0, 0],
            [1, 1],
          ],
        ],
      ],
    },
  ],
  ['not-a-number', { type: 'GeometryCollection', geometries: [{ type: 'Point', coordinates: [true, 1] }] }],
  ['not-geojson', { type: 'GeometryCollection', geometries: {} }],
]

describe('readGeometry', () => {
  for (const [name, json] of nothings) {
    test(`finds nothing in ${name}`, () => {
      expect(readGeometry(json)).toBeNull()
    })
  }

  for (const [fault, json] of refusals) {
    test(`refuses ${JSON.stringify(json)} as ${fault}`, () => {
      expect(faultOf(() => readGeometry(json))).toBe(fault)
    })
  }

  test('refuses collections nested without end', () => {
    let json: unknown = { type: 'Point', coordinates: [1, 2] }
    for (let i = 0; i < 50; i++) json = { type: 'GeometryCollection', geometries: [json] }

    expect(faultOf(() => readGeometry(json))).toBe('not-geojson')
  })

  test('reads whatever is a geometry', () => {
    fc.assert(
      fc.property(anyGeometry, (geometry) => {
        expect(readGeometry(JSON.parse(JSON.stringify(geometry)))).toEqual(geometry)
      }),
    )
  })

  test('reads empty coordinates', () => {
    expect(readGeometry({ type: 'Point', coordinates: [] })).toEqual({ type: 'Point', coordinates: [] })
  })

  test('takes the type and the coordinates and leaves the rest', () => {
    const json = { type: 'Point', coordinates: [1, 2], bbox: [1, 2, 1, 2], crs: {} }

    expect(readGeometry(json)).toEqual({ type: 'Point', coordinates: [1, 2] })
  })

  test('leaves members of a collection out that are nothing', () => {
    const json = { type: 'GeometryCollection', geometries: [null, { type: 'Point', coordinates: [1, 2] }] }

    expect(readGeometry(json)).toEqual({
      type: 'GeometryCollection',
      geometries: [{ type: 'Point', coordinates: [1, 2] }],
    })
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
