/** Outlines of real places from the packages, asked about places in them, near them and elsewhere. */
import { describe, expect, test } from 'bun:test'
import { outlineOfCoverage } from './coverage_outline.ts'

type Place = readonly [lon: number, lat: number]

const CASES: readonly [
  coverage: unknown,
  name: string,
  inside: readonly Place[],
  outside: readonly Place[],
][] = [
  // Portland, Astoria by the sea, Malheur in the corner; Seattle, Boise, Reno.
  [
    { country: 'us', state: 'or', 'US Census': { geoid: '41051' } },
    'Oregon',
    [
      [-122.68, 45.52],
      [-123.83, 46.19],
      [-117.1, 42.1],
    ],
    [
      [-122.33, 47.6],
      [-116.2, 43.6],
      [-119.8, 39.5],
    ],
  ],
  [{ 'US Census': { geoid: '72' } }, 'Puerto Rico', [[-66.1, 18.46]], [[-64.9, 18.34]]],
  // Paris, Ajaccio, Saint-Denis on Réunion; London, Milano.
  [
    { country: 'fr' },
    'France',
    [
      [2.35, 48.86],
      [8.74, 41.92],
      [55.45, -20.88],
    ],
    [
      [-0.13, 51.5],
      [9.19, 45.46],
    ],
  ],
  [
    { 'ISO 3166': { alpha2: 'DE', country: 'Deutschland' } },
    'Germany',
    [
      [13.4, 52.5],
      [7.89, 54.18],
    ],
    [[16.4, 48.2]],
  ],
  [{ 'ISO 3166': { alpha2: 'FR-07' } }, 'France', [[4.5, 44.7]], [[7.4, 46.9]]],
  // Honolulu and Anchorage are of the United States, Tijuana is not far.
  [
    { country: 'us' },
    'United States of America',
    [
      [-157.86, 21.3],
      [-149.9, 61.2],
      [-95, 40],
    ],
    [
      [-103, 25],
      [2, 48],
    ],
  ],
  [
    { country: 'nz' },
    'New Zealand',
    [
      [174.76, -36.85],
      [-176.55, -43.95],
    ],
    [[151.2, -33.9]],
  ],
]

describe('the outline of a coverage', () => {
  for (const [coverage, name, inside, outside] of CASES)
    test(`of ${JSON.stringify(coverage)} is that of ${name}`, async () => {
      const outline = await outlineOfCoverage(coverage)

      expect(outline?.name).toBe(name)
      expect(inside.map((place) => outline?.isInside(...place))).toEqual(inside.map(() => true))
      expect(outside.map((place) => outline?.isInside(...place))).toEqual(outside.map(() => false))
    })

  test('of a place that is not known is none', async () => {
    for (const coverage of [
      undefined,
      null,
      'us',
      {},
      { country: 'zz' },
      { country: 'Kingdom' },
      { 'US Census': { geoid: 41 } },
    ])
      expect(await outlineOfCoverage(coverage)).toBeNull()
  })
})
