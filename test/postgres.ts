/**
 * A real Postgres for tests: one server a test run, one database a test file, made by copying a
 * migrated template.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Sql } from '../shared/db/sql.ts'
import { migrate } from '../worker/migrate.ts'
import { type PostgresServer, startPostgres } from '../worker/system/postgres_server.ts'

/** Nothing of a test has to survive a power cut. */
const QUICK = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=200']

let server: Promise<PostgresServer & { readonly folder: string }> | undefined
let made = 0

/** A database of one test file. */
export interface TestDatabase {
  readonly url: string
  readonly sql: Sql
  /** Closes the connection and drops the database. */
  drop(): Promise<void>
}

/** A migrated database that nobody else has. */
export async function testDatabase(): Promise<TestDatabase> {
  return database('template machine_template')
}

/** A database with nothing in it. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return database('template template0')
}

/** End the server of this run; called once, after the last test. */
export async function stopTestPostgres(): Promise<void> {
  const running = await server
  server = undefined
  if (running === undefined) return
  await running.stop('immediate')
  await rm(running.folder, { recursive: true, force: true })
}

async function database(template: string): Promise<TestDatabase> {
  server ??= startShared()
  const { url } = await server
  made += 1
  const name = `test_${process.pid}_${made}`
  const admin = connect(url, { max: 1 })
  await admin.unsafe(`create database ${name} ${template}`)
  await admin.end()
  const own = url.replace(/\/postgres$/, `/${name}`)
  const sql = connect(own, { max: 10, name: 'test' })

  return {
    url: own,
    sql,
    async drop() {
      await sql.end({ timeout: 1 })
      const admin = connect(url, { max: 1 })
      await admin.unsafe(`drop database if exists ${name} with (force)`)
      await admin.end()
    },
  }
}

async function startShared(): Promise<PostgresServer & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-test-postgres-'))
  await rm(folder, { recursive: true })
  const started = await startPostgres(folder, { port: 0, log: () => {}, settings: QUICK })
  const admin = connect(started.url, { max: 1 })
  await admin.unsafe('create database machine_template template template0')
  await admin.end()
  const template = connect(started.url.replace(/\/postgres$/, '/machine_template'), { max: 1 })
  await migrate(template)
  await template.end()
  return { ...started, folder }
}
