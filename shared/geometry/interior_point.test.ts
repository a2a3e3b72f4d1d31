import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { scored } from '../../test/conformance/score.ts'
import type { Geometry, Position } from '../row.ts'
import { anyGeometry, starRing } from './arbitrary_geometry.ts'
import { GeometryError } from './geometry_error.ts'
import { interiorPoint } from './interior_point.ts'
import { ogrWkt } from './ogr_wkt.ts'
import { roundAsWritten } from './round.ts'
import { parseWkt } from './wkt.ts'

/** What GDAL's PointOnSurface makes of a text, with GEOS 3.13 and 3.14. */
const cases: [given: string, point: string][] = [
  ['POINT (1 2)', 'POINT (1 2)'],
  ['POINT Z (1 2 3)', 'POINT (1 2)'],
  ['POINT EMPTY', 'POINT EMPTY'],
  ['POINT (nan nan)', 'POINT EMPTY'],
  ['MULTIPOINT Z (1 2 3,4 5 6)', 'POINT (1 2)'],
  ['LINESTRING Z (0 0 1,1 1 2)', 'POINT (0 0 1)'],
  ['LINESTRING (0 0,0 0,0 0)', 'POINT (0 0)'],
  ['MULTILINESTRING ((0 0,0 0),(5 5,5 5))', 'POINT (0 0)'],
  ['POLYGON Z ((0 0 1,1 0 1,1 1 1,0 0 1))', 'POINT (0.75 0.5)'],
  ['POLYGON ((0 0,2 0,0 0))', 'POINT (0 0)'],
  ['POLYGON ((0 0,4 0,4 4,0 4,0 0),(1 1,2 1,1 1))', 'POINT (2.0 2.5)'],
  ['POLYGON ((0 0,4 0,4 4,0 4,0 0),(0 0,4 0,4 4,0 4,0 0))', 'POINT (0 0)'],
  ['MULTIPOLYGON (((0 0,1 1,2 2,0 0)),((5 5,6 6,7 7,5 5)))', 'POINT (0 0)'],
  ['MULTIPOLYGON (((0 0,1 0,1 1,0 1,0 0)),((5 5,9 5,9 9,5 9,5 5)))', 'POINT (7 7)'],
  // A ring of two points is refused by GEOS, and the middle of the envelope taken.
  ['POLYGON ((0 0,4 0,4 3,0 3,0 0),(1 1,1 1))', 'POINT (2.0 1.5)'],
  ['GEOMETRYCOLLECTION EMPTY', 'POINT EMPTY'],
  ['GEOMETRYCOLLECTION (POINT EMPTY,LINESTRING (0 0,1 1))', 'POINT (0 0)'],
  ['GEOMETRYCOLLECTION (POINT (9 9),LINESTRING (0 0,1 1,3 3))', 'POINT (1 1)'],
  ['GEOMETRYCOLLECTION (POINT (9 9),LINESTRING (0 0,0 0))', 'POINT (0 0)'],
  ['GEOMETRYCOLLECTION (POINT (9 9),LINESTRING (0 0,1 1),POLYGON ((0 0,4 0,4 4,0 4,0 0)))', 'POINT (2 2)'],
  ['GEOMETRYCOLLECTION (GEOMETRYCOLLECTION (POINT (1 2)),MULTIPOINT (3 4,5 6))', 'POINT (3 4)'],
  // An empty part of a higher dimension hides the others.
  ['GEOMETRYCOLLECTION (POLYGON EMPTY,POINT (1 1))', 'POINT EMPTY'],
  ['GEOMETRYCOLLECTION (LINESTRING EMPTY,POINT (1 1))', 'POINT EMPTY'],
]

describe('interiorPoint', () => {
  for (const [given, point] of cases) {
    test(`of ${given} is ${point}`, () => {
      expect(ogrWkt(interiorPoint(parseWkt(given)))).toBe(point)
    })
  }

  test('lies inside a polygon', () => {
    fc.assert(
      fc.property(starRing, (ring) => {
        const point = interiorPoint({ type: 'Polygon', coordinates: [ring] })

        expect(isInside(point.coordinates, ring)).toBe(true)
      }),
    )
  })

  test('lies outside the hole of a polygon', () => {
    fc.assert(
      fc.property(starRing, (ring) => {
        const hole = ring.map((position) => position.map((ordinate) => ordinate / 2))
        const { coordinates } = interiorPoint({ type: 'Polygon', coordinates: [ring, hole] })

        expect([isInside(coordinates, ring), isInside(coordinates, hole)]).toEqual([true, false])
      }),
    )
  })

  test('of anything is one point, whose own point it is', () => {
    fc.assert(
      fc.property(anyGeometry, (geometry) => {
        const point = interiorPoint(geometry)

        expect(point.coordinates.every(Number.isFinite)).toBe(true)
        expect(interiorPoint(point).coordinates).toEqual(point.coordinates.slice(0, 2))
      }),
    )
  })
})

/** By the sum of the angles under which the sides are seen, which is nothing like what is tested. */
function isInside([x, y]: Position, ring: readonly Position[]): boolean {
  let turn = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = [ring[i - 1]![0]! - x!, ring[i - 1]![1]! - y!]
    const [bx, by] = [ring[i]![0]! - x!, ring[i]![1]! - y!]
    turn += Math.atan2(ax * by - ay * bx, ax * bx + ay * by)
  }
  return Math.abs(turn) > Math.PI
}

const OBSERVED = join(
  fileURLToPath(new URL('.', import.meta.url)),
  '../../../shared/conformance/observed/geometry.json',
)
const isHere = existsSync(OBSERVED)

interface Observed {
  readonly wkt: string
  readonly addresses?: Geometry | null
  readonly addresses_error?: string
  readonly parcels?: Geometry | null
  readonly parcels_error?: string
}

const observed: readonly Observed[] = isHere ? JSON.parse(readFileSync(OBSERVED, 'utf8')).items : []

/** Where we differ on purpose: the layer, the text, what we make of it. Numbers are those of spec/processing.md §13. */
const DIFFERENCES: [layer: string, wkt: string, ours: Geometry | string, why: string][] = [
  [
    'addresses',
    'COMPOUNDCURVE (CIRCULARSTRING (0 0,1 1,2 0),(2 0,3 0))',
    'curve',
    '#15: curves are a bad row; OGR can straighten them',
  ],
  [
    'parcels',
    'COMPOUNDCURVE (CIRCULARSTRING (0 0,1 1,2 0),(2 0,3 0))',
    'curve',
    '#15: a bad row instead of a failed run',
  ],
  ['addresses', 'POLYGON ((0 0,1 0,0 1,0.5 0.5))', 'unclosed-ring', '#15: a bad row instead of a failed run'],
  ['parcels', 'POLYGON ((0 0,1 0,0 1,0.5 0.5))', 'unclosed-ring', '#15: a bad row instead of a failed run'],
  [
    'parcels',
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
    '#15: a surface of triangles instead of a failed run',
  ],
  [
    'parcels',
    'GEOMETRYCOLLECTION EMPTY',
    { type: 'GeometryCollection', geometries: [] },
    '#15: collections instead of a failed run',
  ],
]

describe.skipIf(!isHere)('the place of a row, by the reference (skipped without ../shared)', () => {
  for (const [index, { wkt, addresses, parcels }] of observed.entries()) {
    for (const [layer, theirs] of Object.entries({ addresses, parcels })) {
      const difference = DIFFERENCES.find(([itsLayer, itsWkt]) => itsLayer === layer && itsWkt === wkt)

      scored(
        'observed/geometry.json',
        `${index} in ${layer}: ${wkt.slice(0, 60)}`,
        () => expect(outcome(wkt, layer)).toEqual((difference ? difference[2] : theirs) as Geometry | null),
        { deliberate: difference?.[3] },
      )
    }
  }

  test('has no difference that is not used', () => {
    expect(DIFFERENCES.filter(([, wkt]) => !observed.some((item) => item.wkt === wkt))).toEqual([])
  })
})

function outcome(wkt: string, layer: string): Geometry | string | null {
  try {
    const geometry = parseWkt(wkt)
    return roundAsWritten(layer === 'addresses' ? interiorPoint(geometry) : geometry)
  } catch (error) {
    if (error instanceof GeometryError) return error.fault
    throw error
  }
}
