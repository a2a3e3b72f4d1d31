/** Previews: the numbers of the reference, and pictures looked at pixel by pixel. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import type { Geometry } from '../../shared/row.ts'
import { scored } from '../../test/conformance/score.ts'
import { mapFeatures } from './base_map.ts'
import { mercatorX, mercatorY } from './mercator.ts'
import { openPreview, type PreviewOptions } from './preview.ts'
import { addPoint, deviations, framed, newSpread, tightBox, usualBox } from './spread.ts'

const CONFORMANCE = '../shared/conformance'
const IS_HERE = existsSync(CONFORMANCE)
if (!IS_HERE) console.log(`skipped: previews against the reference, as ${CONFORMANCE} is not here`)

interface Points {
  readonly count: number
  readonly start: [number, number]
  readonly step: [number, number]
  readonly extra?: [number, number][]
}

interface PreviewCase {
  readonly op: string
  readonly points: Points
  readonly bounds: [number, number, number, number]
  readonly resolution: 1 | 2
  readonly scale_numerator: number
  readonly tile_file: string
  readonly input_file: string
  readonly tile_base64: string
  readonly width: number
  readonly expect: Record<string, number> & { readonly bounds: number[] }
}

function readCase(op: string): PreviewCase {
  const { cases } = JSON.parse(readFileSync(`${CONFORMANCE}/functions.json`, 'utf8')) as {
    cases: PreviewCase[]
  }
  return cases.find((one) => one.op === op)!
}

function planePoints({ count, start, step, extra = [] }: Points): [number, number][] {
  const row = Array.from(
    { length: count },
    (_, i) => [start[0] + i * step[0], start[1] + i * step[1]] as const,
  )
  return [...row, ...extra].map(([lon, lat]) => [mercatorX(lon), mercatorY(lat)])
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-preview-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function draw(geometries: readonly (Geometry | null)[], options: Partial<PreviewOptions> = {}) {
  const preview = openPreview({
    scratch: join(folder, 'scratch'),
    log: () => {},
    signal: new AbortController().signal,
    ...options,
  })
  await preview.add(geometries)
  const obstacle = await preview.draw(join(folder, 'preview.png'))
  await preview.close()
  return obstacle
}

/** Looks at the picture: its size, and the colour of a pixel as `#rrggbb`. */
async function look() {
  const png = await readFile(join(folder, 'preview.png'))
  const image = await loadImage(png)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  return {
    width: image.width,
    height: image.height,
    /** Bits of a channel, and 2 for RGB or 6 for RGBA. */
    colour: [png[24], png[25]],
    at(x: number, y: number): string {
      const [red = 0, green = 0, blue = 0] = context.getImageData(x, y, 1, 1).data
      return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`
    },
  }
}

const point = (lon: number, lat: number): Geometry => ({ type: 'Point', coordinates: [lon, lat] })

describe.skipIf(!IS_HERE)('functions.json (skipped without ../shared/conformance)', () => {
  scored('functions.json', 'preview_stats', () => {
    const { points, expect: expected } = readCase('preview_stats')
    const spread = newSpread()
    for (const [x, y] of planePoints(points)) addPoint(spread, x, y)

    const within = expected['tolerance'] as number
    expect(Math.abs(spread.x - expected['xmean']!)).toBeLessThan(within)
    expect(Math.abs(deviations(spread)[0] - expected['xstddev']!)).toBeLessThan(within)
  })

  scored('functions.json', 'preview_bounds', () => {
    const { points, expect: expected } = readCase('preview_bounds')
    const spread = newSpread()
    for (const [x, y] of planePoints(points)) addPoint(spread, x, y)
    const tight = tightBox(usualBox(spread))
    for (const [x, y] of planePoints(points)) tight.add(x, y)

    const { xmin, ymin, xmax, ymax } = framed(tight.padded())
    for (const [index, edge] of [xmin, ymin, xmax, ymax].entries())
      expect(edge).toBeCloseTo(expected.bounds[index]!, 6)
  })

  scored('functions.json', 'preview_map_features', async () => {
    const {
      bounds,
      scale_numerator: numerator,
      tile_file: file,
      expect: expected,
    } = readCase('preview_map_features')
    const [xmin, ymin, xmax, ymax] = bounds
    const tile = await readFile(join(CONFORMANCE, file))
    const found = await mapFeatures({ xmin, ymin, xmax, ymax }, numerator / (xmax - xmin), async () => tile)

    const { landuse, water, roads } = found
    expect([landuse.length, water.length, roads.length]).toEqual([
      expected['landuse']!,
      expected['water']!,
      expected['roads']!,
    ])
  })

  scored('functions.json', 'preview_render', async () => {
    const {
      input_file: file,
      width,
      resolution,
      tile_base64: tile,
      expect: expected,
    } = readCase('preview_render')
    const text = await readFile(join(CONFORMANCE, file), 'utf8')
    const geometries = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { geometry: Geometry }).geometry)
    const fetchTile = async () => Buffer.from(tile, 'base64')

    expect(await draw(geometries, { width, resolution, fetchTile })).toBeUndefined()

    const picture = await look()
    expect([picture.width, picture.height]).toEqual([expected['width']!, expected['height']!])
    expect(picture.colour).toEqual([8, 6])
    // The tile is water from edge to edge.
    expect(picture.at(300, 300)).toBe('#c7def5')
  })
})

describe('a preview', () => {
  test('shows points in green on land, with a dark ring', async () => {
    expect(await draw([point(0, 0), point(0.01, 0.01)])).toBeUndefined()

    const picture = await look()
    expect([picture.width, picture.height]).toEqual([1336, 1336])
    expect(picture.at(600, 600)).toBe('#fffcf9')
    const middle = Math.round(1336 / 1.04 / 50)
    expect(picture.at(middle, 1336 - middle)).toBe('#74a578')
    expect(await readdir(folder)).toEqual(['preview.png'])
  })

  test('shows polygons filled, with holes, and their outlines dark', async () => {
    const square = (from: number, to: number): [number, number][] => [
      [from, from],
      [to, from],
      [to, to],
      [from, to],
      [from, from],
    ]
    const shape: Geometry = { type: 'Polygon', coordinates: [square(0, 0.3), square(0.1, 0.2)] }
    await draw([shape, point(-0.1, -0.1), point(0.4, 0.4)])

    const picture = await look()
    const at = (degrees: number) => Math.round(((degrees + 0.1) / 0.5) * (1336 / 1.04) + 1336 / 52)
    expect(picture.at(at(0.05), 1336 - at(0.05))).toBe('#c7d9c5')
    expect(picture.at(at(0.15), 1336 - at(0.15))).toBe('#fffcf9')
    expect(picture.at(at(0.3), 1336 - at(0.15))).toMatch(/^#[0-8]/)
  })

  test('shows lines', async () => {
    await draw([
      {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [0.1, 0.1],
        ],
      },
      {
        type: 'MultiLineString',
        coordinates: [
          [
            [0, 0.1],
            [0.1, 0.1],
          ],
          [
            [0.1, 0],
            [0.1, 0.1],
          ],
        ],
      },
      point(0, 0),
      point(0.1, 0.1),
    ])

    const { at, width, height } = await look()
    const across = [-2, -1, 0, 1, 2].map((step) => at(width / 2 + step, height / 2))
    expect(across.some((colour) => /^#[0-8]/.test(colour))).toBe(true)
    expect(at(width / 4, height / 2)).toBe('#fffcf9')
  })

  test('leaves out places far from all others', async () => {
    const town = Array.from({ length: 400 }, (_, i) => point(10 + (i % 20) / 1000, 50 + i / 20_000))
    await draw([...town, point(0, 0), point(-150, 20)])

    const { width, height } = await look()
    // 0.019° by 0.01995°, in a plane that is higher by 1/cos 50°.
    expect(height / width).toBeCloseTo(0.01995 / 0.019 / Math.cos((50 * Math.PI) / 180), 1)
  })

  test('shows shapes whole, though their middles are what places it', async () => {
    const block = (west: number): Geometry => ({
      type: 'Polygon',
      coordinates: [
        [
          [west, 0],
          [west + 1, 0],
          [west + 1, 1],
          [west, 1],
          [west, 0],
        ],
      ],
    })
    await draw([block(0), block(1)])

    const { width, height } = await look()
    expect([width, height]).toEqual([1336, 668])
  })

  const shapes: [name: string, geometries: Geometry[], size: [number, number]][] = [
    ['one place twice', [point(5, 5), point(5, 5)], [1336, 334]],
    ['a street from west to east', [point(0, 0), point(1, 0)], [1336, 334]],
    ['a street from south to north', [point(0, 0), point(0, 1)], [1336, 2672]],
  ]
  for (const [name, geometries, size] of shapes) {
    test(`of ${name} is no thread`, async () => {
      await draw(geometries)

      const { width, height } = await look()
      expect([width, height]).toEqual(size)
    })
  }

  test('of one place is none, whatever else has no place or lies off the map', async () => {
    const obstacle = await draw([
      point(1, 1),
      null,
      point(0, 89),
      point(500, 0),
      { type: 'MultiPoint', coordinates: [] },
    ])

    expect(obstacle).toBe('it needs 2 places on the map, and there are 1')
    expect(await readdir(folder)).toEqual([])
  })

  test('does without a base map that cannot be had, and says so', async () => {
    const log: string[] = []
    const fetchTile = () => Promise.reject(new Error('the server of the base map answered 403'))

    expect(
      await draw([point(0, 0), point(1, 1)], { fetchTile, log: (line) => log.push(line) }),
    ).toBeUndefined()
    expect(log).toEqual(['the preview has no base map: the server of the base map answered 403'])
  })

  test('is drawn from the disk: a geometry larger than a page comes back whole', async () => {
    const round = Array.from({ length: 200_000 }, (_, i): [number, number] => [
      Math.cos((i / 200_000) * 2 * Math.PI),
      Math.sin((i / 200_000) * 2 * Math.PI),
    ])
    const shape: Geometry = { type: 'Polygon', coordinates: [[...round, round[0]!]] }
    await draw([shape, point(-1.2, -1.2), point(1.2, 1.2)], { width: 100, resolution: 1 })

    const { at } = await look()
    expect([at(50, 50), at(25, 25), at(12, 12)]).toEqual(['#c7d9c5', '#c7d9c5', '#fffcf9'])
  })
})
