import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { goodDetails, later, play } from '../../test/gallery.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'

const NOW = new Date()

let empty: Site
let site: Site

beforeAll(async () => {
  empty = await testSite()
  site = await testSite()
  for (let n = 1; n <= 60; n += 1)
    await play(site.sql, { id: `job-${n}`, startedAt: later(NOW, -86_400 - 3_600 + n * 60), cast: [] })
  await play(site.sql, {
    id: 'job-61',
    startedAt: later(NOW, -65),
    job: { event: 'pull_request', ref: null, pull_number: 7 },
    cast: [
      ['sources/a.json', 'addresses', 'city', { is: 'good', seconds: 1, details: goodDetails(5) }],
      ['sources/b.json', '', '', { is: 'bad file', detail: 'it is empty' }],
      ['sources/c.json', 'addresses', 'city', { is: 'running' }],
      ['sources/d.json', 'addresses', 'city', { is: 'waiting' }],
    ],
  })
})

afterAll(async () => {
  await empty.close()
  await site.close()
})

describe('the list of jobs', () => {
  test('that is empty says what brings one', async () => {
    expect(textOf(await empty.html('/jobs/'))).toContain(
      'No job yet. One comes with the first push to the hook.',
    )
    expect(await empty.json('/jobs/')).toEqual({ jobs: [], next: null })
  })

  test('says where each stands, and leads to it', async () => {
    const html = await site.html('/jobs/')

    expect(textOf(html)).toContain(
      '1 of 4 data sources good, 1 failed, 2 still going ✗ failed openaddresses/openaddresses, ' +
        'pull request 7 at 0c1f7d2 · 1 minute ago',
    )
    expect(html).toContain('href="/jobs/job-61"')
  })

  test('goes on a page at a time, and every job is there once', async () => {
    const seen: string[] = []
    let pages = 0
    for (let next: string | null = '/jobs/'; next !== null; pages += 1) {
      const page = (await site.json(next)) as { jobs: { id: string }[]; next: string | null }
      seen.push(...page.jobs.map(({ id }) => id))
      next = page.next
    }

    expect(pages).toBe(3)
    expect(seen).toEqual(Array.from({ length: 61 }, (_, n) => `job-${61 - n}`))
  })

  test('leads back from a later page, and on from an earlier one', async () => {
    const { next } = (await site.json('/jobs/')) as { next: string }

    expect(await site.html('/jobs/')).toContain(`<a href="${next}" rel="next">Older jobs</a>`)
    expect(await site.html(next)).toContain('<a href="/jobs/">Newest jobs</a>')
    expect(textOf(await site.html('/jobs/?past=1'))).toContain('There is no older job.')
  })

  for (const past of ['x', '-1', '1.5', '2147483648', '1 or 1=1', '']) {
    test(`has no place "${past}", and says so`, async () => {
      const response = await site.ask(`/jobs/?past=${encodeURIComponent(past)}`, {
        headers: { Accept: 'application/json' },
      })

      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ error: `"${past}" is not a place in the list of jobs` })
    })
  }

  test('has one address', async () => {
    const response = await site.ask('/jobs', { redirect: 'manual' })

    expect([response.status, response.headers.get('Location')]).toEqual([301, '/jobs/'])
    expect(await (await site.ask('/jobs.json')).json()).toEqual(await site.json('/jobs/'))
  })
})

describe('the first page', () => {
  test('says what this is, what it does just now, and shows the newest jobs', async () => {
    const text = textOf(await site.html('/'))

    expect(text).toContain('One open map of the world’s addresses')
    expect(text).toContain('1 task waiting 0 results to recognise')
    expect(text).toContain('Newest jobs 1 of 4 data sources good, 1 failed, 2 still going')
  })

  test('is JSON too', async () => {
    expect(await site.json('/')).toMatchObject({
      jobs: [{ id: 'job-61', sources: 4, good: 1, bad: 1 }, {}, {}, {}, {}],
      queue: { 'tasks queue': 1, 'done queue': 0 },
    })
  })
})

describe('an address where nothing is', () => {
  test('is a page with a way back, or JSON, and names what was asked for', async () => {
    const page = await site.ask('/nothing/here', { headers: { Accept: 'text/html' } })
    const facts = await site.ask('/nothing.json')

    expect(page.status).toBe(404)
    expect(textOf(await page.text())).toContain('Not here There is nothing at /nothing/here All jobs')
    expect([facts.status, await facts.json()]).toEqual([404, { error: 'There is nothing at /nothing.json' }])
  })
})
