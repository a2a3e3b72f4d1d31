import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { randomUUID } from 'node:crypto'
import { readDelivery } from '../shared/db/deliveries.ts'
import { BASE_URL, type Knock, SECRETS, type Site, sign, siteOver, testSite } from '../test/site.ts'

const BEFORE = 'a'.repeat(40)
const AFTER = 'b'.repeat(40)
const PUSH = {
  ref: 'refs/heads/main',
  before: BEFORE,
  after: AFTER,
  repository: {
    name: 'openaddresses',
    owner: { login: 'openaddresses' },
    default_branch: 'main',
    statuses_url: 'https://api.github.com/repos/openaddresses/openaddresses/statuses/{sha}',
  },
}
const TEXT = JSON.stringify(PUSH)
const MEBIBYTE = 1024 * 1024

let site: Site

beforeAll(async () => {
  site = await testSite()
})

afterAll(() => site.close())

beforeEach(async () => {
  await site.sql`delete from queue.items`
  await site.sql`truncate deliveries, outbox, jobs cascade`
})

describe('a delivery is believed', () => {
  for (const [name, secret] of [
    ['the first secret', SECRETS[0]],
    ['the second secret', SECRETS[1]],
  ] as const) {
    test(`under ${name}, and makes a job`, async () => {
      const { status, body } = await site.knock({ payload: PUSH, secret })

      expect(status).toBe(202)
      expect(body).toEqual({ id: expect.any(String), url: `${BASE_URL}/jobs/${body['id']}` })
      expect(await rows()).toEqual({ deliveries: 1, jobs: 1, events: 1, outbox: 1 })
    })
  }

  test('with its signature in capitals', async () => {
    const signature = sign(TEXT, SECRETS[0]).slice(7).toUpperCase()

    const { status } = await site.knock({
      body: TEXT,
      headers: { 'x-hub-signature-256': `sha256=${signature}` },
    })

    expect(status).toBe(202)
  })
})

describe('a delivery is not believed, and leaves no row,', () => {
  const good = sign(TEXT, SECRETS[0])
  const cases: [name: string, knock: Knock, error: RegExp][] = [
    ['under another secret', { payload: PUSH, secret: 'guessed' }, /secret at GitHub is another one/],
    ['with a signature of something else', { body: `${TEXT} `, headers: signed(good) }, /not ours/],
    ['without a signature', { payload: PUSH, headers: signed('') }, /X-Hub-Signature-256 is missing/],
    [
      'with the old kind of signature only',
      { body: TEXT, headers: { ...signed(''), 'x-hub-signature': sign(TEXT, SECRETS[0], 'sha1') } },
      /X-Hub-Signature-256 is missing/,
    ],
    [
      'with a sha1 in its place',
      { body: TEXT, headers: signed(sign(TEXT, SECRETS[0], 'sha1')) },
      /64 hex digits/,
    ],
    ['with half a signature', { body: TEXT, headers: signed(good.slice(0, 40)) }, /64 hex digits/],
    ['with a signature and more', { body: TEXT, headers: signed(`${good}00`) }, /64 hex digits/],
    [
      'with a signature that is not hex',
      { body: TEXT, headers: signed(`sha256=${'z'.repeat(64)}`) },
      /64 hex digits/,
    ],
    ['with a signature without its name', { body: TEXT, headers: signed(good.slice(7)) }, /64 hex digits/],
    ['under the empty secret', { payload: PUSH, secret: '' }, /not ours/],
  ]
  for (const [name, knock, error] of cases) {
    test(name, async () => {
      const { status, body } = await site.knock(knock)

      expect(status).toBe(401)
      expect(body['error']).toMatch(error)
      expect(await rows()).toEqual({ deliveries: 0, jobs: 0, events: 0, outbox: 0 })
    })
  }

  test('where no secret is configured, not even under the empty one', async () => {
    const open = siteOver(site, site.folder, { secrets: [] })

    const { status, body } = await open.knock({ payload: PUSH, secret: '' })

    expect(status).toBe(401)
    expect(body['error']).toContain('set WEBHOOK_SECRETS')
    expect(await rows()).toEqual({ deliveries: 0, jobs: 0, events: 0, outbox: 0 })
  })
})

describe('a payload is refused, and leaves no row,', () => {
  const cases: [name: string, status: number, knock: Knock, error: RegExp][] = [
    ['that is not JSON', 400, { body: '{"ref":' }, /payload cannot be read/],
    ['that is empty', 400, { body: '' }, /payload cannot be read/],
    ['that is not UTF-8', 400, { body: new Uint8Array([0x22, 0xff, 0x22]) }, /payload cannot be read/],
    ['that is no object', 400, { body: '[1]' }, /expected the payload to be an object/],
    [
      'that lacks what a push has',
      400,
      { payload: { ref: 'refs/heads/main' } },
      /expected "repository" to be an object/,
    ],
    ['that is deeper than Postgres reads', 400, { body: deep(20_000) }, /payload cannot be read/],
    [
      'without X-GitHub-Delivery',
      400,
      { payload: PUSH, headers: { 'x-github-delivery': '' } },
      /X-GitHub-Delivery is missing/,
    ],
    [
      'without X-GitHub-Event',
      400,
      { payload: PUSH, headers: { 'x-github-event': '' } },
      /X-GitHub-Event is missing/,
    ],
    ['with an endless number', 400, { payload: PUSH, id: '1'.repeat(5_000) }, /GitHub would not send/],
    ['of an event with an odd name', 400, { payload: PUSH, event: 'push; drop' }, /"push; drop"/],
    ['in a form without its field', 400, { body: 'a=1', headers: form() }, /no field "payload"/],
    [
      'that says it is too large',
      413,
      { body: TEXT, headers: { 'content-length': `${26 * MEBIBYTE}` } },
      /more than 26214400 bytes/,
    ],
  ]
  for (const [name, expected, knock, error] of cases) {
    test(name, async () => {
      const { status, body } = await site.knock(knock)

      expect(body['error']).toMatch(error)
      expect(status).toBe(expected)
      expect(await rows()).toEqual({ deliveries: 0, jobs: 0, events: 0, outbox: 0 })
    })
  }

  test('that turns out to be too large: no more of it is read than may be', async () => {
    let pulled = 0
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(MEBIBYTE))
      },
    })

    const { status } = await site.knock({ body })

    expect(status).toBe(413)
    expect(pulled).toBeGreaterThan(25)
    expect(pulled).toBeLessThan(30)
  })

  test('when no new jobs are taken, but only to those who are believed', async () => {
    const closed = siteOver(site, site.folder, { rejectNewJobs: true })

    expect((await closed.knock({ payload: PUSH })).status).toBe(503)
    expect((await closed.knock({ payload: PUSH, secret: 'guessed' })).status).toBe(401)
    expect(await rows()).toEqual({ deliveries: 0, jobs: 0, events: 0, outbox: 0 })
  })
})

describe('a payload is kept', () => {
  test('that has characters which Postgres refuses, with a sign in their place', async () => {
    const commits = [{ message: 'nul \u0000, half \ud83d, \\u0000 as such', '\u0000key': 1 }]

    const { status } = await site.knock({ id: 'odd', payload: { ...PUSH, commits } })

    expect(status).toBe(202)
    expect((await readDelivery(site.sql, 'odd'))?.payload).toMatchObject({
      commits: [{ message: 'nul \ufffd, half \ufffd, \\u0000 as such', '\ufffdkey': 1 }],
    })
  })

  test('that comes in a form, as GitHub sends where nobody said otherwise', async () => {
    const { status } = await site.knock({
      body: new URLSearchParams({ payload: TEXT }).toString(),
      headers: form(),
    })

    expect(status).toBe(202)
  })

  test('of 20 MiB', async () => {
    const { status } = await site.knock({ payload: { ...PUSH, padding: 'x'.repeat(20 * MEBIBYTE) } })

    expect(status).toBe(202)
  })

  test('with a name that would be a prototype', async () => {
    const { status } = await site.knock({ id: 'proto', body: `{"__proto__":{"a":1},${TEXT.slice(1)}` })

    expect(status).toBe(202)
    const [row] = await site.sql<[{ kept: boolean }]>`
      select payload ? '__proto__' as kept from deliveries where id = 'proto'`
    expect(row.kept).toBe(true)
  })
})

test('a browser at the address of the hook hears what it is for', async () => {
  const response = await site.ask('/hook')

  expect(response.status).toBe(405)
  expect(response.headers.get('Allow')).toBe('POST')
})

describe('a delivery that comes again', () => {
  test('is answered with the first job, and changes nothing', async () => {
    const id = randomUUID()
    const first = await site.knock({ id, payload: PUSH })

    const again = await site.knock({ id, payload: PUSH })

    expect(again).toEqual({ status: 200, body: first.body })
    expect(await rows()).toEqual({ deliveries: 1, jobs: 1, events: 1, outbox: 1 })
  })

  test('twenty times at once is one job', async () => {
    const id = randomUUID()

    const answers = await Promise.all(Array.from({ length: 20 }, () => site.knock({ id, payload: PUSH })))

    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 202])
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1)
    expect(await rows()).toEqual({ deliveries: 1, jobs: 1, events: 1, outbox: 1 })
  })

  test('under a number from which nothing followed is told so', async () => {
    await site.knock({ id: 'one', event: 'ping', payload: {} })

    const { status, body } = await site.knock({ id: 'one', payload: PUSH })

    expect(status).toBe(200)
    expect(body).toEqual({ ignored: 'delivery one was here before, and nothing followed from it' })
  })
})

/** How many rows there are of what a delivery makes. */
async function rows(): Promise<Record<string, number>> {
  const [row] = await site.sql<[Record<string, number>]>`
    select (select count(*)::int from deliveries) as deliveries, (select count(*)::int from jobs) as jobs,
      (select count(*)::int from queue.items where q_name = 'events') as events,
      (select count(*)::int from outbox) as outbox`
  return { ...row }
}

function signed(signature: string): Record<string, string> {
  return { 'x-hub-signature-256': signature }
}

function form(): Record<string, string> {
  return { 'content-type': 'application/x-www-form-urlencoded' }
}

function deep(levels: number): string {
  return `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
}
