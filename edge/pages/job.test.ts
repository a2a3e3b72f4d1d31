import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Cast, goodDetails, later, play } from '../../test/gallery.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'

const MINUTE_AGO = later(new Date(), -65)
const A = 'sources/us/ny/harlow_point.json'
const B = 'sources/us/or/stillwater_flats.json'
const GOOD: Cast = [A, 'addresses', 'city', { is: 'good', seconds: 7, details: goodDetails(1542) }]
const FAILED: Cast = [
  B,
  'parcels',
  'county',
  { is: 'failed', seconds: 0.3, problem: 'download-not-found', detail: '404 from https://x.example/a.zip' },
]

let site: Site

beforeAll(async () => {
  site = await testSite()
})

afterAll(() => site.close())

describe('the page of a job', () => {
  const cases: [id: string, cast: readonly Cast[] | undefined, says: readonly string[]][] = [
    [
      'received',
      undefined,
      ['· received', 'Looking for sources that changed', 'branch main at 0c1f7d2', '1 minute ago'],
    ],
    ['nothing-to-check', [], ['✓ good', 'Nothing to check: no source was touched', 'took 2.0 s']],
    [
      'good',
      [GOOD],
      [
        '✓ good Job good',
        'The data source is good',
        'us/ny/harlow_point addresses / city 1,542 rows · 7.0 s ✓ good',
      ],
    ],
    [
      'failed',
      [GOOD, FAILED],
      [
        '✗ failed Job failed',
        '1 of 2 data sources good, 1 failed',
        'us/or/stillwater_flats parcels / county 0.3 s ✗ failed',
        'The data is not at its address: 404 from https://x.example/a.zip',
        'Find the new address of the data and put it into "data". download-not-found',
      ],
    ],
    [
      'all-good',
      [
        GOOD,
        [
          'sources/c.json',
          'addresses',
          'city',
          { is: 'good', seconds: 1, details: goodDetails(1), isSecond: true },
        ],
      ],
      ['All 2 data sources are good', '1 row · 1.0 s', 'At the second attempt.'],
    ],
    [
      'skipped',
      [['sources/skip.json', 'addresses', 'city', { is: 'skipped', detail: 'the server moves' }]],
      ['✓ good', '– skipped', 'The source says to skip it: the server moves'],
    ],
    [
      'bad-file',
      [['sources/broken.json', '', '', { is: 'bad file', detail: 'line 3, column 7: expected a comma' }]],
      [
        '✗ failed',
        '0 of 1 data source good, 1 failed',
        'broken ✗ failed',
        'The source file is not a valid source: line 3, column 7: expected a comma',
      ],
    ],
    [
      'running',
      [
        FAILED,
        ['sources/starts.json', 'addresses', 'city', { is: 'running' }],
        [
          'sources/x.json',
          'addresses',
          'city',
          { is: 'running', progress: { stage: 'download', bytes: 1_200_000, bytesTotal: 4_800_000 } },
        ],
        [
          'sources/y.json',
          'addresses',
          'city',
          { is: 'running', progress: { stage: 'download', bytes: 1_200_000 } },
        ],
        [
          'sources/z.json',
          'addresses',
          'city',
          {
            is: 'running',
            isSecond: true,
            progress: { stage: 'conform', rows: 12_480, rowsPerSecond: 3_900.4 },
          },
        ],
        [
          'sources/o.json',
          'addresses',
          'city',
          { is: 'running', progress: { stage: 'outputs', rows: 12_480 } },
        ],
        ['sources/g.json', 'addresses', 'city', { is: 'given up', why: 'its worker was lost' }],
      ],
      [
        '✗ failed',
        '0 of 7 data sources good, 1 failed, 6 still going',
        'starts addresses / city → running Starting',
        'Downloading 1.2 MB of 4.8 MB',
        'Downloading 1.2 MB',
        'Conforming 12,480 rows, 3,900 a second',
        'Attempt 2.',
        'Writing outputs 12,480 rows',
        'g addresses / city · waiting',
        'Attempt 1 was given up (its worker was lost); the next one waits.',
      ],
    ],
  ]
  for (const [id, cast, says] of cases) {
    test(`says what is to be said of one that is ${id.replaceAll('-', ' ')}`, async () => {
      const first = await play(site.sql, { id: `before-${id}`, startedAt: later(MINUTE_AGO, -60), cast: [] })
      await play(site.sql, { id, startedAt: MINUTE_AGO, ...(cast === undefined ? {} : { cast }) })
      expect(first).toEqual([])

      const text = textOf(await site.html(`/jobs/${id}`))

      for (const part of says) expect(text).toContain(part)
      await site.sql`delete from queue.items`
    })
  }

  test('of a result used again leads to the run that has it', async () => {
    const [run] = await play(site.sql, { id: 'first', startedAt: MINUTE_AGO, cast: [GOOD] })
    await play(site.sql, {
      id: 'reused',
      startedAt: MINUTE_AGO,
      cast: [[A, 'addresses', 'city', { is: 'reused' }]],
    })

    const html = await site.html('/jobs/reused')

    expect(textOf(html)).toContain(
      `Same file as before: the result of run ${run} was used again, 1 minute ago.`,
    )
    expect(html).toContain(`<a href="/runs/${run}">run ${run}</a>`)
  })

  test('of a job that could not be looked into says why', async () => {
    await play(site.sql, { id: 'problem', startedAt: MINUTE_AGO })
    await site.sql`select machine.end_job('problem', 'internal', 'GitHub answered 500 nine times')`

    const text = textOf(await site.html('/jobs/problem'))

    expect(text).toContain('✗ failed Job problem The change could not be looked into')
    expect(text).toContain('GitHub answered 500 nine times')
  })

  test('of a pull request leads to it', async () => {
    const job = { event: 'pull_request', ref: null, pull_number: 4711 }
    await play(site.sql, { id: 'pull', startedAt: MINUTE_AGO, job })

    const html = await site.html('/jobs/pull')

    expect(html).toContain(
      '<a href="https://github.com/openaddresses/openaddresses/pull/4711">pull request 4711</a>',
    )
  })

  test('puts what failed first, and keeps the order of the rest', async () => {
    const ids = [...(await site.html('/jobs/failed')).matchAll(/id="source-(\d+)"/g)].map(([, at]) => at)

    expect(ids).toEqual(['1', '0'])
  })

  test('shows a piece for each data source in its bar, and for each state where there are many', async () => {
    const many = Array.from(
      { length: 50 },
      (_, n): Cast => [`sources/${n}.json`, '', '', { is: 'bad file', detail: '' }],
    )
    await play(site.sql, { id: 'many', startedAt: MINUTE_AGO, cast: many })

    expect((await site.html('/jobs/failed')).match(/<rect /g)).toHaveLength(2)
    expect((await site.html('/jobs/many')).match(/<rect /g)).toHaveLength(1)
  })
})

describe('the same as JSON', () => {
  test('has all facts, in the order of the job', async () => {
    const facts = await site.json('/jobs/failed')

    expect(facts).toMatchObject({
      id: 'failed',
      status: false,
      event: 'push',
      owner: 'openaddresses',
      ref: 'refs/heads/main',
      endedAt: expect.any(String),
      sources: [
        {
          position: 0,
          sourcePath: A,
          layer: 'addresses',
          name: 'city',
          status: true,
          rows: 1542,
          problem: null,
        },
        { position: 1, sourcePath: B, status: false, rows: null, problem: 'download-not-found' },
      ],
    })
    expect(await (await site.ask('/jobs/failed.json')).json()).toEqual(facts)
  })

  test('has the progress of what runs', async () => {
    const { sources } = (await site.json('/jobs/running')) as { sources: { progress: unknown }[] }

    expect(sources[2]?.progress).toEqual({ stage: 'download', bytes: 1_200_000, bytesTotal: 4_800_000 })
  })
})

describe('a page that changes', () => {
  test('has the script, and a way without scripts; one that does not has neither', async () => {
    const running = await site.html('/jobs/running')
    const settled = await site.html('/jobs/failed')

    expect(running).toContain('data-live="/jobs/running/live"')
    expect(running).toContain('<script src="/static/live.js" defer')
    expect(running).toContain('<noscript><meta http-equiv="refresh" content="5"/></noscript>')
    expect(settled).not.toContain('<script')
    expect(settled).not.toContain('refresh')
  })
})

describe('there is no job', () => {
  for (const id of ['nothing', '..%2f', '%00', '%ff', "'; drop table jobs; --", 'x'.repeat(500)]) {
    test(`${id.slice(0, 30)}, and that is said with its name`, async () => {
      const response = await site.ask(`/jobs/${id}`, { headers: { Accept: 'application/json' } })

      expect(response.status).toBe(404)
      expect((await response.json()) as object).toEqual({ error: expect.stringContaining('There is no job') })
    })
  }
})
