import { afterAll, afterEach, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import type { Sql } from '../shared/db/sql.ts'
import { until } from '../test/crew.ts'
import { emptyDatabase } from '../test/postgres.ts'
import { type Line, startLine } from '../test/line.ts'
import { ownPool, type Site, siteOver, testSite } from '../test/site.ts'
import { PATIENCE_MS } from './failed.tsx'

const PUSH = {
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: 'b'.repeat(40),
  repository: { name: 'openaddresses', owner: { login: 'openaddresses' }, default_branch: 'main' },
}

let site: Site
let line: Line
let pool: Sql
let far: Omit<Site, 'close'>
const log = spyOn(console, 'error').mockImplementation(() => {})

beforeAll(async () => {
  site = await testSite()
  const url = new URL(site.url)
  line = await startLine(Number(url.port))
  url.port = `${line.port}`
  pool = ownPool(url.href, 'test of outages')
  far = siteOver({ sql: pool, url: url.href }, site.folder)
})

afterEach(() => line.mend())

afterAll(async () => {
  log.mockRestore()
  await pool.end({ timeout: 1 })
  await line.close()
  await site.close()
})

describe('while the database is away', () => {
  test('a delivery is refused at once with 503, so that it is sent again, and taken when it is back', async () => {
    expect((await far.knock({ id: 'first', payload: PUSH })).status).toBe(202)
    await line.cut()

    for (let n = 0; n < 12; n += 1) {
      const since = performance.now()
      const { status, body } = await far.knock({ id: 'second', payload: PUSH })
      expect(status).toBe(503)
      expect(body).toEqual({ error: 'The database cannot be reached just now; try again soon.' })
      expect(performance.now() - since).toBeLessThan(1_500)
    }

    await line.mend()
    await until('the delivery is taken', 10_000, async () => {
      const { status } = await far.knock({ id: 'second', payload: PUSH })
      return status === 202
    })
  })

  test('pages say so, to people and to programs, and when to come back', async () => {
    await far.html('/jobs/')
    await line.cut()

    const page = await far.ask('/jobs/', { headers: { Accept: 'text/html' } })
    const facts = await far.ask('/jobs/', { headers: { Accept: 'application/json' } })

    expect([page.status, page.headers.get('Retry-After')]).toEqual([503, '5'])
    expect(await page.text()).toContain('<h1>Not just now</h1>')
    expect(await facts.json()).toEqual({ error: 'The database cannot be reached just now; try again soon.' })
  })

  test('the edge is alive, and not ready', async () => {
    await far.html('/jobs/')
    await line.cut()

    expect(await (await far.ask('/health')).text()).toBe('OK')
    const ready = await far.ask('/ready')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ ready: false, database: false, migrations: false })

    await line.mend()
    const again = await far.ask('/ready')
    expect(again.status).toBe(200)
    expect(await again.json()).toEqual({ ready: true, database: true, migrations: true })
  })
})

describe('while the database does not answer', () => {
  test(
    'a delivery is refused before GitHub loses patience, and taken when it does again',
    async () => {
      await far.html('/jobs/')
      line.silence()

      const since = performance.now()
      const { status } = await far.knock({ id: 'third', payload: PUSH })

      expect(status).toBe(503)
      expect(performance.now() - since).toBeLessThan(PATIENCE_MS + 1_000)

      await line.mend()
      // The statement that was under way may have arrived after all: then it is known, and the same job.
      expect([200, 202]).toContain((await far.knock({ id: 'third', payload: PUSH })).status)
      const [row] = await site.sql<[{ jobs: number }]>`
        select count(*)::int as jobs from deliveries where id = 'third' and job_id is not null`
      expect(row.jobs).toBe(1)
    },
    PATIENCE_MS * 3,
  )
})

describe('a database without our tables', () => {
  test('is not ready, and refuses deliveries so that they are sent again', async () => {
    const empty = await emptyDatabase()
    const early = siteOver(empty, site.folder)

    const ready = await early.ask('/ready')
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      ready: false,
      database: true,
      migrations: false,
      wrong: expect.stringContaining('machine migrate'),
    })
    expect(await early.knock({ payload: PUSH })).toEqual({
      status: 503,
      body: { error: 'The database is not as new as this program; its owner has to migrate it.' },
    })
    await empty.drop()
  })
})

test('a fault of ours is 500, and says nothing of itself but in the log', async () => {
  const broken = siteOver(site, site.folder, {
    asset: () => Promise.reject(new Error('secret details: unterminated string')),
  })

  const response = await broken.ask('/static/x.css', { headers: { Accept: 'text/html' } })

  expect(response.status).toBe(500)
  const text = await response.text()
  expect(text).toContain('Something failed here; it is in our log.')
  expect(text).not.toContain('secret details')
  expect(log).toHaveBeenLastCalledWith('GET /static/x.css: secret details: unterminated string')
})
