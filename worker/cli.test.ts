import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { ranMachine } from '../test/crew.ts'
import { emptyDatabase, type TestDatabase } from '../test/postgres.ts'
import { COMMANDS } from './cli.ts'

setDefaultTimeout(30_000)

/** Away from the .env of whoever runs the tests. */
const cwd = tmpdir()

let db: TestDatabase

beforeAll(async () => {
  db = await emptyDatabase()
})

afterAll(() => db.drop())

describe('machine --help', () => {
  test('lists every command with a line about it', async () => {
    const { code, lines } = await ranMachine(['--help'])

    expect(code).toBe(0)
    for (const { name, summary } of COMMANDS) {
      expect(
        lines.filter((line) => line.trim().startsWith(`${name} `) && line.endsWith(summary)),
      ).toHaveLength(1)
    }
    expect(lines.every((line) => line.length <= 100)).toBe(true)
  })

  test('is what no command at all gets, as an error', async () => {
    const { code, lines } = await ranMachine([])

    expect([code, lines[2]]).toEqual([2, 'Usage: machine COMMAND [options]'])
  })
})

describe('the help of a command', () => {
  test('begins with how it is called, and says more than the list', () => {
    for (const { name, usage, summary } of COMMANDS) {
      expect(usage.split('\n')[0]).toStartWith(`Usage: machine ${name}`)
      expect(usage.length).toBeGreaterThan(summary.length + 40)
    }
  })

  test('is given without any setting, under Bun and under Node', async () => {
    for (const node of [false, true]) {
      const { code, lines, stderr } = await ranMachine(['work', '--help'], { cwd, node })

      expect([code, lines[0], stderr]).toEqual([0, 'Usage: machine work', ''])
    }
  })
})

/** One clear line, a hint on the next at most, and an exit code: that is all anybody gets. */
const cases: [what: string, args: string[], env: Record<string, string>, code: number, lines: RegExp[]][] = [
  ['an unknown command', ['wrok'], {}, 2, [/^machine: there is no command "wrok"$/, /^Try: machine --help$/]],
  ['half a command', ['deq'], {}, 2, [/there is no command "deq"; did you mean "dequeue"\?$/, /^Try/]],
  [
    'an unknown option',
    ['work', '--fast'],
    {},
    2,
    [/^machine work: unknown option '--fast'$/, /^Try: machine work --help$/],
  ],
  ['a word too many', ['report', 'now'], {}, 2, [/^machine report: unexpected argument 'now'/, /^Try/]],
  [
    'an option of up that is none',
    ['up', '--prot', '1'],
    {},
    2,
    [/^machine up: unknown option '--prot'$/, /^Try/],
  ],
  [
    'an option without its value',
    ['up', '--port'],
    {},
    2,
    [/^machine up: option '--port <value>' argument missing$/, /^Try/],
  ],
  [
    'a port that is none',
    ['up', '--port', 'http'],
    {},
    2,
    [/^machine up: expected a port from 0 to 65535, got "http"$/, /^Try/],
  ],
  ['a missing variable', ['work'], {}, 1, [/^machine work: DATABASE_URL is not set$/]],
  ['a missing variable of migrate', ['migrate'], {}, 1, [/^machine migrate: DATABASE_URL is not set$/]],
  [
    'wrong values, all at once',
    ['dequeue'],
    { DATABASE_URL: 'mysql://x', LEASE_SECONDS: 'long', GAG_GITHUB_STATUS: 'maybe' },
    1,
    [
      /^machine dequeue: LEASE_SECONDS is "long"; .*DATABASE_URL is no such address; .*GAG_GITHUB_STATUS is "maybe"; expected yes or no$/,
    ],
  ],
  [
    'a database where nobody listens, without its password',
    ['report'],
    { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/machine' },
    1,
    [/^machine report: Postgres at 127\.0\.0\.1:1\/machine: (?!.*secret).*ECONNREFUSED/],
  ],
  [
    'a database where nobody listens, to migrate',
    ['migrate'],
    { DATABASE_URL: 'postgres://me:secret@localhost:1/machine' },
    1,
    [/^machine migrate: Postgres at localhost:1\/machine: (?!.*secret).*ECONNREFUSED/],
  ],
]

describe('one clear line is said of', () => {
  for (const [what, args, env, expected, patterns] of cases) {
    test(what, async () => {
      const began = performance.now()

      const { code, lines } = await ranMachine(args, { env, cwd })

      expect(code).toBe(expected)
      expect(lines).toHaveLength(patterns.length)
      for (const [at, pattern] of patterns.entries()) expect(lines[at]).toMatch(pattern)
      expect(performance.now() - began).toBeLessThan(5_000)
    })
  }

  test('a database that was never migrated', async () => {
    const { code, lines } = await ranMachine(['control'], { env: { DATABASE_URL: db.url }, cwd })

    expect(code).toBe(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^machine control: Postgres at .*: it has not been migrated; run: machine migrate$/,
    )
  })

  test('a database that is not there', async () => {
    const url = db.url.replace(/[^/]+$/, 'nowhere')

    const { code, lines } = await ranMachine(['expand'], { env: { DATABASE_URL: url }, cwd, node: true })

    expect(code).toBe(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^machine expand: Postgres at .*\/nowhere: database "nowhere" does not exist$/)
  })

  test('a server that accepts and says nothing', async () => {
    const server = createServer(() => {})
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as { port: number }
    const url = `postgres://127.0.0.1:${port}/machine`

    const { code, lines } = await ranMachine(['work'], { env: { DATABASE_URL: url }, cwd })

    server.close()
    expect(code).toBe(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^machine work: Postgres at 127\.0\.0\.1:\d+\/machine: no answer$/)
  })
})
