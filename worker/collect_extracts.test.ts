import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ranMachine } from '../test/crew.ts'
import { giveRuns, SHARE_ALIKE } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { folderStorage } from './io/folder_storage.ts'
import type { Storage } from './io/storage.ts'
import type { ProductReport } from './product_report.ts'
import type { ProductSource } from './products/product_source.ts'
import { addresses } from './products/write_run.ts'

const URL = 'https://oa.example'

let db: TestDatabase
let folder: string
let storage: Storage
let sources: ProductSource[]

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-extracts-'))
  storage = folderStorage({ folder, publicUrl: URL })
  sources = await giveRuns(db.sql, storage, [
    { path: 'sources/us/ca/oakland.json', features: addresses(40, { lon: -122.3, lat: 37.8 }) },
    { path: 'sources/no/oslo.json', features: addresses(10, { lon: 10.7, lat: 59.9 }) },
    { path: 'sources/fr/paris.json', features: addresses(5, { lon: 2.3, lat: 48.8 }), license: SHARE_ALIKE },
    { path: 'sources/za/cape_town.json', features: addresses(3, { lon: 18.4, lat: -33.9 }) },
  ])
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Ran {
  readonly code: number | null
  readonly report: ProductReport
  readonly lines: readonly string[]
}

async function collectExtracts(...args: string[]): Promise<Ran> {
  const env = { DATABASE_URL: db.url, STORAGE_DIR: folder, MACHINE_BASE_URL: URL }
  const { code, lines } = await ranMachine(['collect-extracts', '--json', ...args], { env })
  const json = lines.find((line) => line.startsWith('{"products"'))
  if (json === undefined) throw new Error(lines.join('\n'))
  return { code, report: JSON.parse(json) as ProductReport, lines }
}

async function zips(): Promise<Record<string, number>> {
  const rows = await db.sql<{ name: string; rows: number }[]>`
    select collection || license_attr as name, address_count::int as rows from zips where is_current order by 1`
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]))
}

async function currentFiles(): Promise<
  { name: string; key: string; bytes: number; sha256: string; url: string }[]
> {
  return db.sql`select name, key, bytes::int, sha256, url from products where is_current order by name`
}

describe('machine collect-extracts', () => {
  test('says what it would make, and makes nothing', async () => {
    const { code, report } = await collectExtracts('--dry-run', '--only', 'global,europe-sa,asia')

    expect(code).toBe(0)
    expect(report.products.map(({ name, state, sources, rows }) => [name, state, sources, rows])).toEqual([
      ['openaddr-collected-global', 'planned', 3, 53],
      ['openaddr-collected-europe-sa', 'planned', 1, 5],
      ['openaddr-collected-asia', 'empty', 0, 0],
    ])
    expect(await currentFiles()).toEqual([])
  })

  test('publishes every collection that has a source, with counts and checksums that are true', async () => {
    const { code, report, lines } = await collectExtracts()

    expect(code).toBe(0)
    expect(report.problems).toEqual([])
    expect(await zips()).toEqual({ europe: 10, europesa: 5, global: 53, globalsa: 5, us_west: 40 })
    for (const { key, bytes, sha256 } of await currentFiles()) {
      const content = await readFile(join(folder, key))
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256])
    }
    expect(lines.some((line) => line.startsWith('openaddr-collected-global:  ░'))).toBe(true)
  })

  test('leaves a manifest of everything that can be downloaded', async () => {
    const pointer = JSON.parse(await readFile(join(folder, 'manifests/latest.json'), 'utf8'))
    const text = await readFile(join(folder, pointer.url.slice(URL.length)), 'utf8')
    const manifest = JSON.parse(text)

    expect(createHash('sha256').update(text).digest('hex')).toBe(pointer.sha256)
    expect(manifest).toMatchObject({ version: 1, edition: pointer.edition, previous: null, tiles: null })
    expect(manifest.collections).toHaveLength(15)
    expect(
      manifest.collections.find(({ name }: { name: string }) => name === 'openaddr-collected-europe-sa.zip'),
    ).toMatchObject({
      region: 'europe',
      license: 'sa',
      license_name: 'Share-Alike Required',
      rows: 5,
      sources: 1,
      data_date: '2026-09-30T12:00:00.000Z',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const paris = manifest.sources.find(
      ({ source }: { source: string }) => source === 'sources/fr/paris.json',
    )
    expect(paris).toMatchObject({
      rows: 5,
      license: 'ODbL',
      attribution_required: true,
      attribution: 'Mairie',
      share_alike: true,
    })
    const [data] = paris.files
    const content = await readFile(join(folder, data.url.slice(URL.length)))
    expect([data.name, data.bytes, data.sha256]).toEqual([
      'out.geojson.gz',
      content.length,
      createHash('sha256').update(content).digest('hex'),
    ])
  })

  test('makes nothing again while nothing has changed', async () => {
    const before = await currentFiles()

    const { code, report } = await collectExtracts()

    expect(code).toBe(0)
    expect(new Set(report.products.map(({ state }) => state))).toEqual(new Set(['unchanged', 'empty']))
    expect(report.manifest).toBeNull()
    expect(await currentFiles()).toEqual(before)
  })

  test('keeps a collection that would be far smaller, until somebody accepts that', async () => {
    await db.sql`update data_sources set removed_at = now(), removed_why = 'test' where source_path like '%oakland%'`

    const { code, report } = await collectExtracts('--only', 'us_west,global')
    expect(code).toBe(1)
    expect(report.problems.map(({ name, code, message }) => [name, code, message])).toEqual([
      [
        'openaddr-collected-us_west',
        'far-smaller',
        'There is far less than in the one that is published: 0 rows, and 40 are published',
      ],
      [
        'openaddr-collected-global',
        'far-smaller',
        'There is far less than in the one that is published: 13 rows, and 53 are published',
      ],
    ])
    expect(await zips()).toMatchObject({ us_west: 40, global: 53 })

    const accepted = await collectExtracts('--only', 'us_west,global', '--accept-smaller')
    expect(accepted.code).toBe(0)
    expect(await zips()).toEqual({ europe: 10, europesa: 5, global: 13, globalsa: 5 })
    await db.sql`update data_sources set removed_at = null, removed_why = null where source_path like '%oakland%'`
  })

  test('keeps a collection that lacks a file of a run, publishes the others, and says so', async () => {
    const oslo = sources.find(({ sourcePath }) => sourcePath.includes('oslo'))!
    const file = join(folder, oslo.key)
    const content = await readFile(file)
    await rm(file)
    await db.sql`update runs set result = jsonb_set(result, '{artifacts,0,sha256}', '"changed"') where id = ${oslo.runId}`

    const { code, report, lines } = await collectExtracts()
    expect(code).toBe(1)
    expect(report.problems.map(({ name, code, message }) => [name, code, message])).toEqual([
      ['openaddr-collected-europe', 'run-file-missing', `A file of a run is not in storage: ${oslo.key}`],
      ['openaddr-collected-global', 'run-file-missing', `A file of a run is not in storage: ${oslo.key}`],
    ])
    expect(lines).toContain(
      `openaddr-collected-europe stays as it was: A file of a run is not in storage: ${oslo.key}`,
    )
    expect(await zips()).toEqual({ europe: 10, europesa: 5, global: 13, globalsa: 5, us_west: 40 })

    await Bun.write(file, content)
    await db.sql`update runs set result = jsonb_set(result, '{artifacts,0,sha256}', ${db.sql.json(oslo.sha256)}) where id = ${oslo.runId}`
    expect((await collectExtracts()).code).toBe(0)
    expect(await zips()).toEqual({ europe: 10, europesa: 5, global: 53, globalsa: 5, us_west: 40 })
  })

  test('says that there is nothing, and whose fault a wrong call is', async () => {
    const nothing = await collectExtracts('--owner', 'nobody')
    expect(nothing.code).toBe(1)
    expect(nothing.report.problems[0]).toMatchObject({ code: 'nothing-to-publish' })

    const wrong = await ranMachine(['collect-extracts', '--only', 'mars'], { env: { DATABASE_URL: db.url } })
    expect(wrong.code).toBe(2)
    expect(wrong.lines.join('\n')).toContain('there is no collection "mars"')
  })
})
