import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../shared/db/sql.ts'
import { migrate } from '../migrate.ts'
import { freePort, type PostgresServer, startPostgres } from './postgres_server.ts'

setDefaultTimeout(60_000)

const isRoot = process.getuid?.() === 0

let top: string
let running: PostgresServer[] = []
const log: string[] = []

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'machine-own-postgres-'))
})

afterEach(async () => {
  await Promise.all(running.map((server) => server.stop('immediate')))
  running = []
  await rm(top, { recursive: true, force: true })
})

async function began(folder: string, port = 0, settings: readonly string[] = []): Promise<PostgresServer> {
  const server = await startPostgres(folder, { port, log: (line) => void log.push(line), settings })
  running.push(server)
  return server
}

async function ask<T>(url: string, statement: string): Promise<T | undefined> {
  const sql = connect(url, { max: 1 })
  try {
    const [row] = await sql.unsafe(statement)
    return row as T | undefined
  } finally {
    await sql.end({ timeout: 1 })
  }
}

describe('startPostgres', () => {
  test('keeps what is in the folder through a power cut', async () => {
    const folder = join(top, 'open', 'postgres')
    await chmod(top, 0o755)
    const first = await began(folder)
    await ask(first.url, 'create table kept as select 42 as answer')

    await first.stop('immediate')
    const second = await began(folder)

    expect(await ask<{ answer: number }>(second.url, 'select answer from kept')).toEqual({ answer: 42 })
  })

  test('ends the one that an earlier start left on the folder, and no other', async () => {
    await chmod(top, 0o755)
    const stray = await began(join(top, 'one'))
    const other = await began(join(top, 'two'))

    const next = await began(join(top, 'one'))

    await stray.ended
    expect(log.at(-1)).toMatch(/^ended the Postgres of an earlier start \(process \d+\)$/)
    for (const { url } of [next, other])
      expect(await ask<{ one: number }>(url, 'select 1 as one')).toEqual({ one: 1 })
  })

  test('does not take a number in an old file for a process of its own', async () => {
    await chmod(top, 0o755)
    const folder = join(top, 'postgres')
    const first = await began(folder)
    await first.stop('immediate')
    // The number was given to somebody else meanwhile: to this test.
    const file = join(folder, 'postmaster.pid')
    await writeFile(file, `${process.pid}\n${folder}\n1764000000\n5432\n\n127.0.0.1\n`)

    const second = await began(folder)

    expect(await ask<{ one: number }>(second.url, 'select 1 as one')).toEqual({ one: 1 })
  })

  test('says which port is taken', async () => {
    const server = createServer()
    const port = await freePort()
    await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))

    const error = await began(join(top, 'postgres'), port).catch((error: Error) => error)

    server.close()
    expect(error).toMatchObject({
      message: `port ${port} for Postgres is taken; choose another, or leave it out`,
    })
  })

  test('says what Postgres says when it cannot start', async () => {
    await chmod(top, 0o755)

    const error = await began(join(top, 'postgres'), 0, ['no_such_setting=1']).catch((error: Error) => error)

    expect(error).toMatchObject({ message: expect.stringMatching(/did not start.*no_such_setting/) })
  })
})

describe.skipIf(!isRoot)('as root in a folder that others cannot reach', () => {
  test('keeps its data elsewhere, behind a link, and finds it again', async () => {
    await chmod(top, 0o700)
    const folder = join(top, '.machine', 'postgres')
    const first = await began(folder)
    await ask(first.url, 'create table kept as select 42 as answer')
    expect((await lstat(folder)).isSymbolicLink()).toBe(true)

    await first.stop()
    const second = await began(folder)

    expect(await ask<{ answer: number }>(second.url, 'select answer from kept')).toEqual({ answer: 42 })
    const away = await ask<{ data_directory: string }>(second.url, 'show data_directory')
    await second.stop()
    await rm(away?.data_directory ?? '', { recursive: true, force: true })
  })

  test('does not pass over a database that has become unreachable', async () => {
    const folder = join(top, 'postgres')
    await mkdir(folder)
    await writeFile(join(folder, 'PG_VERSION'), '18\n')

    const error = await began(folder).catch((error: Error) => error)

    expect(error).toMatchObject({ message: expect.stringContaining('open the folders above it') })
    expect(await readFile(join(folder, 'PG_VERSION'), 'utf8')).toBe('18\n')
  })
})

test('for one lease after a start of Postgres no lost lease is swept, and a worker that beats keeps its run', async () => {
  await chmod(top, 0o755)
  const { url } = await began(join(top, 'postgres'))
  const sql = connect(url, { max: 2 })
  await migrate(sql)
  await sql`select queue.put('events', '{}')`
  const [item] = await sql`select id, attempt from queue.claim('events', 'worker', 1, interval '0 seconds')`

  // A busy computer may need seconds from its start to here.
  const [early] = await sql`select machine.sweep('60 seconds') as lost`
  const [kept] = await sql`
    select count(*)::int as n from queue.extend(array[${item?.['id']}]::bigint[], array[${item?.['attempt']}]::int[], '0 seconds')`
  await Bun.sleep(2_100)
  const [late] = await sql`select machine.sweep('2 seconds') as lost`

  expect([early?.['lost'], kept?.['n'], late?.['lost']]).toEqual([0, 1, 1])
  await sql.end({ timeout: 1 })
})
