/**
 * The contract of the queue once more, through a PgBouncer that pools transactions: what an edge far away
 * from its Postgres sits behind. It has to be one that keeps prepared statements (1.21 or newer): behind an
 * older one postgres.js waits for ever unless it is told `prepare: false`.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Sql } from '../../shared/db/sql.ts'
import { freePort } from '../../worker/system/postgres_server.ts'
import { type Program, run, start } from '../../worker/system/spawn.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { CONTRACT } from './contract.ts'
import { clear } from './world.ts'

/** The first that keeps prepared statements of a transaction's client. */
const OLDEST = 1.21

/** LISTEN belongs to a connection, and a pool of transactions lends one for a transaction only: they poll there. */
const NEEDS_A_CONNECTION = /woken|notif|listen/i

const version = Number(
  /PgBouncer (\d+\.\d+)/.exec(await run('pgbouncer', ['--version']).catch(() => ''))?.[1] ?? 0,
)
const isFit = version >= OLDEST
if (!isFit)
  console.log(`skipped: the contract of the queue behind PgBouncer, which is ${version || 'not installed'}`)

describe.skipIf(!isFit)(`the contract of the queue behind PgBouncer`, () => {
  let db: TestDatabase
  let folder: string
  let pooler: Program
  let sql: Sql

  beforeAll(async () => {
    db = await testDatabase()
    const port = await freePort()
    folder = await mkdtemp(join(tmpdir(), 'machine-test-pgbouncer-'))
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'pgbouncer.ini'), settings(db.url, port))
    pooler = start('pgbouncer', ['-u', 'nobody', join(folder, 'pgbouncer.ini')])
    sql = connect(db.url.replace(/:\d+\//, `:${port}/`), { max: 10 })
    await untilItAnswers(sql)
  }, 60_000)
  afterAll(async () => {
    await sql.end({ timeout: 1 })
    await pooler.stop()
    await db.drop()
    await rm(folder, { recursive: true, force: true })
  })
  beforeEach(() => clear(sql))

  test('lends one connection of Postgres to many clients', async () => {
    const asked = await Promise.all(Array.from({ length: 20 }, () => sql`select pg_backend_pid() as pid`))

    expect(new Set(asked.map(([row]) => row?.['pid'])).size).toBeLessThanOrEqual(POOL)
  })

  for (const [sentence, check] of CONTRACT) {
    if (!NEEDS_A_CONNECTION.test(sentence)) test(sentence, () => check(sql))
  }
})

/** Fewer than the clients, so that they do share; enough for sentences in which one waits for the other. */
const POOL = 6

function settings(url: string, port: number): string {
  const { hostname, port: server, pathname } = new URL(url)
  return [
    '[databases]',
    `${pathname.slice(1)} = host=${hostname} port=${server} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    'max_prepared_statements = 200',
    `default_pool_size = ${POOL}`,
    'ignore_startup_parameters = extra_float_digits,application_name',
  ].join('\n')
}

async function untilItAnswers(sql: Sql): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    if (
      await sql`select 1`.then(
        () => true,
        () => false,
      )
    ) {
      return
    }
    await Bun.sleep(100)
  }
  throw new Error('PgBouncer does not answer')
}
