/**
 * What a test of the queue needs to be there: jobs, sets and runs, made the way the house makes them.
 *
 * Neutral to the runtime, because the contract runs on Bun, Node and Deno.
 */
import { acceptDelivery } from '../../shared/db/deliveries.ts'
import { type ExpandedSource, expandJob } from '../../shared/db/jobs.ts'
import { claim } from '../../shared/db/queue.ts'
import {
  type Claimed,
  claimRun,
  type HandedIn,
  handIn,
  type SettlingItem,
  settleDone,
} from '../../shared/db/runs.ts'
import type { ISql, Sql } from '../../shared/db/sql.ts'
import type { RunState } from '../../shared/run.ts'

/** A time to start from; what happens then is written as seconds after it. */
export const NOON = Date.UTC(2026, 0, 1, 12)

/** Nothing is in the database; the tables are. Deletes, because to truncate takes ten times as long. */
export async function clear(sql: ISql): Promise<void> {
  await sql.unsafe(`
    delete from queue.items;
    delete from queue.dead;
    delete from run_progress;
    delete from outbox;
    delete from job_sources;
    delete from set_sources;
    delete from verdicts;
    delete from runs where copy_of is not null;
    delete from runs;
    delete from deliveries;
    delete from jobs;
    delete from sets;
    delete from heartbeats;
    delete from workers;
    delete from audit;
    update queue.sweeps set at = '-infinity', back_at = null`)
}

/** Do something as if it were so many seconds after noon. */
export async function at<T>(sql: Sql, seconds: number, deed: (tx: ISql) => Promise<T>): Promise<T> {
  return (await sql.begin(async (tx) => {
    await tx`select set_config('queue.now', ${after(seconds).toISOString()}, true)`
    return deed(tx)
  })) as T
}

/** So many seconds after noon. */
export function after(seconds: number): Date {
  return new Date(NOON + seconds * 1000)
}

/** Rows as plain values: the array and the objects of postgres.js are equal to none. */
export function plain<T>(rows: readonly T[]): T[] {
  return Array.from(rows, (row) => ({ ...row }))
}

/** Look for lost leases, as if the server had been up for long. */
export async function sweepNow(sql: ISql): Promise<number> {
  const [row] = await sql<[{ lost: number }]>`select machine.sweep('0 seconds') as lost`
  return row.lost
}

/** The n-th data source: one file, one layer, one name. */
export function source(n: number, over: { readonly rerun?: boolean } = {}): ExpandedSource {
  const path = `sources/xx/${n}.json`
  return {
    source_path: path,
    source_id: `sha-${n}`,
    layer: 'addresses',
    name: 'city',
    task: {
      set_id: null,
      name: path,
      layer: 'addresses',
      layersource: 'city',
      file_id: `sha-${n}`,
      commit_sha: 'c0ffee',
      content_b64: 'e30=',
      render_preview: false,
      rerun: over.rerun ?? false,
    },
  }
}

/** Data sources `from` to `to`, the last one too. */
export function sources(from: number, to: number): ExpandedSource[] {
  return Array.from({ length: to - from + 1 }, (_, i) => source(from + i))
}

/** A delivery arrives that makes this job. Gives whether it was new. */
export async function accept(sql: ISql, job: string, delivery = `delivery-of-${job}`): Promise<boolean> {
  const { created } = await acceptDelivery(sql, {
    id: delivery,
    event: 'push',
    action: null,
    payload: { ref: 'refs/heads/main' },
    job: {
      id: job,
      event: 'push',
      owner: 'openaddresses',
      repository: 'openaddresses',
      status_url: null,
      comments_url: null,
      commit_sha: 'c0ffee',
      ref: 'refs/heads/main',
      pull_number: null,
    },
    ignored: null,
  })
  return created
}

/** A job whose data sources are known and whose tasks wait. */
export async function push(sql: ISql, job: string, listed: readonly ExpandedSource[]): Promise<void> {
  await accept(sql, job)
  const [event] = await claim(sql, 'events', { worker: 'expander' })
  if (event === undefined) throw new Error('no event to expand')
  await expandJob(sql, event, { id: job, sources: listed, isMerged: false })
}

/** A set with its manifest; nothing of it is released yet. */
export async function makeSet(sql: ISql, listed: readonly ExpandedSource[]): Promise<number> {
  const [set] = await sql<
    [{ id: number }]
  >`insert into sets (owner, repository) values ('openaddresses', 'openaddresses') returning id`
  await sql`
    insert into set_sources (set_id, position, source_path, source_id, layer, name, task)
    select ${set.id}, n - 1, s->>'source_path', s->>'source_id', s->>'layer', s->>'name', s->'task'
    from jsonb_array_elements(${sql.json(listed as never)}) with ordinality as listed (s, n)`
  return set.id
}

/** How a worker of these tests claims. */
export const WORKER = {
  worker: 'ann',
  version: '1',
  leaseSeconds: 300,
  timeoutSeconds: 3_600,
  laneMax: 32_767,
  reuseDays: 10,
} as const

/** The next run; throws when there is none. */
export async function claimOne(sql: ISql, over: Partial<typeof WORKER> | object = {}): Promise<Claimed> {
  const claimed = await claimRun(sql, { ...WORKER, ...over })
  if (claimed === undefined) throw new Error('no task to claim')
  return claimed
}

/** A good result; only the state's presence counts here. */
export const GOOD: HandedIn = {
  ok: true,
  problem: null,
  state: { source: 'x.json', 'feat count': 7 } as unknown as RunState,
  sample: null,
  result: null,
}

/** A failed result. */
export const BAD: HandedIn = {
  ok: false,
  problem: { code: 'download-not-found', detail: '404 from http://example.com' },
  state: null,
  sample: null,
  result: null,
}

/** Settle all that is done. Gives the outcomes. */
export async function settleAllDone(sql: ISql): Promise<string[]> {
  const outcomes: string[] = []
  for (const item of await claim(sql, 'done', { worker: 'dequeuer', n: 1000 }))
    outcomes.push(await settleDone(sql, item))
  return outcomes
}

/** Claim the next run, hand in a result, and settle it. Gives the run's id. */
export async function runNext(sql: ISql, result: HandedIn = GOOD): Promise<number> {
  const claimed = await claimOne(sql)
  await handIn(sql, claimed, result)
  await settleAllDone(sql)
  return claimed.runId
}

/** The tasks that are ready, in the order they would be taken. */
export async function ready(sql: ISql): Promise<string[]> {
  const rows = await sql<{ task: string }[]>`
    select lane || ' ' || (data->>'name') as task
    from queue.items
    where q_name = 'tasks' and dequeued_at is null
    order by lane, order_at, id`
  return rows.map(({ task }) => task)
}

/** The same data source, to be worked on even where a result could be reused. */
export function rerun(listed: ExpandedSource): ExpandedSource {
  return 'task' in listed ? { ...listed, task: { ...listed.task, rerun: true } } : listed
}

/** Two runs are handed in, and two dequeuers settle them at the same time. Gives the outcomes. */
export async function settleTwoAtOnce(sql: Sql): Promise<string[]> {
  for (const claimed of [await claimOne(sql), await claimOne(sql)]) await handIn(sql, claimed, GOOD)
  const items = await claim<SettlingItem>(sql, 'done', { worker: 'dequeuer', n: 2 })
  return Promise.all(items.map((item) => settleDone(sql, item)))
}

/** A guarantee, and what shows it on an empty database. */
export type Sentence = readonly [sentence: string, check: (sql: Sql) => Promise<void>]
