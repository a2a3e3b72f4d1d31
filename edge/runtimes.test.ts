import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Program, start } from '../worker/system/spawn.ts'
import { emptyDatabase, type TestDatabase, testDatabase } from '../test/postgres.ts'
import { later, play } from '../test/gallery.ts'
import { requestOf, SECRETS } from '../test/site.ts'

setDefaultTimeout(60_000)

const ROOT = join(import.meta.dirname, '..')
const BIN = join(ROOT, 'node_modules/.bin')

/** How each starts the edge; Deno is told its port by an argument, the others by the environment. */
const RUNTIMES: readonly [name: string, command: string, args: (port: number) => string[]][] = [
  [
    'Deno',
    join(BIN, 'deno'),
    (port) => ['serve', '-A', '--host', '127.0.0.1', '--port', `${port}`, 'edge/main.ts'],
  ],
  ['Bun', join(BIN, 'bun'), () => ['edge/bun.ts']],
  ['Node', 'node', () => ['--import', 'tsx', 'edge/node.ts']],
]

/** A cold start of the slowest on a busy computer. */
const START_MS_MAX = 30_000

const PUSH = {
  ref: 'refs/heads/main',
  before: 'a'.repeat(40),
  after: 'b'.repeat(40),
  repository: { name: 'openaddresses', owner: { login: 'openaddresses' }, default_branch: 'main' },
}

let database: TestDatabase
let empty: TestDatabase
let files: string

beforeAll(async () => {
  database = await testDatabase()
  empty = await emptyDatabase()
  files = await mkdtemp(join(tmpdir(), 'machine-test-runtimes-'))
  await mkdir(join(files, 'runs/7'), { recursive: true })
  await writeFile(join(files, 'runs/7/out.geojson'), '0123456789')
})

afterAll(async () => {
  await database.drop()
  await empty.drop()
  await rm(files, { recursive: true, force: true })
})

for (const [name, command, args] of RUNTIMES) {
  /** A program that has been started, with what it says. */
  function launch(env: Record<string, string>, port = 0): { program: Program; said: string[] } {
    const said: string[] = []
    const program = start(command, args(port), {
      cwd: ROOT,
      env: { HOST: '127.0.0.1', PORT: `${port}`, NO_COLOR: '1', ...env },
      onErrorLine: (line) => said.push(line),
      onLine: (line) => said.push(line),
    })
    return { program, said }
  }

  /** Where it listens, as it says itself. */
  async function addressOf({ program, said }: ReturnType<typeof launch>): Promise<string> {
    const address = () => /\b127\.0\.0\.1:\d+/.exec(said.find((line) => /listening/i.test(line)) ?? '')?.[0]
    let isOver = false
    program.ended.then(
      () => (isOver = true),
      () => (isOver = true),
    )
    for (const late = Date.now() + START_MS_MAX; Date.now() < late && !isOver; await Bun.sleep(50)) {
      const found = address()
      if (found !== undefined) return `http://${found}`
    }
    throw new Error(`${name} does not listen: ${said.join('\n')}`)
  }

  describe(`on ${name} the edge`, () => {
    let edge: ReturnType<typeof launch>
    let url: string

    beforeAll(async () => {
      edge = launch({ DATABASE_URL: database.url, WEBHOOK_SECRETS: SECRETS.join(','), STORAGE_DIR: files })
      url = await addressOf(edge)
    })

    afterAll(async () => {
      await edge.program.stop()
    })

    test('is alive and ready', async () => {
      expect(await (await fetch(`${url}/health`)).text()).toBe('OK')
      expect(await (await fetch(`${url}/ready`)).json()).toMatchObject({ ready: true })
    })

    test('takes a delivery once, and shows its job as a page and as JSON', async () => {
      const knock = requestOf({ id: randomUUID(), payload: PUSH })
      const first = await fetch(`${url}/hook`, knock)
      const { id } = (await first.json()) as { id: string }
      const second = await fetch(`${url}/hook`, knock)

      expect([first.status, second.status]).toEqual([202, 200])
      expect(await second.json()).toMatchObject({ id })
      expect(await (await fetch(`${url}/jobs/${id}`)).text()).toContain('Looking for sources that changed')
      expect(await (await fetch(`${url}/jobs/${id}.json`)).json()).toMatchObject({
        id,
        commitSha: PUSH.after,
        sources: [],
      })
    })

    test('refuses a signature that is not ours, and a payload that is too large', async () => {
      const wrong = await fetch(`${url}/hook`, requestOf({ payload: PUSH, secret: 'a stranger' }))
      const large = await fetch(`${url}/hook`, requestOf({ body: new Uint8Array(25 * 1024 * 1024 + 1) }))

      expect([wrong.status, large.status]).toEqual([401, 413])
    })

    test('serves files by range, and its own style', async () => {
      const part = await fetch(`${url}/runs/7/out.geojson`, { headers: { Range: 'bytes=2-4' } })
      const style = await fetch(`${url}/static/machine.css`)

      expect([part.status, part.headers.get('Content-Range'), await part.text()]).toEqual([
        206,
        'bytes 2-4/10',
        '234',
      ])
      expect([style.status, style.headers.get('Content-Type')]).toEqual([200, 'text/css; charset=utf-8'])
    })

    test('tells of a file by HEAD, and nothing of what lies outside', async () => {
      const head = await fetch(`${url}/runs/7/out.geojson`, { method: 'HEAD' })
      const outside = await fetch(`${url}/runs/7/..%2f..%2f..%2fetc%2fpasswd`)

      expect([head.status, head.headers.get('Content-Length'), await head.text()]).toEqual([200, '10', ''])
      expect(outside.status).toBe(404)
    })

    test('looks no longer for who has gone', async () => {
      const id = `watched-on-${name}`
      await play(database.sql, {
        id,
        startedAt: later(new Date(), -65),
        cast: [['sources/a.json', 'addresses', 'city', { is: 'running' }]],
      })
      const leave = new AbortController()
      const live = await fetch(`${url}/jobs/${id}/live`, { signal: leave.signal })
      const reader = live.body!.getReader()
      expect(new TextDecoder().decode((await reader.read()).value)).toStartWith('event: facts\n')

      leave.abort()
      await reader.cancel().catch(() => {})
      await Bun.sleep(2_000)
      const before = await lastStatement()
      await Bun.sleep(2_200)

      expect(await lastStatement()).toBe(before)
      await database.sql`delete from queue.items`
    })

    test('tells of changes as they come, for longer than a silent line may live', async () => {
      const { id } = (await (
        await fetch(`${url}/hook`, requestOf({ id: randomUUID(), payload: PUSH }))
      ).json()) as { id: string }
      const live = await fetch(`${url}/jobs/${id}/live`)
      const heard = live.text()
      // Bun would close a silent connection after ten seconds by default.
      await Bun.sleep(11_500)
      await database.sql`select machine.end_job(${id}, 'internal', 'the test is over')`

      expect(live.headers.get('Content-Type')).toBe('text/event-stream')
      expect(await heard).toContain('Looking for sources that changed')
      expect(await heard).toContain('the test is over')
      expect(await heard).toContain('event: end')
    })

    test('says in one line that its port is taken, and ends', async () => {
      const port = Number(new URL(url).port)
      const { program, said } = launch({ DATABASE_URL: database.url }, port)
      const { code } = await program.ended

      expect(code).toBe(1)
      // Deno says so itself, in its own way.
      if (name !== 'Deno') expect(said).toHaveLength(1)
      expect(said.join('\n')).toMatch(name === 'Deno' ? /address already in use/i : /port \d+ is taken/)
    })

    test('ends when it is told to, and does not wait for those who watch', async () => {
      const { id } = (await (
        await fetch(`${url}/hook`, requestOf({ id: randomUUID(), payload: PUSH }))
      ).json()) as { id: string }
      const watching = await fetch(`${url}/jobs/${id}/live`)
      const began = Date.now()
      const { code, signal } = await edge.program.stop()
      await watching.body?.cancel().catch(() => {})

      expect(Date.now() - began).toBeLessThan(4_500)
      expect([code, signal]).toEqual([0, null])
    })
  })

  test(`on ${name} a missing variable is one line and an end`, async () => {
    const { program, said } = launch({})
    const { code } = await program.ended

    expect([code, said]).toEqual([1, ['edge: DATABASE_URL is not set']])
  })

  test(`on ${name} all that is wrong is one line`, async () => {
    const { program, said } = launch({ DATABASE_URL: 'nonsense', MACHINE_BASE_URL: 'ftp://x' })
    const { code } = await program.ended

    expect(code).toBe(1)
    expect(said).toEqual([
      'edge: DATABASE_URL is not an address; expected postgres://…; ' +
        'MACHINE_BASE_URL is "ftp://x"; expected http://… or https://…',
    ])
  })

  test(`on ${name} the edge is alive and not ready where the database was never migrated`, async () => {
    const edge = launch({ DATABASE_URL: empty.url })
    try {
      const url = await addressOf(edge)
      const ready = await fetch(`${url}/ready`)

      expect((await fetch(`${url}/health`)).status).toBe(200)
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { ready: false, database: true, migrations: false },
      ])
    } finally {
      await edge.program.stop()
    }
  })
}

/** When a connection of an edge to our database last began a statement. */
async function lastStatement(): Promise<string> {
  const [row] = await database.sql<[{ at: string }]>`
    select max(query_start)::text as at
    from pg_stat_activity
    where application_name = 'machine edge' and datname = current_database()`
  return row.at
}
