import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Cast, goodDetails, later, play } from '../../test/gallery.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'

const MINUTE_AGO = later(new Date(), -75)

const CAST: readonly Cast[] = [
  [
    'sources/us/ny/harlow_point.json',
    'addresses',
    'city',
    { is: 'good', seconds: 7, details: withPicture() },
  ],
  [
    'sources/us/or/stillwater_flats.json',
    'parcels',
    'county',
    { is: 'failed', seconds: 0.3, problem: 'download-not-found', detail: '404 from https://x.example/a.zip' },
  ],
  ['sources/skip.json', 'addresses', 'city', { is: 'skipped', detail: 'the server moves' }],
  ['sources/broken.json', '', '', { is: 'bad file', detail: 'line 3, column 7: expected a comma' }],
  [
    'sources/busy.json',
    'addresses',
    'city',
    { is: 'running', isSecond: true, progress: { stage: 'conform', rows: 12_480, rowsPerSecond: 3_900 } },
  ],
]

let site: Site
let good: number
let failed: number
let skipped: number
let bad: number
let busy: number
let copy: number

beforeAll(async () => {
  site = await testSite()
  const runs = await play(site.sql, { id: 'job-of-runs', startedAt: MINUTE_AGO, cast: CAST })
  ;[good, failed, skipped, bad, busy] = runs.map(Number) as [number, number, number, number, number]
  const reused: Cast = ['sources/us/ny/harlow_point.json', 'addresses', 'city', { is: 'reused' }]
  copy = Number((await play(site.sql, { id: 'reuses', startedAt: MINUTE_AGO, cast: [reused] }))[0])
})

afterAll(() => site.close())

describe('the page of a run', () => {
  test('that is good has numbers, origins, a picture, a sample, files and a log', async () => {
    const html = await site.html(`/runs/${good}`)
    const text = textOf(html)

    for (const part of [
      `✓ good Run ${good} of job job-of-r us/ny/harlow_point addresses / city`,
      'Rows 1,542',
      'Left out 3 without a place',
      'Bounds -72.3100, 40.9000, -72.2500, 40.9600',
      'Download 1.2 s',
      'Processing 0.9 s',
      'Settled 1 minute ago',
      'Website harlow-point.example/gis',
      'License Public Domain',
      'Fingerprint 7353867c48f68b0ba04a9ce8a493695d',
      'Code Machine 0.1.0',
      'Worker quarry-4711-k3x9',
      'First rows ADDRESSID FULL_ADDR POSTCOMM ZIP PLACEMENT 410000 100 OYSTER LN',
      'cache.zip the data as it was downloaded 57 kB',
      'out.geojson.gz every row, a GeoJSON feature a line 70 kB',
      'Log 2026-11-25 04:55:29 reading data/address_points.shp',
    ])
      expect(text).toContain(part)
    expect(html).toContain(`<a href="/jobs/job-of-runs">`)
    expect(html).toContain(`<a href="/runs/${good}/out.geojson.gz">`)
    expect(html).toContain(`<img class="preview" src="/runs/${good}/preview.png"`)
    expect(html).toContain('<a href="https://harlow-point.example/gis" rel="nofollow noopener noreferrer">')
  })

  test('that failed says why, and what to do', async () => {
    const text = textOf(await site.html(`/runs/${failed}`))

    expect(text).toContain(`✗ failed Run ${failed} of job job-of-r us/or/stillwater_flats parcels / county`)
    expect(text).toContain('The data is not at its address: 404 from https://x.example/a.zip')
    expect(text).toContain('Find the new address of the data and put it into "data". download-not-found')
  })

  test('of a file that is no source says where it is wrong', async () => {
    const text = textOf(await site.html(`/runs/${bad}`))

    expect(text).toContain(`✗ failed Run ${bad} of job job-of-r broken The source file is not a valid source`)
  })

  test('that was skipped is no failure', async () => {
    const html = await site.html(`/runs/${skipped}`)

    expect(textOf(html)).toContain('The source says to skip it: the server moves')
    expect(html).not.toContain('class="problem"')
  })

  test('that runs says where it stands, and follows it', async () => {
    const html = await site.html(`/runs/${busy}`)

    expect(textOf(html)).toContain('Conforming 12,480 rows, 3,900 a second Started 1 minute ago Attempt 2')
    expect(html).toContain(`data-live="/runs/${busy}/live"`)
  })

  test('that was given up says why, and follows nothing', async () => {
    const [row] = await site.sql<[{ id: number }]>`
      select id from runs where abandoned_at is not null limit 1`

    const html = await site.html(`/runs/${row.id}`)

    expect(textOf(html)).toContain('– given up')
    expect(textOf(html)).toContain('This attempt was given up (its worker was told to stop).')
    expect(html).not.toContain('data-live')
  })

  test('that reuses a result leads to the run, and the files, that it comes from', async () => {
    const html = await site.html(`/runs/${copy}`)

    expect(textOf(html)).toContain(`Result of run ${good}, used again`)
    expect(html).toContain(`<a href="/runs/${good}/out.geojson.gz">`)
  })

  test('is JSON too', async () => {
    const facts = await site.json(`/runs/${good}`)

    expect(facts).toMatchObject({
      id: good,
      sourcePath: 'sources/us/ny/harlow_point.json',
      status: true,
      problem: null,
      state: { 'feat count': 1542 },
      result: { rows: { read: 1545, written: 1542 }, bounds: [-72.31, 40.9, -72.25, 40.96] },
    })
    expect(await (await site.ask(`/runs/${good}.json`)).json()).toEqual(facts)
  })

  test('of a problem that this page does not know yet shows what there is', async () => {
    await site.sql`update runs set problem = 'of-tomorrow', problem_detail = 'the moon is full' where id = ${failed}`

    expect(textOf(await site.html(`/runs/${failed}`))).toContain('the moon is full of-tomorrow')
  })
})

describe('there is no run', () => {
  for (const id of ['0', '999999', '2147483648', '99999999999999999999', '-1', '1e1', '0x10', ' 1', 'x']) {
    test(`"${id}", and that is said with its name`, async () => {
      const response = await site.ask(`/runs/${encodeURIComponent(id)}`, {
        headers: { Accept: 'application/json' },
      })

      expect(response.status).toBe(404)
      expect(await response.json()).toEqual({ error: `There is no run ${id}` })
    })
  }
})

function withPicture() {
  const { result, ...rest } = goodDetails(1542)
  const picture = { name: 'preview.png', type: 'image/png', bytes: 9_000 }
  return result ? { ...rest, result: { ...result, artifacts: [picture, ...result.artifacts] } } : rest
}
