/** Maps of coverage: places from outlines that packages ship, pictures against golden ones that somebody has looked at. */
import { describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { openAtlas } from './atlas.ts'
import { COVERAGE_CASES } from './coverage_cases.ts'
import { coverageGeojson } from './coverage_geojson.ts'
import { drawCoverage, MAP_NAMES } from './coverage_map.ts'
import { shapesOf } from './coverage_shapes.ts'
import { wound } from './winding.ts'

const atlas = await openAtlas()

/** Letters are drawn by no font here, but edges are smoothed differently on other computers. */
const DIFFERENT_SHARE_MAX = 0.005

async function pixels(png: Uint8Array) {
  const image = await loadImage(png)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  return context.getImageData(0, 0, image.width, image.height)
}

/** Share of pixels of which a channel differs by more than a shade. */
function differing(one: Uint8ClampedArray, two: Uint8ClampedArray): number {
  let count = 0
  for (let at = 0; at < one.length; at += 4) {
    const isOther = [0, 1, 2].some((channel) => Math.abs(one[at + channel]! - two[at + channel]!) > 32)
    if (isOther) count += 1
  }
  return count / (one.length / 4)
}

describe('the atlas', () => {
  const cases: [kind: 'country' | 'subdivision' | 'us-state' | 'us-county', code: string, name: string][] = [
    ['country', 'DE', 'Germany'],
    ['country', 'XK', 'Kosovo'],
    ['subdivision', 'DE-BY', 'Bavaria'],
    ['subdivision', 'IT-21', 'IT-21'],
    ['subdivision', 'FR-974', 'Réunion'],
    ['subdivision', 'US-CA', 'California'],
    ['us-state', '06', 'California'],
    ['us-county', '06001', 'Alameda'],
  ]
  for (const [kind, code, name] of cases) {
    test(`knows ${kind} ${code}`, () => {
      expect(atlas.find({ kind, code })?.name).toBe(name)
    })
  }

  test('knows no county that is not there', () => {
    expect(atlas.find({ kind: 'us-county', code: '53107' })).toBeUndefined()
  })

  test('has the outline of each state of the union, the district and the territories', () => {
    expect(atlas.states).toHaveLength(56)
    expect(atlas.countries.length).toBeGreaterThan(230)
  })
})

describe('shapesOf', () => {
  const { shapes, unplaced } = shapesOf(COVERAGE_CASES, atlas)

  test('makes one shape of the sources of a place, good when one of them is', () => {
    const travis = shapes.filter(({ name }) => name === 'Travis')

    expect(travis.map(({ isGood, sources }) => [isGood, sources.length])).toEqual([[true, 2]])
  })

  test('says what is on no map, and why', () => {
    expect(unplaced).toEqual([
      {
        path: 'sources/za/gt/tshwane.json',
        reason: 'its coverage has no code, no number and no geometry that is known',
      },
      { path: 'sources/us/wv/wood.json', reason: 'no outline of 53107 is known' },
    ])
  })
})

describe('coverage as GeoJSON', () => {
  const text = [...coverageGeojson(shapesOf(COVERAGE_CASES, atlas).shapes)].join('')
  const { features } = JSON.parse(text) as {
    features: { properties: Record<string, unknown>; geometry: { type: string; coordinates: number[][][] } }[]
  }
  const of = (path: string) =>
    features.find(({ properties }) => String(properties['source paths']).includes(path))

  test('has the names of the original', () => {
    expect(of('travis')?.properties).toEqual({
      name: 'Travis',
      status: 'good',
      'source paths': 'sources/us/tx/travis_a.json, sources/us/tx/travis_b.json',
      'source count': 2,
      'source dates': '2026-10-01T00:00:00.000Z',
      'address count': 100,
      'US Census GEOID': '48453',
    })
    expect(of('de/by')?.properties).toMatchObject({ name: 'Bavaria', 'ISO 3166-2': 'DE-BY' })
    expect(of('countrywide')?.properties).toMatchObject({ name: 'Brazil', 'ISO 3166': 'BR' })
  })

  test('has four decimals at most', () => {
    expect(text).not.toMatch(/\d\.\d{5}/)
  })

  test('goes against the clock, as the standard wants it', () => {
    expect(of('town')?.geometry.coordinates[0]?.slice(0, 3)).toEqual([
      [-99, 38],
      [-97, 38],
      [-97, 39.5],
    ])
  })
})

describe('wound', () => {
  const square = [
    [0, 0],
    [2, 0],
    [2, 2],
    [0, 2],
    [0, 0],
  ]
  const hole = [
    [0.5, 0.5],
    [1, 0.5],
    [1, 1],
    [0.5, 0.5],
  ]

  test('turns outer rings and holes each its own way', () => {
    const turned = wound({ type: 'Polygon', coordinates: [square, hole] }, 'd3')

    expect(turned).toEqual({ type: 'Polygon', coordinates: [square.toReversed(), hole] })
    expect(wound(turned, 'geojson')).toEqual({ type: 'Polygon', coordinates: [square, hole.toReversed()] })
  })

  test('leaves what has no rings', () => {
    const point = { type: 'Point', coordinates: [1, 2] } as const

    expect(wound({ type: 'Point', coordinates: [1, 2] }, 'd3')).toEqual({ ...point, coordinates: [1, 2] })
  })
})

describe('a map of coverage', () => {
  const { shapes } = shapesOf(COVERAGE_CASES, atlas)

  for (const name of MAP_NAMES) {
    test(`of ${name} is the golden picture`, async () => {
      const golden = await pixels(
        await readFile(join(import.meta.dirname, `data/golden/coverage_${name}.png`)),
      )
      const drawn = await pixels(await drawCoverage(name, shapes, atlas, { width: 480, resolution: 1 }))

      expect([drawn.width, drawn.height]).toEqual([golden.width, golden.height])
      expect(differing(drawn.data, golden.data)).toBeLessThan(DIFFERENT_SHARE_MAX)
    })
  }

  test('that misses a source is not the golden picture', async () => {
    const golden = await pixels(await readFile(join(import.meta.dirname, 'data/golden/coverage_usa.png')))
    const fewer = shapes.filter(({ name }) => name !== 'California')
    const drawn = await pixels(await drawCoverage('usa', fewer, atlas, { width: 480, resolution: 1 }))

    expect(differing(drawn.data, golden.data)).toBeGreaterThan(DIFFERENT_SHARE_MAX)
  })

  test('is 960 pixels wide as it is shown, and twice as many in the file', async () => {
    const drawn = await pixels(await drawCoverage('usa', [], atlas))

    expect([drawn.width, drawn.height]).toEqual([1920, 1208])
  })
})
