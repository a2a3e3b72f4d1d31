/** FlatGeobuf, read back by our own reader and, where it is installed, by GDAL, and compared with `out.geojson`. */
import { afterEach, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Geometry, OutFeature } from '../../shared/row.ts'
import type { OutRow } from './output.ts'
import { address, building, GEOMETRIES, makeOutputs } from './typed_output_cases.ts'

const hasGdal = spawnSync('ogrinfo', ['--version']).status === 0
if (!hasGdal) console.log('skipped: FlatGeobuf read by GDAL, as ogrinfo is not installed here')

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function make(layer: string, batches: readonly (readonly OutRow[])[]): Promise<string> {
  const { folder, made } = await makeOutputs(['flatgeobuf'], layer, batches)
  folders.push(folder)
  expect(made.get('flatgeobuf')?.rows).toBe(made.get('geojson')?.rows as number)
  return folder
}

function parsed(text: string): OutFeature[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as OutFeature)
}

/** What GDAL makes of `out.fgb`, line by line. */
function byGdal(folder: string): OutFeature[] {
  const options = [
    '-f',
    'GeoJSONSeq',
    '-lco',
    'COORDINATE_PRECISION=7',
    '/vsistdout/',
    join(folder, 'out.fgb'),
  ]
  const { stdout, stderr, status } = spawnSync('ogr2ogr', options, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  expect([status, stderr]).toEqual([0, ''])
  return parsed(stdout)
}

/** What GDAL says of the layer. */
function info(folder: string): string {
  return spawnSync('ogrinfo', ['-so', '-al', join(folder, 'out.fgb')], { encoding: 'utf8' }).stdout
}

/** Without what is null, which GDAL leaves out. */
function given(properties: OutFeature['properties']) {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null))
}

/** Without heights. */
function flat(geometry: Geometry | null): unknown {
  return JSON.parse(JSON.stringify(geometry), (_, value: unknown) =>
    Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'number')
      ? value.slice(0, 2)
      : value,
  )
}

describe.skipIf(!hasGdal)('flatgeobuf, by GDAL', () => {
  test('has the values and geometries of out.geojson', async () => {
    const rows = GEOMETRIES.map((geometry, i) => address(`${i}`, 'Žižkova "7"', geometry))
    const folder = await make('addresses', [rows.slice(0, 3), [address('x', null, null)], rows.slice(3)])

    const expected = parsed(await readFile(join(folder, 'out.geojson'), 'utf8'))
    const found = byGdal(folder)
    expect(found.map(({ properties }) => given(properties))).toEqual(
      expected.map(({ properties }) => given(properties)),
    )
    expect(found.map(({ geometry }) => geometry)).toEqual(
      // An empty one is none for GDAL's GeoJSON.
      expected.map(({ geometry }) => flat(geometry) as Geometry | null),
    )
  })

  test('says how many, where, in which CRS and of which kind', async () => {
    const folder = await make('addresses', [[address('1', 'A', GEOMETRIES[0]!), address('2', 'B', null)]])

    const said = info(folder)
    expect(said).toContain('Layer name: berkeley\n')
    expect(said).toContain('Feature Count: 2\n')
    expect(said).toContain('Geometry: Point\n')
    expect(said).toContain('Extent: (-122.267736, 37.810622) - (-122.267736, 37.810622)\n')
    expect(said).toContain('ID["EPSG",4326]]')
  })

  test('has columns of numbers where all are', async () => {
    const rows = [building(3.5, '2', GEOMETRIES[4]!), building('', 'two', GEOMETRIES[5]!)]
    const folder = await make('buildings', [rows])

    expect(info(folder)).toContain('hash: String (0.0)\nheight: Real (0.0)\nlevels: String (0.0)\n')
    expect(byGdal(folder).map(({ properties }) => properties['height'] ?? null)).toEqual([3.5, null])
  })

  test('holds many rows in order', async () => {
    const batches = Array.from({ length: 20 }, (_, batch) =>
      Array.from({ length: 1000 }, (_, i) => address(`${batch * 1000 + i}`, 'A', GEOMETRIES[i % 7]!)),
    )
    const folder = await make('addresses', batches)

    const numbers = byGdal(folder).map(({ properties }) => properties['number'])
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, i) => `${i}`))
  })

  test('of no rows can be opened', async () => {
    const folder = await make('addresses', [])

    expect(info(folder)).toContain('Feature Count: 0\n')
  })
})
