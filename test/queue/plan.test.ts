/**
 * How Postgres finds things, when there is much of everything: by the index that is meant, in few buffers.
 *
 * auto_explain tells the plans of the statements inside the functions as they are really run, so that no
 * statement is written twice. Statistics are as old as can be: they say that every table is empty.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import postgres from 'postgres'
import type { Sql } from '../../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'

/** A node of a plan, as Postgres writes it. */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Index Name'?: string
  readonly 'Shared Hit Blocks': number
  readonly 'Shared Read Blocks': number
  readonly Plans?: readonly PlanNode[]
}

interface Explained {
  readonly 'Query Text': string
  readonly Plan: PlanNode
}

/** Bun gives a hook 5 seconds; a busy machine needs more to write so many rows. */
const FILL_MS_MAX = 60_000

let db: TestDatabase
let sql: Sql
let notices: string[] = []

beforeAll(async () => {
  db = await testDatabase()
  sql = postgres(db.url, {
    max: 1,
    fetch_types: false,
    onnotice: ({ message }) => notices.push(`${message}`),
  })
  await sql.unsafe(`
    alter table queue.items set (autovacuum_enabled = off);
    analyze`)
  await sql.unsafe(`
    insert into queue.items (q_name, lane, data, enqueued_at)
    select 'tasks', 9, '{"name": "sources/xx/1.json"}', now() - n * interval '1 second' from generate_series(1, 50000) n;
    insert into queue.items (q_name, data, schedule_at, dedupe_key)
    select 'due', '{"run_id": 1}', now() + n * interval '1 second', 'run/' || n from generate_series(1, 50000) n;
    insert into queue.items (q_name, data) select 'heartbeat', '{}' from generate_series(1, 50000);
    delete from queue.items where q_name = 'heartbeat'`)
  await sql.unsafe(`
    load 'auto_explain';
    set auto_explain.log_min_duration = 0;
    set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = on;
    set auto_explain.log_buffers = on;
    set auto_explain.log_format = json;
    set auto_explain.log_level = notice`)
}, FILL_MS_MAX)
afterAll(async () => {
  await sql.end()
  await db.drop()
})

/** Run a statement so often that its plans are the generic ones and all is warm, then once more: the plans of that. */
async function explain(run: () => Promise<unknown>): Promise<Explained[]> {
  for (let n = 0; n < 7; n += 1) await run()
  notices = []
  await run()
  return notices
    .filter((notice) => notice.startsWith('duration:'))
    .map((notice) => JSON.parse(notice.slice(notice.indexOf('{'))) as Explained)
}

/** The plan of the statement that has these words. */
function planOf(explained: readonly Explained[], words: string): PlanNode {
  const found = explained.filter((one) => one['Query Text'].includes(words))
  expect(found.map((one) => one['Query Text'])).toHaveLength(1)
  return found[0]!.Plan
}

/** Buffers of the whole call: the outermost statement ends last. */
function buffers(explained: readonly Explained[]): number {
  const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = explained.at(-1)!.Plan
  return hit + read
}

/** Each node, with its index where it has one. */
function nodes(plan: PlanNode): string[] {
  const { 'Node Type': type, 'Index Name': index, Plans: below = [] } = plan
  return [index === undefined ? type : `${type} ${index}`, ...below.flatMap(nodes)]
}

describe('queue.claim of 50 000 waiting tasks, with 50 000 dead rows and old statistics', () => {
  for (const n of [1, 20]) {
    test(`finds ${n} in the order of items_ready, without a sort or a scan of the table`, async () => {
      const explained = await explain(() => sql`select id from queue.claim('tasks', 'ann', ${n})`)

      const found = nodes(planOf(explained, 'for update skip locked'))
      expect(found).toContain('Index Scan items_ready')
      expect(found.filter((node) => node === 'Sort')).toHaveLength(1)
      expect(found).not.toContain('Seq Scan')
    })
  }

  test('touches fewer than 50 buffers for one', async () => {
    expect(buffers(await explain(() => sql`select id from queue.claim('tasks', 'ann', 1)`))).toBeLessThan(50)
  })

  test('with a highest lane touches fewer than 50 buffers to find nothing', async () => {
    const explained = await explain(() => sql`select id from queue.claim('tasks', 'ann', 1, '1 minute', 1)`)

    expect(buffers(explained)).toBeLessThan(50)
  })
})

describe('queue.claim of `due`, where 50 000 wait for their time', () => {
  test('touches fewer than 20 buffers to find nothing', async () => {
    const explained = await explain(() => sql`select id from queue.claim('due', 'ann', 20)`)

    expect(buffers(explained)).toBeLessThan(20)
    expect(nodes(planOf(explained, 'limit _most'))).toContain('Index Only Scan items_later')
  })

  test('takes the three whose time has come, and does not look at the others', async () => {
    let taken: number[] = []
    const explained = await explain(async () => {
      await sql`
        update queue.items set schedule_at = now() - interval '1 second', dequeued_at = null, lease_until = null
        where q_name = 'due' and dedupe_key in ('run/7', 'run/8', 'run/9')`
      notices = []
      taken = (await sql`select (data->>'run_id')::int as id from queue.claim('due', 'ann', 20)`).map(
        ({ id }) => id,
      )
    })

    expect(taken).toEqual([1, 1, 1])
    expect(buffers(explained)).toBeLessThan(150)
  })
})

describe('other questions, in tables that are full', () => {
  test('queue.sweep finds lost leases by items_lease', async () => {
    const explained = await explain(() => sql`select id from queue.sweep(100, '0 seconds')`)

    expect(nodes(planOf(explained, 'lease_until <'))).toContain('Index Scan items_lease')
    expect(buffers(explained)).toBeLessThan(50)
  })

  test('machine.drip counts no further than it has to', async () => {
    expect(buffers(await explain(() => sql`select machine.drip(1)`))).toBeLessThan(20)
  })

  test('machine.forget_due finds the item of a run by its key', async () => {
    const explained = await explain(() => sql`select machine.forget_due(40000)`)

    expect(nodes(planOf(explained, 'dedupe_key'))).toContain('Index Scan items_dedupe')
    expect(buffers(explained)).toBeLessThan(30)
  })

  test('machine.reusable_run finds the newest good run by runs_reusable', async () => {
    await sql.unsafe(`
      set auto_explain.log_min_duration = -1;
      insert into runs (source_path, source_id, layer, name, status, state, code_version)
      select 'sources/xx/' || n % 5000 || '.json', 'sha-' || n % 5000, 'addresses', 'city', true, '{}', '1'
      from generate_series(1, 50000) n;
      analyze runs;
      set auto_explain.log_min_duration = 0`)
    const task = { name: 'sources/xx/42.json', file_id: 'sha-42', layer: 'addresses', layersource: 'city' }

    const explained = await explain(
      () => sql`select machine.reusable_run(${sql.json(task)}, '1', now() - interval '1 day')`,
    )

    expect(nodes(planOf(explained, 'order by r.id desc'))).toEqual(['Limit', 'Index Scan runs_reusable'])
    expect(buffers(explained)).toBeLessThan(20)
  })

  test('machine.claim_say finds the job that waits longest by outbox_open', async () => {
    await sql.unsafe(`
      set auto_explain.log_min_duration = -1;
      insert into jobs (id, event, github_owner, github_repository, commit_sha)
      select 'j' || n, 'push', 'o', 'r', 'c' from generate_series(1, 30000) n;
      insert into outbox (job_id, version, said_version, wanted_at)
      select 'j' || n, 2, case when n % 1000 = 0 then 1 else 2 end, now() - n * interval '1 second'
      from generate_series(1, 30000) n;
      set auto_explain.log_min_duration = 0`)

    const explained = await explain(() => sql`select job_id from machine.claim_say('ann')`)

    expect(nodes(planOf(explained, 'for update skip locked'))).toContain('Index Scan outbox_open')
    expect(buffers(explained)).toBeLessThan(60)
  })
})

describe('queue.claim behind 50 000 items that were consumed since the last vacuum', () => {
  beforeAll(async () => {
    await sql.unsafe(`
      set auto_explain.log_min_duration = -1;
      insert into queue.items (q_name, lane, data) select 'tasks', 1, '{}' from generate_series(1, 50000);
      delete from queue.items where lane = 1;
      set auto_explain.log_min_duration = 0`)
  }, FILL_MS_MAX)

  test('walks over what is left of them in its index, and never over the table', async () => {
    const explained = await explain(() => sql`select id from queue.claim('tasks', 'ann', 1)`)

    expect(nodes(planOf(explained, 'for update skip locked'))).toContain('Index Scan items_ready')
    expect(buffers(explained)).toBeLessThan(3_000)
  })

  test('touches fewer than 50 buffers again after the vacuum', async () => {
    await sql`vacuum queue.items`

    expect(buffers(await explain(() => sql`select id from queue.claim('tasks', 'ann', 1)`))).toBeLessThan(50)
  })
})
