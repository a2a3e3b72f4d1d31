import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { giveRuns, SHARE_ALIKE } from '../test/current_runs.ts'
import { BASE_URL, type Site, testSite } from '../test/site.ts'
import { folderStorage } from '../worker/io/folder_storage.ts'
import { addresses } from '../worker/products/write_run.ts'

let site: Site

beforeAll(async () => {
  site = await testSite()
})

afterAll(() => site.close())

/** What is current, one of each kind. */
async function publishAll(): Promise<void> {
  const storage = folderStorage({ folder: site.folder, publicUrl: BASE_URL })
  await giveRuns(site.sql, storage, [
    { path: 'sources/us/ca/oakland.json', features: addresses(3, { lon: -122.3, lat: 37.8 }) },
    { path: 'sources/fr/paris.json', features: addresses(2, { lon: 2.3, lat: 48.8 }), license: SHARE_ALIKE },
  ])
  const file = (
    product: string,
    name: string,
    key: string,
    license: string | null,
    region: string | null,
  ) => site.sql`
    insert into products (product, name, edition, key, url, bytes, sha256, rows, region, license, made_from)
    values (${product}, ${name}, 'e1', ${key}, ${`${BASE_URL}/${key}`}, 2000, ${'0'.repeat(64)}, 5, ${region}, ${license}, 'x')
    returning id`
  const zip = await file(
    'collections',
    'openaddr-collected-us_west.zip',
    'collections/e1/openaddr-collected-us_west.zip',
    '',
    'us_west',
  )
  const tile = await file('tiles', '-123.0/37.0.zip', 'tiles/e1/-123.0/37.0.zip', '', null)
  const publish = (seen: number, product: string, id: string, edition: string) => site.sql`
    select machine.publish_products(${seen}, ${product}, ${site.sql.json([id])}, '[]', ${site.sql.json({
      edition,
      key: `manifests/${edition}.json`,
      url: `${BASE_URL}/manifests/${edition}.json`,
      sha256: '0'.repeat(64),
      document: '{"version":1}\n',
    })}) as id`
  const [first] = await publish(0, 'collections', zip[0]!['id'], 'e1')
  await publish(first!['id'], 'tiles', tile[0]!['id'], 'e2')
}

describe('before anything is published', () => {
  test('lists are empty and the rest is not there', async () => {
    expect(await site.json('/index.json')).toMatchObject({ collections: {}, render_world_url: null })
    expect(await (await site.ask('/state.txt')).text()).toMatch(
      /^source\tcache\tsample\t.*\tcode version\r\n$/,
    )
    expect(await site.json('/latest/licenses.json')).toEqual({ licenses: [] })
    for (const path of [
      '/manifest.json',
      '/latest/set',
      '/latest/run/us/ca/oakland.zip',
      '/tiles/1/2.zip',
      '/openaddr-collected-global.zip',
    ])
      expect([path, (await site.ask(path)).status]).toEqual([path, 404])
  })
})

describe('when something is published', () => {
  beforeAll(publishAll)

  test('/index.json is the directory of the original', async () => {
    const response = await site.ask('/index.json')

    expect(response.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(await response.json()).toEqual({
      run_states_url: `${BASE_URL}/state.txt`,
      latest_run_processed_url: `${BASE_URL}/latest/run/{source}.zip`,
      tileindex_url: `${BASE_URL}/tiles/{lon}/{lat}.zip`,
      licenses_url: `${BASE_URL}/latest/licenses.json`,
      latest_set_url: `${BASE_URL}/latest/set`,
      manifest_url: `${BASE_URL}/manifest.json`,
      render_world_url: null,
      render_europe_url: null,
      render_usa_url: null,
      render_geojson_url: null,
      collections: {
        us_west: {
          '': {
            url: `${BASE_URL}/collections/e1/openaddr-collected-us_west.zip`,
            content_length: 2000,
            license: 'Freely Shareable',
          },
        },
      },
    })
  })

  test('/state.txt is a table of the current runs', async () => {
    const response = await site.ask('/state.txt')
    const lines = (await response.text()).split('\r\n').map((line) => line.split('\t'))
    const column = (name: string) => lines.map((cells) => cells[lines[0]!.indexOf(name)])

    expect(response.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
    expect(lines[0]).toHaveLength(16)
    expect(column('source').slice(1, 3)).toEqual(['fr/paris.json', 'us/ca/oakland.json'])
    expect(column('address count').slice(1, 3)).toEqual(['2', '3'])
    expect(column('share-alike').slice(1, 3)).toEqual(['true', ''])
    expect(column('processed')[1]).toMatch(new RegExp(`^${BASE_URL}/runs/\\d+/paris.zip$`))
    expect((await (await site.ask('/state.txt?layer=parcels')).text()).split('\r\n')).toHaveLength(2)
  })

  test('/latest/licenses.json groups sources by what they ask for', async () => {
    expect(await site.json('/latest/licenses.json')).toEqual({
      licenses: [
        {
          license: 'ODbL',
          attribution: 'Mairie',
          sources: [['sources/fr/paris.json', 'https://city.example']],
        },
        {
          license: null,
          attribution: null,
          sources: [['sources/us/ca/oakland.json', 'https://city.example']],
        },
      ],
    })
  })

  test('/manifest.json has the very bytes that were published', async () => {
    expect(await (await site.ask('/manifest.json')).text()).toBe('{"version":1}\n')
  })

  const redirects: [path: string, to: RegExp][] = [
    ['/latest/run/us/ca/oakland.zip', /\/runs\/\d+\/oakland\.zip$/],
    ['/openaddr-collected-us_west.zip', /\/collections\/e1\/openaddr-collected-us_west\.zip$/],
    ['/tiles/-123.0/37.0.zip', /\/tiles\/e1\/-123\.0\/37\.0\.zip$/],
    ['/tiles/-122.001/37.99.zip', /\/tiles\/e1\/-123\.0\/37\.0\.zip$/],
  ]
  for (const [path, to] of redirects) {
    test(`${path} leads to the file that is current`, async () => {
      const response = await site.ask(path)

      expect(response.status).toBe(302)
      expect(response.headers.get('Location')).toMatch(to)
    })
  }

  test('/latest/set leads to the newest that has ended', async () => {
    await site.sql`update sets set datetime_end = now()`
    const [set] = await site.sql<[{ id: number }]>`select max(id) as id from sets`

    expect((await site.ask('/latest/set')).headers.get('Location')).toBe(`/sets/${set.id}/`)
  })

  for (const path of [
    '/tiles/-122/36.5.zip',
    '/tiles/181/0.zip',
    '/tiles/x/0.zip',
    '/tiles/0x1/0.zip',
    '/openaddr-collected-mars.zip',
    '/latest/run/us/ca/nowhere.zip',
  ])
    test(`there is nothing at ${path}, and it says so`, async () => {
      const response = await site.ask(path)

      expect([response.status, await response.json()]).toEqual([404, { error: expect.any(String) }])
    })

  test('files of an edition are served where there is no bucket, and nothing beside them', async () => {
    await mkdir(join(site.folder, 'collections/e1'), { recursive: true })
    await mkdir(join(site.folder, 'tiles/e1/-123.0'), { recursive: true })
    await writeFile(join(site.folder, 'collections/e1/a.zip'), 'zip')
    await writeFile(join(site.folder, 'tiles/e1/-123.0/37.0.zip'), 'tile')
    await writeFile(join(site.folder, 'tiles/e1/tiles.json'), '{}')
    const texts = ['/collections/e1/a.zip', '/tiles/e1/-123.0/37.0.zip', '/tiles/e1/tiles.json'].map(
      async (path) => (await site.ask(path)).text(),
    )

    expect(await Promise.all(texts)).toEqual(['zip', 'tile', '{}'])
    expect((await site.ask('/collections/..%2f..%2f/passwd')).status).toBe(404)
    expect((await site.ask('/collections/e1/.hidden')).status).toBe(404)
  })
})
