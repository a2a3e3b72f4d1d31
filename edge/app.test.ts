import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Cast, goodDetails, later, play } from '../test/gallery.ts'
import { type Site, testSite, textOf } from '../test/site.ts'

const EVIL = '"><script>alert(1)</script><img src=x onerror=alert(2)>\'&amp;'
const RIGHT_TO_LEFT = '\u202Eعنوان'
const ENDLESS = 'x'.repeat(3_000)
const MINUTE_AGO = later(new Date(), -65)

const HOSTILE: readonly Cast[] = [
  [`sources/${EVIL}.json`, EVIL, EVIL, { is: 'good', seconds: 1, details: evilDetails() }],
  [`sources/${RIGHT_TO_LEFT}.json`, 'addresses', RIGHT_TO_LEFT, failure(RIGHT_TO_LEFT)],
  [`sources/${ENDLESS}.json`, 'addresses', 'city', failure(EVIL + ENDLESS)],
  ['sources/skip.json', 'addresses', 'city', { is: 'skipped', detail: EVIL }],
  ['sources/broken.json', '', '', { is: 'bad file', detail: EVIL }],
  ['sources/lost.json', 'addresses', 'city', { is: 'given up', why: EVIL }],
]

let site: Site
let pages: string[]

beforeAll(async () => {
  site = await testSite()
  const job = { owner: EVIL, repository: RIGHT_TO_LEFT, ref: `refs/heads/${EVIL}`, commit_sha: EVIL }
  const runs = await play(site.sql, { id: 'hostile', startedAt: MINUTE_AGO, job, cast: HOSTILE })
  await play(site.sql, { id: 'troubled', startedAt: MINUTE_AGO })
  await site.sql`select machine.end_job('troubled', 'internal', ${EVIL})`
  pages = ['/', '/jobs/', '/jobs/hostile', '/jobs/troubled', ...runs.map((run) => `/runs/${run}`)]
  pages.push(
    `/jobs/${encodeURIComponent(EVIL)}`,
    `/runs/${encodeURIComponent(EVIL)}`,
    `/${encodeURIComponent(EVIL)}`,
  )
  pages.push(
    `/jobs/?past=${encodeURIComponent(EVIL)}`,
    `/runs/1/${encodeURIComponent(EVIL.replaceAll('/', '|'))}`,
  )
})

afterAll(() => site.close())

describe('what strangers wrote', () => {
  test('is text on every page, and never a tag, an attribute or a script', async () => {
    for (const page of pages) {
      const html = await site.html(page)
      expect(html).not.toContain('<script>alert')
      expect(html).not.toContain('<img src=x')
      expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]* on\w+=/)
    }
  })

  test('is shown as they wrote it', async () => {
    const html = await site.html('/jobs/hostile')

    expect(html).toContain('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(textOf(html)).toContain('<script>alert(1)</script>')
  })

  test('cannot turn the direction of what we write', async () => {
    const html = await site.html('/jobs/hostile')

    const outside = html.replaceAll(/<bdi[^>]*>[\s\S]*?<\/bdi>/g, '').replace(/<head>[\s\S]*?<\/head>/, '')
    expect(html).toContain(RIGHT_TO_LEFT)
    expect(outside).not.toContain('\u202E')
  })

  test('is a link only where it is the address of a website', async () => {
    const html = await site.html(pages.find((page) => page.startsWith('/runs/')) ?? '')

    expect(textOf(html)).toContain('Website javascript:alert(1)')
    expect(
      [...html.matchAll(/href="([^"]*)"/g)]
        .map(([, href]) => href)
        .filter((href) => /^\s*javascript/i.test(href ?? '')),
    ).toEqual([])
  })

  test('goes into the address of GitHub as a name, and nowhere else', async () => {
    const html = await site.html('/jobs/hostile')

    const away = [...html.matchAll(/href="(http[^"]*)"/g)].map(([, href]) => new URL(href ?? '').origin)
    expect(away.length).toBeGreaterThan(0)
    expect(new Set(away)).toEqual(new Set(['https://github.com']))
  })

  test('is whole again in JSON', async () => {
    expect(await site.json('/jobs/hostile')).toMatchObject({ owner: EVIL, repository: RIGHT_TO_LEFT })
  })
})

describe('every answer', () => {
  test('tells browsers to be careful', async () => {
    for (const path of [...pages, '/health', '/ready', '/metrics', '/static/live.js', '/jobs.json']) {
      const { headers } = await site.ask(path)

      expect(headers.get('Content-Security-Policy') ?? path).toStartWith("default-src 'none'; ")
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('X-Frame-Options')).toBe('DENY')
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(headers.get('X-Powered-By')).toBeNull()
    }
  })

  test('of a page allows no script and no style but our files', async () => {
    const policy = (await site.ask('/jobs/')).headers.get('Content-Security-Policy') ?? ''

    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("style-src 'self'")
    expect(policy).not.toContain('unsafe')
  })

  test('of a page needs no more than that: nothing is inline', async () => {
    for (const page of pages) {
      const html = await site.html(page)
      expect(html).not.toMatch(/<style|<[^>]* style=|<script(?![^>]* src=)/)
    }
  })

  test('of a page depends on what is accepted, and is asked for again', async () => {
    const { headers } = await site.ask('/jobs/', { headers: { Accept: 'text/html' } })

    expect([headers.get('Vary'), headers.get('Cache-Control')]).toEqual(['Accept', 'no-cache'])
  })
})

describe('JSON is given to', () => {
  const cases: [accept: string, type: string][] = [
    ['application/json', 'application/json'],
    ['Application/JSON, text/plain', 'application/json'],
    ['text/html,application/xhtml+xml,application/json;q=0.9', 'text/html; charset=UTF-8'],
    ['*/*', 'text/html; charset=UTF-8'],
  ]
  for (const [accept, type] of cases) {
    test(`${accept}: ${type}`, async () => {
      expect((await site.ask('/jobs/', { headers: { Accept: accept } })).headers.get('Content-Type')).toBe(
        type,
      )
    })
  }
})

test('HEAD tells what GET would, without a body', async () => {
  for (const path of [
    '/jobs/',
    '/jobs/hostile',
    '/jobs/nothing',
    '/static/machine.css',
    '/jobs/hostile/live',
  ]) {
    const head = await site.ask(path, { method: 'HEAD' })
    const get = await site.ask(path)

    expect(await head.text()).toBe('')
    expect([head.status, head.headers.get('Content-Type')]).toEqual([
      get.status,
      get.headers.get('Content-Type'),
    ])
    await get.body?.cancel()
  }
})

function failure(detail: string): Extract<Cast[3], { is: 'failed' }> {
  return { is: 'failed', seconds: 1, problem: 'no-such-column', detail }
}

function evilDetails() {
  const { state, result, ...rest } = goodDetails(7, {
    sample: [
      [EVIL, RIGHT_TO_LEFT, ENDLESS],
      [EVIL, RIGHT_TO_LEFT, ENDLESS],
    ],
  })
  if (!state || !result) throw new Error('a good run has both')
  return {
    ...rest,
    state: {
      ...state,
      website: 'javascript:alert(1)',
      license: `https://x.example/${EVIL}`,
      fingerprint: EVIL,
    },
    result: {
      ...result,
      rows: { read: 9, written: 7, dropped: { [EVIL]: 2 } },
      artifacts: [{ name: EVIL, type: EVIL, bytes: 5 }],
      logTail: `${EVIL}\n\u202E${ENDLESS}`,
    },
  }
}
