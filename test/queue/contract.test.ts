import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Sql } from '../../shared/db/sql.ts'
import { migrate } from '../../worker/migrate.ts'
import { type PostgresServer, startPostgres } from '../../worker/system/postgres_server.ts'
import { run } from '../../worker/system/spawn.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { CONTRACT } from './contract.ts'
import type { Verdict } from './contract_program.ts'
import { clear } from './world.ts'

const PROGRAM = join(import.meta.dirname, 'contract_program.ts')
const DENO = join(import.meta.dirname, '../../node_modules/.bin/deno')

/** Bun gives a hook 5 seconds; a busy machine needs more for a whole run elsewhere, or a new Postgres. */
const START_MS_MAX = 60_000

/** Where Debian puts the oldest Postgres that the house promises. */
const OLDEST = '/usr/lib/postgresql/15'

const RUNTIMES: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['Node', 'node', '--import', import.meta.resolve('tsx'), PROGRAM],
  ['Deno', DENO, 'run', '-A', PROGRAM],
]

describe('the contract of the queue on Bun', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
  })
  afterAll(() => db.drop())
  beforeEach(() => clear(db.sql))

  for (const [sentence, check] of CONTRACT) test(sentence, () => check(db.sql))
})

for (const [name, command, ...args] of RUNTIMES) {
  describe(`the contract of the queue on ${name}`, () => {
    let verdicts: ReadonlyMap<string, string | null>
    beforeAll(async () => {
      const db = await testDatabase()
      const lines = (await run(command, [...args, db.url])).split('\n')
      verdicts = new Map(
        lines.map((line) => JSON.parse(line) as Verdict).map(({ sentence, wrong }) => [sentence, wrong]),
      )
      await db.drop()
    }, START_MS_MAX)

    for (const [sentence] of CONTRACT) test(sentence, () => expect(verdicts.get(sentence)).toBeNull())
  })
}

const isInstalled = existsSync(join(OLDEST, 'bin/postgres'))
if (!isInstalled) console.log(`skipped: the contract of the queue on Postgres 15, which is not in ${OLDEST}`)

describe.skipIf(!isInstalled)('the contract of the queue on Postgres 15', () => {
  let server: PostgresServer
  let folder: string
  let sql: Sql
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'machine-test-postgres-15-'))
    // Only the name: a folder that we made would be ours alone, and whom a root lends Postgres to could not reach it.
    await rm(folder, { recursive: true })
    server = await startPostgres(folder, {
      port: 0,
      log: () => {},
      programs: OLDEST,
      settings: ['fsync=off', 'synchronous_commit=off'],
    })
    sql = connect(server.url, { max: 10 })
    await migrate(sql)
  }, START_MS_MAX)
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await server.stop('immediate')
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => clear(sql))

  test('runs on that server', async () => {
    const [row] = await sql`select current_setting('server_version_num')::int / 10000 as major`
    expect(row?.['major']).toBe(15)
  })
  for (const [sentence, check] of CONTRACT) test(sentence, () => check(sql))
})
