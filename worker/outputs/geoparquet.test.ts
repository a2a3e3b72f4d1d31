/** GeoParquet, read back by two readers of other people and compared with `out.geojson`. */
import { afterEach, describe, expect, test } from 'bun:test'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import type { OutFeature } from '../../shared/row.ts'
import type { OutRow } from './output.ts'
import { address, building, GEOMETRIES, makeOutputs } from './typed_output_cases.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function make(layer: string, batches: readonly (readonly OutRow[])[]): Promise<string> {
  const { folder, made } = await makeOutputs(['geoparquet'], layer, batches)
  folders.push(folder)
  expect(made.get('geoparquet')?.rows).toBe(made.get('geojson')?.rows as number)
  return folder
}

async function features(folder: string): Promise<OutFeature[]> {
  const text = await readFile(join(folder, 'out.geojson'), 'utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as OutFeature)
}

/** Rows of `out.parquet`; the reader makes GeoJSON of the geometry by itself. */
async function rowsIn(folder: string): Promise<Record<string, unknown>[]> {
  return parquetReadObjects({ file: await asyncBufferFromFile(join(folder, 'out.parquet')) })
}

async function geoIn(folder: string) {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(join(folder, 'out.parquet')))
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'geo')?.value
  return { metadata, geo: JSON.parse(text ?? 'null') }
}

/** Rows of a question to DuckDB about `out.parquet`. */
async function ask(folder: string, select: string) {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const answer = await connection.runAndReadAll(
      `select ${select} from read_parquet('${join(folder, 'out.parquet')}')`,
    )
    return answer.getRowsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

describe('geoparquet', () => {
  test('has the values and geometries of out.geojson', async () => {
    const rows = GEOMETRIES.slice(0, -1).map((geometry, i) => address(`${i}`, 'Žižkova "7"', geometry))
    const folder = await make('addresses', [rows.slice(0, 3), [address('x', null, null)], rows.slice(3)])

    const expected = (await features(folder)).map(({ properties, geometry }) => ({ ...properties, geometry }))
    const found = (await rowsIn(folder)).map(({ bbox: _, ...rest }) => rest)
    expect(found).toEqual(expected)
  })

  test('keeps heights', async () => {
    const folder = await make('parcels', [[address('1', 'A', GEOMETRIES.at(-1)!)]])

    const [row] = await rowsIn(folder)
    expect(row!['geometry']).toEqual(GEOMETRIES.at(-1)!)
    expect((await geoIn(folder)).geo.columns.geometry.geometry_types).toEqual(['LineString Z'])
  })

  test('says its box, its kinds of geometry and where the boxes of the rows are', async () => {
    const rows = GEOMETRIES.map((geometry) => address('1', 'A', geometry))
    const folder = await make('addresses', [rows])

    const { geo } = await geoIn(folder)
    expect(geo.version).toBe('1.1.0')
    expect(geo.columns.geometry.bbox).toEqual([-122.2677356, -5, 30, 37.8106221])
    expect(geo.columns.geometry.geometry_types).toContain('MultiPolygon')
    expect(geo.columns.geometry.covering.bbox.xmin).toEqual(['bbox', 'xmin'])
    const { xmin, ymin, xmax, ymax } = (await rowsIn(folder))[0]!['bbox'] as Record<string, number>
    expect([xmin! <= -122.2677356, ymin! <= 37.8106221, xmax! >= -122.2677356, ymax! >= 37.8106221]).toEqual([
      true,
      true,
      true,
      true,
    ])
    expect([xmax! - xmin! < 1e-4, ymax! - ymin! < 1e-4]).toEqual([true, true])
  })

  test('is read by DuckDB: many groups, rows in order, text and numbers', async () => {
    const shape = GEOMETRIES[4]!
    const batches = Array.from({ length: 45 }, (_, batch) =>
      Array.from({ length: 1000 }, (_, i) => building(batch + i / 8, i % 2 === 0 ? '' : '3', shape)),
    )
    const folder = await make('buildings', batches)

    const [all] = await ask(folder, 'count(*), sum(height), count(levels), min(bbox.xmin), max(bbox.ymax)')
    expect(all).toEqual(['45000', 45_000 * 22 + (45 * 999 * 1000) / 16, '45000', 0, 10])
    expect(await ask(folder, 'distinct typeof(height), typeof(levels), typeof(bbox)')).toEqual([
      ['DOUBLE', 'VARCHAR', 'STRUCT(xmin FLOAT, ymin FLOAT, xmax FLOAT, ymax FLOAT)'],
    ])
    expect((await geoIn(folder)).metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([
      20_000, 20_000, 5_000,
    ])
  }, 30_000)

  const point = GEOMETRIES[0]!
  const guesses: [name: string, values: (string | number | null)[], expected: unknown[]][] = [
    ['numbers, when there are only numbers and blanks', [1.5, '', 3], [1.5, null, 3]],
    ['text, when a text comes late', [1.5, 2, 'high'], ['1.5', '2', 'high']],
    ['numbers, when the first rows are blank', ['', null, 3], [null, null, 3]],
    ['text, when there is nothing', ['', null, ''], ['', null, '']],
  ]
  for (const [name, values, expected] of guesses) {
    test(`types a column as ${name}`, async () => {
      const folder = await make(
        'buildings',
        values.map((value) => [building(value, '', point)]),
      )

      expect((await rowsIn(folder)).map(({ height }) => height)).toEqual(expected)
    })
  }

  test('of no rows is a file with columns', async () => {
    const folder = await make('addresses', [])

    expect((await geoIn(folder)).metadata.num_rows).toBe(0n)
    expect(await ask(folder, 'count(*), count(street)')).toEqual([['0', '0']])
  })
})
