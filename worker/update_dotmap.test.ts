/** The dot map as the command makes it: real Postgres, real tippecanoe, Mapbox and its bucket played over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VectorTile } from '@mapbox/vector-tile'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { PbfReader } from 'pbf'
import { PMTiles, type Source } from 'pmtiles'
import { readCurrentDotmap } from '../shared/db/dotmaps.ts'
import { ranMachine } from '../test/crew.ts'
import { giveRuns } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { type MapboxStandin, startMapbox } from '../test/standins/mapbox.ts'
import { folderStorage } from './io/folder_storage.ts'
import type { Storage } from './io/storage.ts'
import { addresses } from './products/write_run.ts'
import type { DotmapReport } from './update_dotmap.ts'

const isHere = spawnSync('tippecanoe', ['--version']).status === 0
if (!isHere) console.log('skipped: the dot map, as the real tippecanoe is not on the PATH')

const SITE = 'https://oa.example'

let db: TestDatabase
let folder: string
let storage: Storage
let s3: FauxqsServer
let server: MapboxStandin

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-dotmap-test-'))
  storage = folderStorage({ folder, publicUrl: SITE })
  s3 = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  s3.createBucket('tilestream')
  server = await startMapbox({ bucket: 'tilestream', s3Url: s3.address })
  server.askings = 1
  const nowhere = addresses(2, { lon: 500, lat: 0 })
  await giveRuns(db.sql, storage, [
    { path: 'sources/us/ca/oakland.json', features: addresses(40, { lon: -122.3, lat: 37.8 }) },
    { path: 'sources/fr/paris.json', features: [...addresses(30, { lon: 2.3, lat: 48.8 }), ...nowhere] },
    // Two thousand addresses of one house: a tile that no dot map of the original survived.
    { path: 'sources/au/tower.json', features: addresses(2_000, { lon: 151.2, lat: -33.86, step: 0 }) },
  ])
})

afterAll(async () => {
  await server.close()
  await s3.stop()
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

async function update(...args: string[]) {
  const env = {
    DATABASE_URL: db.url,
    STORAGE_DIR: folder,
    MACHINE_BASE_URL: SITE,
    MAPBOX_KEY: server.token,
    MAPBOX_API_URL: server.url,
    MAPBOX_S3_URL: s3.address,
  }
  const { code, lines } = await ranMachine(['update-dotmap', '--json', ...args], { env })
  const json = lines.find((line) => line.startsWith('{"state"'))
  if (json === undefined) throw new Error(lines.join('\n'))
  return { code, report: JSON.parse(json) as DotmapReport & { code?: string; message?: string }, lines }
}

/** The map that is shown, read as a browser reads it. */
async function shown(): Promise<PMTiles> {
  const map = (await readCurrentDotmap(db.sql))!
  const found = (await storage.get(map.key))!
  const chunks: Buffer[] = []
  for await (const chunk of found.body) chunks.push(chunk as Buffer)
  const bytes = Buffer.concat(chunks)
  const source: Source = {
    getKey: () => map.key,
    getBytes: async (offset, length) => ({
      data: new Uint8Array(bytes.subarray(offset, offset + length)).buffer,
    }),
  }
  return new PMTiles(source)
}

async function dotsOf(tiles: PMTiles, zoom: number, x: number, y: number) {
  const tile = await tiles.getZxy(zoom, x, y)
  const layer = new VectorTile(new PbfReader(new Uint8Array(tile!.data))).layers['openaddresses']!
  return Array.from({ length: layer.length }, (_, index) => layer.feature(index).properties)
}

/** The tile that a place lies in. */
function tileOf(lon: number, lat: number, zoom: number): [x: number, y: number] {
  const angle = (lat * Math.PI) / 180
  const y = (1 - Math.log(Math.tan(angle) + 1 / Math.cos(angle)) / Math.PI) / 2
  return [Math.floor(((lon + 180) / 360) * 2 ** zoom), Math.floor(y * 2 ** zoom)]
}

describe.skipIf(!isHere)('machine update-dotmap', () => {
  test('says what it would make, and makes nothing', async () => {
    const { code, report } = await update('--dry-run')

    expect(code).toBe(0)
    expect(report).toMatchObject({ state: 'planned', sources: 3, points: 2_072, url: null })
    expect(await readCurrentDotmap(db.sql)).toBeUndefined()
    expect(server.calls).toEqual([])
  })

  test('publishes one map of all points, and four quarters of it at Mapbox less those without any', async () => {
    const { code, report, lines } = await update('--name-prefix', 'test')

    expect(code).toBe(0)
    expect(report).toMatchObject({ state: 'published', sources: 3, points: 2_070, unplaced: 2, missing: [] })
    expect(report.url).toMatch(
      /^https:\/\/oa\.example\/dotmap\/\d{4}-\d\d-\d\dT\d{6}Z-\w+\/openaddresses\.pmtiles$/,
    )
    expect(report.mapbox).toEqual([
      { tileset: 'machine.test-northwest', ok: true, error: null },
      { tileset: 'machine.test-northeast', ok: true, error: null },
      { tileset: 'machine.test-southeast', ok: true, error: null },
    ])
    expect(lines.some((line) => line.startsWith('reading: 1 of 3 sources'))).toBe(true)

    const map = await readCurrentDotmap(db.sql)
    expect(map).toMatchObject({ points: 2_070, sources: 3, bytes: report.bytes, mapbox: report.mapbox })
    const [, south, , north] = map!.bounds
    expect([Math.round(south), Math.round(north)]).toEqual([-34, 49])
  })

  test('has words at zoom 15 only, in the names of the original', async () => {
    const tiles = await shown()
    const header = await tiles.getHeader()
    const near = await dotsOf(tiles, 15, ...tileOf(2.3, 48.8, 15))
    const far = await dotsOf(tiles, 14, ...tileOf(2.3, 48.8, 14))

    expect([header.minZoom, header.maxZoom]).toEqual([0, 15])
    expect(near).toContainEqual({ NUMBER: '1', STREET: 'Hauptstraße, "alt"' })
    expect(far.every((properties) => Object.keys(properties).length === 0)).toBe(true)
    expect(await dotsOf(tiles, 15, ...tileOf(151.2, -33.86, 15))).toHaveLength(2_000)
  })

  test('of which Mapbox gets each quarter whole and no other', async () => {
    const { tilejson } = server.tilesets.get('machine.test-southeast')!
    const [west = 0, south = 0, east = 0, north = 0] = tilejson['bounds'] as number[]

    expect([Math.floor(west), Math.floor(south), Math.ceil(east), Math.ceil(north)]).toEqual([
      151, -34, 152, -33,
    ])
    expect(tilejson['vector_layers']).toMatchObject([{ id: 'openaddresses', minzoom: 0, maxzoom: 15 }])
  })

  test('tells what Mapbox refused, where the old tileset stays, and shows the new map here', async () => {
    const before = await readCurrentDotmap(db.sql)
    server.failNext('Tiles too large')

    const { code, report } = await update('--name-prefix', 'test')

    expect(code).toBe(1)
    expect(report.mapbox?.map(({ ok }) => ok)).toEqual([false, true, true])
    expect(report.mapbox?.[0]?.error).toBe(
      'Mapbox: it could make no tileset machine.test-northwest: Tiles too large',
    )
    const after = await readCurrentDotmap(db.sql)
    expect(after!.id).toBeGreaterThan(before!.id)
    expect(after!.mapbox).toEqual(report.mapbox)
  })

  test('keeps the old map when data of a run is not there, unless that is allowed', async () => {
    const before = await readCurrentDotmap(db.sql)
    const [run] = await db.sql<[{ id: number }]>`select id from runs where source_path like '%oakland%'`
    const path = join(folder, 'runs', `${run.id}`, 'out.geojson.gz')
    const half = Buffer.from(await Bun.file(path).arrayBuffer()).subarray(0, 400)
    await writeFile(path, half)

    const refused = await update('--no-mapbox')
    expect(refused.code).toBe(1)
    expect(refused.report).toMatchObject({ state: 'kept', code: 'run-file-damaged' })
    expect(refused.report.message).toContain('sources/us/ca/oakland.json, addresses/city: ')
    expect((await readCurrentDotmap(db.sql))!.id).toBe(before!.id)

    await rm(path)
    const allowed = await update('--no-mapbox', '--allow-missing', '1')
    expect(allowed.code).toBe(0)
    expect(allowed.report).toMatchObject({ sources: 2, points: 2_030, mapbox: null })
    expect(allowed.report.missing).toEqual([
      {
        source: 'sources/us/ca/oakland.json, addresses/city',
        reason: `A file of a run is not in storage: sources/us/ca/oakland.json, addresses/city: runs/${run.id}/out.geojson.gz`,
      },
    ])
  })

  test('keeps the old map when half of the points are gone', async () => {
    await db.sql`
      update data_sources set removed_at = now(), removed_why = 'test' where source_path like '%tower%'`
    const before = await readCurrentDotmap(db.sql)

    const { code, report } = await update('--no-mapbox', '--allow-missing', '1')

    expect(code).toBe(1)
    expect(report).toMatchObject({ state: 'kept', code: 'far-smaller' })
    expect((await readCurrentDotmap(db.sql))!.id).toBe(before!.id)
  })
})
