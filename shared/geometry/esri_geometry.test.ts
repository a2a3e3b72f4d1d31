import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scored } from '../../test/conformance/score.ts'
import type { Geometry } from '../row.ts'
import { esriGeometry } from './esri_geometry.ts'

const cases: [name: string, json: unknown, geometry: Geometry | null][] = [
  ['takes 0 for a coordinate', { x: 0, y: 0 }, { type: 'Point', coordinates: [0, 0] }],
  ['makes an empty point of NaN', { x: 'NaN', y: 'NaN' }, { type: 'Point', coordinates: [] }],
  ['makes an empty point of half a NaN', { x: 1, y: 'NaN' }, { type: 'Point', coordinates: [] }],
  ['reads numbers that came as text', { x: '-1.5', y: '2' }, { type: 'Point', coordinates: [-1.5, 2] }],
  ['finds nothing in a point without y', { x: 1 }, null],
  ['finds nothing in a point of nulls', { x: null, y: null }, null],
  ['finds nothing in null', null, null],
  ['finds nothing in a text', 'POINT (1 2)', null],
  ['finds nothing in an envelope', { xmin: 1, ymin: 2, xmax: 3, ymax: 4 }, null],
  [
    'keeps heights of vertices',
    {
      paths: [
        [
          [0, 0, 5],
          [1, 1, 6],
        ],
      ],
    },
    {
      type: 'LineString',
      coordinates: [
        [0, 0, 5],
        [1, 1, 6],
      ],
    },
  ],
  [
    'leaves heights out that are none',
    {
      paths: [
        [
          [0, 0, 'NaN'],
          [1, 1, null],
        ],
      ],
    },
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    },
  ],
  [
    'leaves empty paths out',
    {
      paths: [
        [],
        [
          [0, 0],
          [1, 1],
        ],
      ],
    },
    {
      type: 'LineString',
      coordinates: [
        [0, 0],
        [1, 1],
      ],
    },
  ],
  [
    'gives a hole to the outer ring before it',
    {
      rings: [
        [
          [0, 0],
          [0, 4],
          [4, 4],
          [4, 0],
          [0, 0],
        ],
        [
          [9, 9],
          [9, 10],
          [10, 10],
          [9, 9],
        ],
        [
          [1, 1],
          [2, 1],
          [2, 2],
          [1, 1],
        ],
      ],
    },
    {
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [0, 0],
            [0, 4],
            [4, 4],
            [4, 0],
            [0, 0],
          ],
        ],
        [
          [
            [9, 9],
            [9, 10],
            [10, 10],
            [9, 9],
          ],
          [
            [1, 1],
            [2, 1],
            [2, 2],
            [1, 1],
          ],
        ],
      ],
    },
  ],
]

const refusals: [name: string, json: unknown, message: string][] = [
  [
    'a vertex without numbers',
    {
      paths: [
        [
          [0, 0],
          ['NaN', 1],
        ],
      ],
    },
    'not-a-number: a vertex at ["NaN",1]',
  ],
  ['a vertex that is no list', { points: [7] }, 'not-a-number: a vertex at 7'],
  ['a path that is no list', { paths: ['x'] }, 'not-a-number: a path that is not a list of points'],
  ['a path of one vertex', { paths: [[[0, 0]]] }, 'too-few-points: a line of one point (0,0)'],
]

describe('esriGeometry', () => {
  for (const [name, json, geometry] of cases) {
    test(name, () => {
      expect(esriGeometry(json)).toEqual(geometry)
    })
  }

  for (const [name, json, message] of refusals) {
    test(`refuses ${name}`, () => {
      expect(() => esriGeometry(json)).toThrow(message)
    })
  }
})

const SUITE = join(fileURLToPath(new URL('.', import.meta.url)), '../../../shared/conformance/esri.json')
const isHere = existsSync(SUITE)

interface Conversion {
  readonly id: string
  readonly input: { readonly geometry?: unknown }
  readonly expect: { readonly geometry: Geometry | null }
}

const conversions: readonly Conversion[] = isHere ? JSON.parse(readFileSync(SUITE, 'utf8')).conversion : []

/** Where we differ on purpose, with the place in spec/processing.md or the demand. */
const DELIBERATE: Readonly<Record<string, { reason: string; geometry: Geometry }>> = {
  'esri2geojson/observed-02': {
    reason: '§5.3: x = 0 is a place, and not missing',
    geometry: { type: 'Point', coordinates: [0, 5] },
  },
  'esri2geojson/observed-04': {
    reason: 'demand 79: NaN is no place; the reference hands the text "NaN" on (§5.1)',
    geometry: { type: 'Point', coordinates: [] },
  },
}

describe.skipIf(!isHere)('esriGeometry, by the reference (skipped without ../shared)', () => {
  for (const { id, input, expect: theirs } of conversions) {
    const { reason, geometry } = DELIBERATE[id] ?? {}
    scored(
      'esri.json',
      `converts ${id} ${JSON.stringify(input.geometry)?.slice(0, 50)}`,
      () => expect(esriGeometry(input.geometry)).toEqual(geometry ?? theirs.geometry),
      { deliberate: reason },
    )
  }
})
