import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { isMigrated } from '../shared/db/migrations.ts'
import { connect } from '../shared/db/sql.ts'
import { emptyDatabase, type TestDatabase } from '../test/postgres.ts'
import { migrate } from './migrate.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await emptyDatabase()
})
afterAll(() => db.drop())

describe('migrate', () => {
  test('by two at once runs each migration once', async () => {
    const other = connect(db.url, { max: 1 })

    const [one, two] = await Promise.all([migrate(db.sql), migrate(other)])
    await other.end()

    const files = readdirSync('sql/migrations').sort()
    const lacking = one.skipped.map(({ name }) => name)
    expect(two.skipped).toEqual(one.skipped)
    expect([...one.ran, ...two.ran, ...lacking].sort().map((name) => `${name}.sql`)).toEqual(files)
    expect(files.slice(0, 2)).toEqual(['0001_queue.sql', '0002_jobs.sql'])
    expect(await isMigrated(db.sql)).toBe(true)
  })

  test('twice changes nothing', async () => {
    const again = await migrate(db.sql)

    expect(again.ran).toEqual([])
    expect(again.functions).toBeGreaterThan(10)
  })

  test('refuses a migration that was edited after it ran', async () => {
    await db.sql`update migrations set sha256 = 'other' where name = '0001_queue'`

    await expect(migrate(db.sql)).rejects.toThrow('migration 0001_queue ran here before and was edited since')
  })
})

describe('every table, view column and column', () => {
  test('has a comment that says what it means', async () => {
    const bare = await db.sql<{ what: string }[]>`
      select c.relname || coalesce('.' || a.attname, '') as what
      from pg_class c
      join pg_namespace n on n.oid = c.relnamespace
      left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relkind = 'r' and n.nspname in ('public', 'queue')
        and (obj_description(c.oid) is null or col_description(c.oid, a.attnum) is null)`

    expect(bare.map(({ what }) => what)).toEqual([])
  })
})

describe('the role reports', () => {
  test('reads the reports and nothing else', async () => {
    const reader = connect(db.url, { max: 1 })
    await reader`set role reports`

    expect(await reader`select id from reports.jobs`).toHaveLength(0)
    expect(await reader`select "tasks queue" from reports.queue_metrics`).toHaveLength(1)
    expect(await refusal(reader`select id from public.jobs`)).toContain('permission denied')
    expect(await refusal(reader`select id from queue.items`)).toContain('permission denied')
    await reader.end()
  })
})

async function refusal(query: Promise<unknown>): Promise<string> {
  return query.then(
    () => 'allowed',
    (error) => String(error),
  )
}
