/**
 * `machine migrate`: bring the database to what this code needs.
 *
 * Tables have a history (sql/migrations, each file once, in order, never edited); functions and views
 * have none: they are made again each time. All of it is one transaction under one lock, so it is safe
 * to run twice, and by two at once.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ISql, Sql } from '../shared/db/sql.ts'

const FOLDER = join(import.meta.dirname, '../sql')

/** Any number that no other program takes as its advisory lock. */
const LOCK = 7_205_759

/** A long report holds its views: wait this long for it, then give up rather than queue everyone behind us. */
const LOCK_WAIT = '30s'

/** What a migration did. */
export interface Migrated {
  /** Names of the migrations that ran now. */
  readonly ran: readonly string[]
  /** Migrations that have to wait, and for what; the next migrate tries them again. */
  readonly skipped: readonly Skipped[]
  readonly functions: number
  readonly views: number
}

/** A migration that could not run here. */
export interface Skipped {
  readonly name: string
  readonly why: string
}

/** The first line of a migration that needs an extension which not every Postgres has. */
const NEEDS = /^-- needs: (\w+)\n/

/**
 * Bring the database to what this code needs.
 *
 * @throws {Error} when a migration that ran before has been edited since
 */
export function migrate(sql: Sql): Promise<Migrated> {
  return sql.begin(async (tx) => {
    await tx`select set_config('lock_timeout', ${LOCK_WAIT}, true)`
    await tx`select pg_advisory_xact_lock(${LOCK})`

    const { ran, skipped } = await runMigrations(tx)
    await dropRemade(tx)
    const functions = await runAll(tx, 'functions')
    const views = await runAll(tx, 'views')
    await grantReports(tx)
    return { ran, skipped, functions, views }
  }) as Promise<Migrated>
}

async function runMigrations(tx: ISql): Promise<Pick<Migrated, 'ran' | 'skipped'>> {
  await tx`
    create table if not exists migrations (
      name   text primary key,
      sha256 text not null,
      ran_at timestamptz not null default now()
    )`
  await tx`comment on table migrations is 'Which files of sql/migrations have run.'`
  await tx`comment on column migrations.name is 'The file, without its ending.'`
  await tx`comment on column migrations.sha256 is 'Its content then; a file that ran is never edited.'`
  await tx`comment on column migrations.ran_at is 'When it ran.'`

  const before = new Map(
    (await tx<{ name: string; sha256: string }[]>`select name, sha256 from migrations`).map((row) => [
      row.name,
      row.sha256,
    ]),
  )
  const ran: string[] = []
  const skipped: Skipped[] = []
  for (const { name, text } of await readFolder('migrations')) {
    const sha256 = createHash('sha256').update(text).digest('hex')
    const known = before.get(name)
    if (known === sha256) continue
    if (known !== undefined)
      throw new Error(`migration ${name} ran here before and was edited since: add a new one instead`)
    const [, extension] = NEEDS.exec(text) ?? []
    const why = extension === undefined ? undefined : await lackOf(tx, extension)
    if (why !== undefined) {
      skipped.push({ name, why })
      continue
    }
    await tx.unsafe(text)
    await tx`insert into migrations (name, sha256) values (${name}, ${sha256})`
    ran.push(name)
  }
  return { ran, skipped }
}

/**
 * Have an extension, in a schema of its own where it is new, and its names within reach of this transaction.
 *
 * @returns why it cannot be had; undefined when it is there
 */
async function lackOf(tx: ISql, extension: string): Promise<string | undefined> {
  const [known] = await tx`select from pg_available_extensions where name = ${extension}`
  if (known === undefined) return `this Postgres does not have the extension ${extension}`
  await tx.unsafe(`
    do $$
    begin
      if not exists (select from pg_extension where extname = '${extension}') then
        create schema if not exists ${extension};
        create extension ${extension} schema ${extension};
      end if;
    exception
      when insufficient_privilege then
        raise notice 'no right to create ${extension}';
    end $$`)
  const [found] = await tx<{ schema: string }[]>`
    select extnamespace::regnamespace::text as schema from pg_extension where extname = ${extension}`
  if (found === undefined)
    return `the extension ${extension} is to be created first, by somebody who may: create extension ${extension}`
  await tx`select set_config('search_path', current_setting('search_path') || ', ' || ${found.schema}, true)`
  return undefined
}

/** Functions and views go before they are made again, so that their shape may change freely. */
async function dropRemade(tx: ISql): Promise<void> {
  await tx`drop schema if exists reports cascade`
  await tx`drop schema if exists machine cascade`
  await tx`
    do $$
    declare
      _function regprocedure;
    begin
      for _function in select oid from pg_proc where pronamespace = 'queue'::regnamespace loop
        execute format('drop function if exists %s cascade', _function);
      end loop;
    end $$`
  await tx`create schema machine`
  await tx`comment on schema machine is 'What may happen to jobs, sets and runs: one function a deed.'`
  await tx`create schema reports`
  await tx`comment on schema reports is 'Reports: one view a question.'`
}

async function runAll(tx: ISql, folder: string): Promise<number> {
  const files = await readFolder(folder)
  for (const { text } of files) await tx.unsafe(text)
  return files.length
}

/** A role that may read the reports and nothing else. Where we may not make roles, an operator has to. */
async function grantReports(tx: ISql): Promise<void> {
  await tx`
    do $$
    begin
      if not exists (select from pg_roles where rolname = 'reports') then
        create role reports nologin;
      end if;
      grant usage on schema reports to reports;
      grant select on all tables in schema reports to reports;
      alter role reports set default_transaction_read_only = on;
      alter role reports set statement_timeout = '60s';
    exception
      when insufficient_privilege then
        raise notice 'no right to make the role reports: reports are for the owner only';
      when duplicate_object or unique_violation then
        null; -- Another database of this cluster made it at the same time.
    end $$`
}

async function readFolder(folder: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(join(FOLDER, folder))).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(
    names.map(async (name) => ({
      name: name.slice(0, -'.sql'.length),
      text: await readFile(join(FOLDER, folder, name), 'utf8'),
    })),
  )
}
