import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import yauzl from 'yauzl'
import { ranMachine } from '../test/crew.ts'
import { giveRuns, SHARE_ALIKE } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { folderStorage } from './io/folder_storage.ts'
import type { ProductReport } from './product_report.ts'
import { addresses } from './products/write_run.ts'

const URL = 'https://oa.example'

let db: TestDatabase
let folder: string
/** Where the command puts what is passing: others who run beside us have theirs. */
let temp: string

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-tiles-'))
  temp = await mkdtemp(join(tmpdir(), 'machine-tiles-temp-'))
  const storage = folderStorage({ folder, publicUrl: URL })
  const nowhere = { ...addresses(1, { lon: 0, lat: 0 })[0]!, geometry: null }
  await giveRuns(db.sql, storage, [
    // Half of it lies in the next tile to the north-east.
    {
      path: 'sources/us/ca/oakland.json',
      features: addresses(40, { lon: -122.02, lat: 37.98, step: 0.001 }),
    },
    { path: 'sources/us/ca/concord.json', features: [...addresses(7, { lon: -122.5, lat: 37.9 }), nowhere] },
    { path: 'sources/fr/paris.json', features: addresses(5, { lon: 2.3, lat: 48.8 }), license: SHARE_ALIKE },
    { path: 'sources/fj/suva.json', features: addresses(2, { lon: 179.999, lat: -18.1 }) },
  ])
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
  await rm(temp, { recursive: true, force: true })
})

async function indexTiles(...args: string[]): Promise<{ code: number | null; report: ProductReport }> {
  const env = { DATABASE_URL: db.url, STORAGE_DIR: folder, MACHINE_BASE_URL: URL, TMPDIR: temp }
  const { code, lines } = await ranMachine(['index-tiles', '--json', ...args], { env })
  const json = lines.find((line) => line.startsWith('{"products"'))
  if (json === undefined) throw new Error(lines.join('\n'))
  return { code, report: JSON.parse(json) as ProductReport }
}

async function tiles(): Promise<Record<string, number>> {
  const rows = await db.sql<{ name: string; rows: number }[]>`
    select name, rows::int from products where is_current and product = 'tiles' order by name`
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]))
}

async function members(name: string): Promise<Record<string, string>> {
  const [file] = await db.sql<{ key: string; sha256: string }[]>`
    select key, sha256 from products where is_current and name = ${name}`
  const path = join(folder, file!.key)
  expect(
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  ).toBe(file!.sha256)
  const zip = await yauzl.openPromise(path, { autoClose: false })
  const found: Record<string, string> = {}
  for await (const entry of zip.eachEntry()) {
    found[entry.fileName] = Buffer.concat(await (await zip.openReadStreamPromise(entry)).toArray()).toString()
  }
  zip.close()
  return found
}

describe('machine index-tiles', () => {
  test('publishes a zip for each square degree, whose counts add up to those of the runs', async () => {
    const { code, report } = await indexTiles()

    expect([code, report.problems]).toEqual([0, []])
    expect(await tiles()).toEqual({
      '-122.0/38.0.zip': 20,
      '-123.0/37.0.zip': 27,
      '179.0/-19.0.zip': 2,
      'tiles.json': 49,
    })
  })

  test('has in each the rows of all its sources, and their terms', async () => {
    const { 'addresses.csv': csv = '', 'LICENSE.txt': license } = await members('-123.0/37.0.zip')
    const lines = csv.split('\r\n')

    expect(lines[0]).toBe('LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH,OA:Source')
    expect(lines[1]).toBe('-122.5,37.9,1,"Hauptstraße, ""alt""",,X,,,1,,h0,us/ca/concord')
    expect(lines.filter((line) => line.endsWith(',us/ca/concord'))).toHaveLength(7)
    expect(lines.filter((line) => line.endsWith(',us/ca/oakland'))).toHaveLength(20)
    expect(license).toContain('us/ca/concord\nWebsite: https://city.example\nLicense: Unknown\n')
    expect(license).not.toContain('suva')
  })

  test('lists them with addresses and checksums, and the manifest tells of the list', async () => {
    const pointer = JSON.parse(await readFile(join(folder, 'manifests/latest.json'), 'utf8'))
    const manifest = JSON.parse(await readFile(join(folder, pointer.url.slice(URL.length)), 'utf8'))
    const { index, template } = manifest.tiles
    const text = await readFile(join(folder, index.url.slice(URL.length)), 'utf8')

    expect(manifest.tiles).toMatchObject({ tiles: 3, rows: 49 })
    expect(createHash('sha256').update(text).digest('hex')).toBe(index.sha256)
    const [first] = JSON.parse(text).tiles
    expect(first).toMatchObject({ name: '179.0/-19.0.zip', rows: 2, sources: 1 })
    expect(template.replace('{lon}', '179.0').replace('{lat}', '-19.0')).toBe(first.url)
  })

  test('makes nothing again while nothing has changed', async () => {
    const { code, report } = await indexTiles()

    expect([code, report.products[0]!.state, report.manifest]).toEqual([0, 'unchanged', null])
  })

  test('keeps all tiles when the file of one run is broken', async () => {
    const before = await tiles()
    const [suva] = await db.sql<{ id: number }[]>`select id from runs where source_path like '%suva%'`
    const file = join(folder, `runs/${suva!.id}/out.geojson.gz`)
    const content = await readFile(file)
    await writeFile(file, content.subarray(0, content.length - 1))
    await db.sql`update runs set datetime_tz = now() where id = ${suva!.id}`

    const { code, report } = await indexTiles()

    expect(code).toBe(1)
    expect(report.problems[0]).toMatchObject({
      code: 'run-file-damaged',
      message: `A file of a run is not what the run left: runs/${suva!.id}/out.geojson.gz has ${content.length - 1} bytes, and the run left ${content.length}`,
    })
    expect(await tiles()).toEqual(before)
    await writeFile(file, content)
  })

  test('offers a tile no longer that has no address any more', async () => {
    await db.sql`update data_sources set removed_at = now(), removed_why = 'test' where source_path like '%suva%'`

    expect((await indexTiles()).code).toBe(0)

    expect(Object.keys(await tiles())).toEqual(['-122.0/38.0.zip', '-123.0/37.0.zip', 'tiles.json'])
    expect((await readdir(temp)).filter((name) => name.startsWith('machine-index-tiles-'))).toEqual([])
  })
})
