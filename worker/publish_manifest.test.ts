import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ranMachine } from '../test/crew.ts'
import { giveRuns } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { folderStorage } from './io/folder_storage.ts'
import { addresses } from './products/write_run.ts'

const URL = 'https://oa.example'

let db: TestDatabase
let folder: string

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-manifest-'))
  await giveRuns(db.sql, folderStorage({ folder, publicUrl: URL }), [
    { path: 'sources/us/ca/oakland.json', features: addresses(4, { lon: -122.3, lat: 37.8 }) },
  ])
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

function ran(...args: string[]) {
  return ranMachine(args, { env: { DATABASE_URL: db.url, STORAGE_DIR: folder, MACHINE_BASE_URL: URL } })
}

async function latest() {
  const pointer = JSON.parse(await readFile(join(folder, 'manifests/latest.json'), 'utf8'))
  return JSON.parse(await readFile(join(folder, pointer.url.slice(URL.length)), 'utf8'))
}

describe('machine publish-manifest', () => {
  test('tells of runs before there is any product', async () => {
    expect((await ran('publish-manifest')).code).toBe(0)

    const manifest = await latest()
    expect(manifest).toMatchObject({ version: 1, previous: null, collections: [], tiles: null })
    expect(
      manifest.sources.map(({ source, rows }: { source: string; rows: number }) => [source, rows]),
    ).toEqual([['sources/us/ca/oakland.json', 4]])
  })

  test('leaves nothing out of what others publish at the same moment', async () => {
    const all = await Promise.all([ran('collect-extracts'), ran('index-tiles'), ran('publish-manifest')])

    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    const manifest = await latest()
    expect([manifest.collections.length, manifest.tiles.tiles]).toEqual([6, 1])
    const [row] = await db.sql<[{ document: string }]>`select document from manifests where is_current`
    expect(JSON.parse(row.document)).toEqual(manifest)
  })

  test('publishes nothing that was made of an older state than the one that is current', async () => {
    const [before] = await db.sql<[{ id: string }]>`select id from manifests where is_current`
    const publish = async (seen: string, edition: string) => {
      const manifest = { edition, key: edition, url: edition, sha256: '0'.repeat(64), document: '{}' }
      const [row] = await db.sql<[{ id: string | null }]>`
        select machine.publish_products(${seen}, 'collections', '[]', '[]', ${db.sql.json(manifest)}) as id`
      return row.id
    }

    expect(await publish(before.id, 'first')).not.toBeNull()
    expect(await publish(before.id, 'second')).toBeNull()
    expect(await db.sql`select edition from manifests where is_current`).toMatchObject([{ edition: 'first' }])
  })
})
