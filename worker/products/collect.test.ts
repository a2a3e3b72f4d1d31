import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { asyncBufferFromUrl, parquetReadObjects } from 'hyparquet'
import yauzl from 'yauzl'
import { folder as edgeFolder } from '../../edge/folder.ts'
import { folderStorage } from '../io/folder_storage.ts'
import type { Storage } from '../io/storage.ts'
import { collect, type Collected } from './collect.ts'
import type { ProductSource } from './product_source.ts'
import { addresses, NO_LICENSE, writeRun } from './write_run.ts'

const TERMS = {
  license: 'CC BY 4.0',
  attributionRequired: true,
  attributionName: 'City of Oakland',
  shareAlike: false,
}

let folder: string
let storage: Storage
let sources: ProductSource[]
let made: Collected

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-collect-'))
  storage = folderStorage({ folder: join(folder, 'storage'), publicUrl: 'https://oa.example' })
  const nowhere = { ...addresses(1, { lon: 0, lat: 0 })[0]!, geometry: null }
  const off = addresses(1, { lon: 200, lat: 10 })
  sources = [
    (
      await writeRun(storage, 'sources/us/ca/oakland.json', addresses(300, { lon: -122.27, lat: 37.8 }), {
        runId: 1,
        license: TERMS,
      })
    ).source,
    (
      await writeRun(
        storage,
        'sources/us/ca/berkeley.json',
        [...addresses(20, { lon: -122.3, lat: 37.85 }), nowhere, ...off],
        { runId: 2 },
      )
    ).source,
    (
      await writeRun(storage, 'sources/us/ca/berkeley.json', addresses(5, { lon: -122.1, lat: 37.9 }), {
        runId: 3,
        name: 'a/b',
      })
    ).source,
  ]
  made = await run('made', sources)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(edition: string, some: readonly ProductSource[]): Promise<Collected> {
  const temp = join(folder, `temp-${edition}`)
  await mkdir(temp)
  return collect({
    storage,
    collection: { region: 'us_west', license: '' },
    sources: some,
    keys: {
      zip: `collections/${edition}/x.zip`,
      parquet: `collections/${edition}/x.parquet`,
      license: `collections/${edition}/x.txt`,
    },
    folder: temp,
    now: new Date('2026-10-02T00:00:00Z'),
    repository: 'openaddresses/openaddresses',
    signal: new AbortController().signal,
    tell: () => {},
  })
}

async function members(key: string): Promise<Map<string, string>> {
  const zip = await yauzl.openPromise(join(folder, 'storage', key), { autoClose: false })
  const found = new Map<string, string>()
  for await (const entry of zip.eachEntry()) {
    const content = await (await zip.openReadStreamPromise(entry)).toArray()
    found.set(entry.fileName, Buffer.concat(content).toString())
  }
  zip.close()
  return found
}

/** Ask DuckDB about files of the collections. */
async function ask(sql: string): Promise<object[]> {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(`set file_search_path = '${join(folder, 'storage/collections')}'`)
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJS()
  connection.closeSync()
  return rows
}

describe('a collection', () => {
  test('has the table of each source, as the source has it in its own zip', async () => {
    const zip = await members('collections/made/x.zip')
    const own = await members('runs/1/oakland.zip')

    expect([...zip.keys()].filter((name) => name.endsWith('.csv') && !name.startsWith('summary/'))).toEqual([
      'us/ca/oakland.csv',
      'us/ca/berkeley/city.csv',
      'us/ca/berkeley/a_b.csv',
    ])
    expect(zip.get('us/ca/oakland.csv')).toBe(own.get('us/ca/oakland.csv')!)
    expect(zip.get('us/ca/oakland.vrt')).toBe(own.get('us/ca/oakland.vrt')!)
  })

  test('leaves out what has no place on Earth, and says how much is in it', async () => {
    const zip = await members('collections/made/x.zip')

    expect([made.rows, made.unplaced]).toEqual([325, 2])
    expect(zip.get('us/ca/berkeley/city.csv')!.trimEnd().split('\r\n')).toHaveLength(21)
    expect(zip.get('README.txt')).toContain('Addresses: 325\n')
    expect(zip.get('README.txt')).toContain('      300  2026-09-30  us/ca/oakland\n')
    expect(zip.get('README.txt')).toContain('       20  2026-09-30  us/ca/berkeley/city\n')
  })

  test('tells the terms of each source truly', async () => {
    const zip = await members('collections/made/x.zip')
    const beside = await readFile(join(folder, 'storage/collections/made/x.txt'), 'utf8')

    expect(zip.get('LICENSE.txt')).toBe(beside)
    expect(beside).toContain(`us/ca/oakland
Website: https://city.example
License: CC BY 4.0
Required attribution: City of Oakland
Share-alike: No
`)
    expect(beside).toContain(`us/ca/berkeley/city
Website: https://city.example
License: Unknown
Required attribution: None known
Share-alike: Unknown
`)
  })

  test('has the number of addresses in each tenth of a degree', async () => {
    const zip = await members('collections/made/x.zip')

    expect(zip.get('summary/us/ca/berkeley/a_b-summary.csv')).toBe(
      'count,lon,lat,area\r\n5,-122.05,37.95,"POLYGON((-122.1 37.9,-122.1 38,-122 38,-122 37.9,-122.1 37.9))"\r\n',
    )
  })

  test('is one GeoParquet file, read in place by DuckDB', async () => {
    expect(
      await ask(
        `select source, count(*)::int as n, min(street) as street from 'made/x.parquet' group by source order by source`,
      ),
    ).toEqual([
      { source: 'us/ca/berkeley', n: 25, street: 'Hauptstraße, "alt"' },
      { source: 'us/ca/oakland', n: 300, street: 'Hauptstraße, "alt"' },
    ])
  })

  test('is read over HTTP by pieces, without being fetched whole first', async () => {
    const door = edgeFolder(join(folder, 'storage'), { cacheControl: '', types: {} })
    const ranges: (string | null)[] = []
    const server = Bun.serve({
      port: 0,
      fetch(request) {
        ranges.push(request.headers.get('Range'))
        return door(new URL(request.url).pathname.slice(1), request)
      },
    })
    const file = await asyncBufferFromUrl({ url: `${server.url}collections/made/x.parquet` })
    const rows = await parquetReadObjects({ file, columns: ['source'], rowStart: 0, rowEnd: 3 })
    await server.stop(true)

    expect(rows.map(({ source }) => source).every((source) => source.startsWith('us/ca/'))).toBe(true)
    // HEAD, the end of the file, and one column.
    expect(ranges.slice(1).every((range) => range?.startsWith('bytes='))).toBe(true)
    expect(ranges.length).toBeGreaterThan(1)
  })

  test('has neighbours side by side in its GeoParquet file, in whatever order the data came', async () => {
    const west = addresses(50, { lon: -122.3, lat: 37.85 })
    const east = addresses(50, { lon: -70.1, lat: 42.1 })
    const mixed = west.flatMap((feature, index) => [feature, east[index]!])
    const { source } = await writeRun(storage, 'sources/us/ca/mixed.json', mixed, { runId: 4 })
    await run('sorted', [source])

    const [found] = await ask(`
      select count(*) filter (where abs(x - before) > 1)::int as jumps
      from (select bbox.xmin as x, lag(bbox.xmin) over (order by file_row_number) as before
            from read_parquet('sorted/x.parquet', file_row_number = true))`)
    expect(found).toEqual({ jumps: 1 })
  })

  test('leaves nothing on the disk of the computer that makes it', async () => {
    expect(await readdir(join(folder, 'temp-made'))).toEqual([])
  })
})

describe('a collection is not made', () => {
  const faults: [name: string, spoil: (source: ProductSource) => ProductSource, message: string][] = [
    [
      'without the file of a run',
      (source) => ({ ...source, key: 'runs/9/out.geojson.gz' }),
      'A file of a run is not in storage: runs/9/out.geojson.gz',
    ],
    [
      'when a file has another size than the run left',
      (source) => ({ ...source, bytes: 7 }),
      'A file of a run is not what the run left: runs/3/out.geojson.gz has',
    ],
    [
      'when a file has another checksum',
      (source) => ({ ...source, sha256: '0'.repeat(64) }),
      'A file of a run is not what the run left: runs/3/out.geojson.gz has another SHA-256',
    ],
    [
      'when a row is missing',
      (source) => ({ ...source, rows: 6 }),
      'another number of rows than the run counted: runs/3/out.geojson.gz has 5, and the run counted 6',
    ],
  ]
  for (const [index, [name, spoil, message]] of faults.entries()) {
    test(name, async () => {
      const edition = `fault-${index}`

      await expect(run(edition, [sources[0]!, spoil(sources[2]!)])).rejects.toThrow(message)

      expect(await storage.get(`collections/${edition}/x.zip`)).toBeUndefined()
    })
  }

  test('of a file that is broken in the middle', async () => {
    const content = await readFile(join(folder, 'storage', sources[0]!.key))
    content.fill(0, 200, 260)
    await writeFile(join(folder, 'storage/runs/1/broken.geojson.gz'), content)
    const broken = { ...sources[0]!, key: 'runs/1/broken.geojson.gz', sha256: null, license: NO_LICENSE }

    await expect(run('broken', [broken])).rejects.toThrow(
      'A file of a run is not what the run left: runs/1/broken.geojson.gz',
    )
    expect(await storage.get('collections/broken/x.zip')).toBeUndefined()
  })
})
