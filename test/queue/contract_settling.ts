/** The contract of the queue, part five: a run has one result, the first one, for ever. */
import assert from 'node:assert/strict'
import { claim, type Item } from '../../shared/db/queue.ts'
import {
  beat,
  type Claimed,
  failSettling,
  handIn,
  type SettlingItem,
  settleDone,
  settleDue,
} from '../../shared/db/runs.ts'
import type { ISql, Sql } from '../../shared/db/sql.ts'
import { after, at, BAD, claimOne, GOOD, push, type Sentence, source, sweepNow, WORKER } from './world.ts'

/** When patience with a run that was claimed at noon is over. */
const OVERDUE = WORKER.timeoutSeconds + 300

/** A run since noon, of a job with one data source. */
async function running(sql: Sql): Promise<Claimed> {
  await push(sql, 'j', [source(1)])
  return at(sql, 0, (tx) => claimOne(tx))
}

async function take(sql: ISql, queue: 'done' | 'due'): Promise<Item<SettlingItem>> {
  const [item] = await claim<SettlingItem>(sql, queue, { worker: 'dequeuer' })
  if (item === undefined) throw new Error(`nothing in ${queue}`)
  return item
}

/** Status and problem of a run. */
async function outcome(sql: ISql, id: number): Promise<unknown[]> {
  const [row] = await sql`select status, problem from runs where id = ${id}`
  return [row?.['status'], row?.['problem']]
}

/** How many items each queue has, heartbeats aside. */
async function depths(sql: ISql): Promise<Record<string, number>> {
  const rows = await sql<{ q_name: string; n: number }[]>`
    select q_name, count(*)::int as n from queue.items where q_name <> 'heartbeat' group by 1 order by 1`
  return Object.fromEntries(rows.map(({ q_name, n }) => [q_name, n]))
}

export const SETTLING: readonly Sentence[] = [
  [
    'a good result settles the run, its place in the job, the job, and what GitHub is to hear',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, GOOD)

      assert.equal(await at(sql, 60, async (tx) => settleDone(tx, await take(tx, 'done'))), 'settled')

      const [run] = await sql`select status, problem, state, datetime_tz from runs`
      assert.deepEqual({ ...run }, { status: true, problem: null, state: GOOD.state, datetime_tz: after(60) })
      const [shown] = await sql`select run_id, status from job_sources`
      assert.deepEqual({ ...shown }, { run_id: claimed.runId, status: true })
      const [job] = await sql`select status, datetime_end from jobs`
      assert.deepEqual({ ...job }, { status: true, datetime_end: after(60) })
      const [outbox] = await sql`select version > said_version as open from outbox`
      assert.equal(outbox?.['open'], true)
      assert.deepEqual(await depths(sql), {})
    },
  ],
  [
    'done, then due: the result stays',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, GOOD)
      // In flight before the result came, or it would have been forgotten.
      const due = await at(sql, OVERDUE, (tx) => take(tx, 'due'))

      assert.equal(await settleDone(sql, await take(sql, 'done')), 'settled')
      assert.equal(await settleDue(sql, due), 'already')
      assert.deepEqual(await outcome(sql, claimed.runId), [true, null])
    },
  ],
  [
    'due, then a result that was handed in before: overdue stays',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, GOOD)

      assert.equal(await at(sql, OVERDUE, async (tx) => settleDue(tx, await take(tx, 'due'))), 'overdue')
      assert.equal(await settleDone(sql, await take(sql, 'done')), 'late')
      assert.deepEqual(await outcome(sql, claimed.runId), [false, 'timed-out'])
      assert.deepEqual(await depths(sql), {})
    },
  ],
  [
    'due, then a result that was put after due was handled: overdue stays, for ever',
    async (sql) => {
      const claimed = await running(sql)
      await at(sql, OVERDUE, async (tx) => settleDue(tx, await take(tx, 'due')))
      // No worker of ours can do this: its task is gone. An item put by other means must not win either.
      await at(
        sql,
        OVERDUE + 60,
        (tx) => tx`select machine.put_done(${claimed.runId}, ${claimed.taskId}, ${tx.json(GOOD as never)})`,
      )

      assert.equal(await at(sql, OVERDUE + 90, async (tx) => settleDone(tx, await take(tx, 'done'))), 'late')
      assert.deepEqual(await outcome(sql, claimed.runId), [false, 'timed-out'])
      const [job] = await sql`select status, datetime_end from jobs`
      assert.deepEqual({ ...job }, { status: false, datetime_end: after(OVERDUE) })
    },
  ],
  [
    'due says how long it waited, and ends the task: its worker hears so at the next beat',
    async (sql) => {
      const claimed = await running(sql)
      await at(sql, OVERDUE - 10, (tx) => beat(tx, claimed, WORKER))
      await at(sql, OVERDUE, async (tx) => settleDue(tx, await take(tx, 'due')))

      const [run] = await sql`select problem_detail from runs`
      assert.equal(run?.['problem_detail'], 'no result after 1 h 05 min')
      assert.equal(await beat(sql, claimed, WORKER), false)
      assert.equal(await handIn(sql, claimed, GOOD), false)
      assert.deepEqual(await depths(sql), {})
    },
  ],
  [
    'due of a run that was given up changes nothing, and the next attempt goes on',
    async (sql) => {
      const lost = await running(sql)
      await at(sql, 301, sweepNow)
      const own = await at(sql, 302, (tx) => claimOne(tx, { worker: 'bob', leaseSeconds: 9_000 }))

      assert.equal(await at(sql, OVERDUE, async (tx) => settleDue(tx, await take(tx, 'due'))), 'already')
      assert.deepEqual(await outcome(sql, lost.runId), [null, null])
      assert.equal(await handIn(sql, own, GOOD), true)
      assert.equal(await settleDone(sql, await take(sql, 'done')), 'settled')
    },
  ],
  [
    'a swept run whose time is over is not taken back: nobody would watch it any more',
    async (sql) => {
      const lost = await running(sql)
      await at(sql, 301, sweepNow)
      await at(sql, OVERDUE, async (tx) => settleDue(tx, await take(tx, 'due')))

      assert.equal(await at(sql, OVERDUE + 1, (tx) => beat(tx, lost, WORKER)), false)
      assert.equal((await at(sql, OVERDUE + 2, (tx) => claimOne(tx))).attempt, 2)
    },
  ],
  [
    'a run that was given up is never settled',
    async (sql) => {
      const lost = await running(sql)
      await at(sql, 301, sweepNow)

      const [row] = await sql`select machine.settle(${lost.runId}, ${sql.json(GOOD as never)}) as won`
      assert.equal(row?.['won'], false)
      assert.deepEqual(await outcome(sql, lost.runId), [null, null])
    },
  ],
  [
    'a task has one result at most: the table refuses a second',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, GOOD)
      await settleDone(sql, await take(sql, 'done'))

      await assert.rejects(
        async () => sql`
          insert into runs (source_path, source_id, layer, name, task_id, attempt, status, state)
          values ('x', 'x', 'x', 'x', ${claimed.taskId}, 2, true, '{}')`,
        /runs_one_result/,
      )
    },
  ],
  [
    'a result is settled by one dequeuer: another, who had it on loan before, is fenced',
    async (sql) => {
      const claimed = await running(sql)
      await at(sql, 0, (tx) => handIn(tx, claimed, GOOD))
      const stale = await at(sql, 0, (tx) => take(tx, 'done'))
      await at(sql, 301, sweepNow)
      const own = await at(sql, 302, (tx) => take(tx, 'done'))

      assert.equal(await settleDone(sql, stale), 'fenced')
      assert.equal(await settleDone(sql, own), 'settled')
    },
  ],
  [
    'a task that was lost for the last time becomes a failed run that says worker-lost',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      let last = 0
      for (const start of [0, 1_000]) {
        last = (await at(sql, start, (tx) => claimOne(tx))).runId
        await at(sql, start + 301, sweepNow)
      }

      assert.deepEqual(await outcome(sql, last), [null, null])
      assert.equal(await settleDone(sql, await take(sql, 'done')), 'settled')
      assert.deepEqual(await outcome(sql, last), [false, 'worker-lost'])
      assert.equal((await sql`select from queue.dead where q_name = 'tasks'`).length, 1)
      assert.equal((await sql`select from runs where abandoned_at is not null`).length, 1)
      const [job] = await sql`select status, datetime_end is not null as ended from jobs`
      assert.deepEqual({ ...job }, { status: false, ended: true })
    },
  ],
  [
    'a poisoned result costs itself: after ten failures its run fails, and says why',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, { ...GOOD, state: null })
      const outcomes: string[] = []
      for (let hour = 1; hour <= 10; hour += 1) {
        const item = await at(sql, hour * 3_600, (tx) => take(tx, 'done'))
        await assert.rejects(settleDone(sql, item), /violates check constraint/)
        outcomes.push(await at(sql, hour * 3_600, (tx) => failSettling(tx, item, claimed.runId, 'no state')))
      }

      assert.deepEqual(outcomes, [...Array(9).fill('retry'), 'dead'])
      assert.deepEqual(await outcome(sql, claimed.runId), [false, 'internal'])
      const [run] = await sql`select problem_detail from runs`
      assert.equal(run?.['problem_detail'], 'the result could not be recognised: no state')
    },
  ],
  [
    'a result whose dequeuers die at it, ten times, becomes a failed run, and the sweep goes on',
    async (sql) => {
      const claimed = await running(sql)
      await handIn(sql, claimed, { ...GOOD, state: null })
      for (let hour = 1; hour <= 10; hour += 1) {
        await at(sql, hour * 3_600, (tx) => take(tx, 'done'))
        await at(sql, hour * 3_600 + 301, sweepNow)
      }

      assert.equal(await settleDone(sql, await take(sql, 'done')), 'settled')
      assert.deepEqual(await outcome(sql, claimed.runId), [false, 'internal'])
    },
  ],
  [
    'a due item that nobody can deal with ends its run and its task, so that no second result can come',
    async (sql) => {
      const claimed = await running(sql)
      await sql`update queue.items set max_failures = 1 where q_name = 'due'`
      const due = await at(sql, OVERDUE, (tx) => take(tx, 'due'))

      assert.equal(await failSettling(sql, due, claimed.runId, 'broken'), 'dead')

      assert.deepEqual(await outcome(sql, claimed.runId), [false, 'internal'])
      assert.equal(await beat(sql, claimed, WORKER), false)
      assert.deepEqual(await depths(sql), {})
    },
  ],
  [
    'items that name no run, or nonsense, die alone, and the sweep goes on',
    async (sql) => {
      const nonsense = [null, 'x', [1], {}, { run_id: 'first' }, { run_id: 1e300 }, { run_id: 999_999_999 }]
      for (const data of nonsense)
        for (const queue of ['done', 'due'])
          await sql`select queue.put(${queue}, ${JSON.stringify(data)}::text::jsonb, _max_failures => 1)`
      for (const queue of ['done', 'due'])
        await at(sql, 0, (tx) => claim(tx, queue, { worker: 'dequeuer', n: 99 }))

      assert.equal(await at(sql, 301, sweepNow), 14)
      assert.deepEqual(await depths(sql), {})
      assert.equal((await sql`select from queue.dead`).length, 14)
    },
  ],
  [
    'progress of a run is gone when it is settled',
    async (sql) => {
      const claimed = await running(sql)
      await sql`select machine.tell_progress(${claimed.runId}, '{"stage": "conform"}')`
      await handIn(sql, claimed, BAD)
      await settleDone(sql, await take(sql, 'done'))

      assert.equal((await sql`select from run_progress`).length, 0)
    },
  ],
]
