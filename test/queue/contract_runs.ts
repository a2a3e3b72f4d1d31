/** The contract of the queue, part three: a claim reserves a run; a beat, a result, a return, a failure of ours. */
import assert from 'node:assert/strict'
import { claim, put } from '../../shared/db/queue.ts'
import {
  beat,
  type Claimed,
  claimRun,
  failRun,
  giveBack,
  handIn,
  tellProgress,
} from '../../shared/db/runs.ts'
import type { ISql, Sql } from '../../shared/db/sql.ts'
import {
  after,
  at,
  BAD,
  claimOne,
  GOOD,
  push,
  type Sentence,
  settleAllDone,
  source,
  sources,
  sweepNow,
  WORKER,
} from './world.ts'

/** Ann has a run since noon; its lease, of 300 seconds, is over. */
async function swept(sql: Sql): Promise<Claimed> {
  await push(sql, 'j', [source(1)])
  const claimed = await at(sql, 0, (tx) => claimOne(tx))
  await at(sql, 301, sweepNow)
  return claimed
}

const LOST = { code: 'internal', detail: 'out of memory' } as const

/** The queue, as names of queues and whether an item is in flight. */
async function queued(sql: ISql): Promise<string[]> {
  const rows = await sql<{ item: string }[]>`
    select q_name || case when dequeued_at is null then ' waits' else ' in flight' end as item
    from queue.items
    where q_name <> 'heartbeat'
    order by 1`
  return rows.map(({ item }) => item)
}

async function run(sql: ISql, id: number): Promise<Record<string, unknown>> {
  const [row] = await sql`
    select status, abandoned_at, abandoned_why, problem, problem_detail, attempt, worker_id, code_version
    from runs where id = ${id}`
  return { ...row }
}

export const RUNS: readonly Sentence[] = [
  [
    'claim_run reserves a run for this attempt, and has its time watched',
    async (sql) => {
      await push(sql, 'j', [source(1)])

      const claimed = await at(sql, 0, (tx) => claimOne(tx))

      assert.equal(claimed.task.name, 'sources/xx/1.json')
      assert.equal(claimed.task.job_id, 'j')
      const reserved = await run(sql, claimed.runId)
      assert.equal(reserved['status'], null)
      assert.deepEqual(
        [reserved['attempt'], reserved['worker_id'], reserved['code_version']],
        [1, 'ann', '1'],
      )
      const [due] = await sql`select data, schedule_at from queue.items where q_name = 'due'`
      assert.deepEqual(due?.['data'], { run_id: claimed.runId, task_id: Number(claimed.taskId) })
      assert.deepEqual(due?.['schedule_at'], after(3_600 + 300))
      const [shown] = await sql`select run_id, status from job_sources`
      assert.deepEqual({ ...shown }, { run_id: claimed.runId, status: null })
    },
  ],
  [
    'claim_run puts a heartbeat of the worker and its run',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      const { runId } = await claimOne(sql)

      const [ping] = await sql`select data from queue.items where q_name = 'heartbeat'`
      assert.deepEqual(ping?.['data'], { worker_id: 'ann', run_id: runId, version: '1' })
    },
  ],
  [
    'claim_run of an empty queue gives nothing and writes nothing',
    async (sql) => {
      assert.equal(await claimRun(sql, WORKER), undefined)
      assert.deepEqual(await queued(sql), [])
    },
  ],
  [
    'claim_run looks for lost leases itself when nobody has for a while, and only then',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      await at(sql, 0, (tx) => claimOne(tx, { leaseSeconds: 0 }))

      const seen: unknown[] = []
      for (const second of [1, 30, 31]) {
        await at(sql, second, (tx) => tx`select machine.sweep_if_nobody_does('0 seconds')`)
        seen.push((await sql`select at from queue.sweeps`)[0]?.['at'])
      }

      // The claim itself was the first to look.
      assert.deepEqual(seen, [after(0), after(0), after(31)])
      assert.deepEqual(await queued(sql), ['due waits', 'tasks waits'])
    },
  ],
  [
    'claim_run lets a task that cannot be taken fail by itself, and takes the next',
    async (sql) => {
      await put(sql, 'tasks', { name: 'not a task' }, { lane: 1, maxFailures: 1 })
      await put(sql, 'tasks', { ...taskOf(1), job_id: 'no such job' }, { lane: 1 })
      await push(sql, 'j', [source(1)])

      const claimed = await claimOne(sql)

      assert.equal(claimed.task.job_id, 'j')
      const [dead] = await sql`select last_error from queue.dead`
      assert.match(dead?.['last_error'], /null value in column/)
      const [waiting] = await sql`select last_error from queue.items where failures = 1`
      assert.match(waiting?.['last_error'], /violates foreign key/)
    },
  ],
  [
    'beat renews the lease and tells who lives, by the clock of the database',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      const claimed = await at(sql, 0, (tx) => claimOne(tx))

      assert.equal(await at(sql, 200, (tx) => beat(tx, claimed, WORKER)), true)

      const [task] = await sql`select lease_until from queue.items where q_name = 'tasks'`
      assert.deepEqual(task?.['lease_until'], after(500))
      const pings = await sql`select enqueued_at from queue.items where q_name = 'heartbeat' order by id`
      assert.deepEqual(
        pings.map((ping) => ping['enqueued_at']),
        [after(0), after(200)],
      )
    },
  ],
  [
    'a lost task waits for another worker, and its run does not count',
    async (sql) => {
      const claimed = await swept(sql)

      const lost = await run(sql, claimed.runId)
      assert.deepEqual(
        [lost['status'], lost['abandoned_at'], lost['abandoned_why']],
        [null, after(301), 'worker-lost: its lease ran out'],
      )
      const again = await at(sql, 302, (tx) => claimOne(tx, { worker: 'bob' }))
      assert.deepEqual(
        [again.taskId, again.attempt, again.runId === claimed.runId],
        [claimed.taskId, 2, false],
      )
      const [shown] = await sql`select run_id from job_sources`
      assert.equal(shown?.['run_id'], again.runId)
    },
  ],
  [
    'beat takes a lost run back while nobody else has its task, and it counts again',
    async (sql) => {
      const claimed = await swept(sql)

      assert.equal(await at(sql, 302, (tx) => beat(tx, claimed, WORKER)), true)

      assert.equal((await run(sql, claimed.runId))['abandoned_at'], null)
      assert.equal(await handIn(sql, claimed, GOOD), true)
      assert.deepEqual(await settleAllDone(sql), ['settled'])
    },
  ],
  [
    'who lost its run to another can neither beat, hand in, give back nor fail it',
    async (sql) => {
      const stale = await swept(sql)
      const own = await at(sql, 302, (tx) => claimOne(tx, { worker: 'bob' }))

      assert.equal(await beat(sql, stale, WORKER), false)
      assert.equal(await handIn(sql, stale, GOOD), false)
      assert.equal(await giveBack(sql, stale, 'told to go'), false)
      assert.equal(await failRun(sql, stale, LOST), 'fenced')

      assert.deepEqual(await queued(sql), ['due waits', 'due waits', 'tasks in flight'])
      assert.notEqual((await run(sql, stale.runId))['abandoned_at'], null)
      assert.equal(await handIn(sql, own, GOOD), true)
    },
  ],
  [
    'hand_in finishes the task and puts the result, once',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      const claimed = await claimOne(sql)

      assert.equal(await handIn(sql, claimed, GOOD), true)
      assert.equal(await handIn(sql, claimed, BAD), false)

      assert.deepEqual(await queued(sql), ['done waits', 'due waits'])
      const [done] = await claim<{ run_id: number; result: object }>(sql, 'done', { worker: 'dequeuer' })
      assert.equal(done?.data.run_id, claimed.runId)
      assert.deepEqual(done?.data.result, GOOD)
    },
  ],
  [
    'give_back makes the task ready at once, without a failure, and nobody watches the time of that run',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      const claimed = await claimOne(sql)

      assert.equal(await giveBack(sql, claimed, 'worker told to go'), true)

      assert.equal((await run(sql, claimed.runId))['abandoned_why'], 'worker told to go')
      assert.deepEqual(await queued(sql), ['tasks waits'])
      const again = await claimOne(sql)
      assert.equal(again.attempt, 2)
      const [task] = await sql`select failures from queue.items where q_name = 'tasks'`
      assert.equal(task?.['failures'], 0)
    },
  ],
  [
    'fail_run tries once more later, and after that the run is a failed one that says why',
    async (sql) => {
      await push(sql, 'j', [source(1)])
      const outcomes: string[] = []
      const seen: number[] = []
      for (const hour of [0, 2]) {
        const claimed = await at(sql, hour * 3_600, (tx) => claimOne(tx))
        outcomes.push(await at(sql, hour * 3_600, (tx) => failRun(tx, claimed, LOST)))
        seen.push(claimed.runId)
      }
      await settleAllDone(sql)

      assert.deepEqual(outcomes, ['retry', 'dead'])
      assert.equal((await run(sql, seen[0]!))['abandoned_why'], 'internal: out of memory')
      const last = await run(sql, seen[1]!)
      assert.deepEqual(
        [last['status'], last['problem'], last['problem_detail']],
        [false, 'internal', 'out of memory'],
      )
      assert.deepEqual(await queued(sql), [])
      assert.equal((await sql`select from queue.dead`).length, 1)
    },
  ],
  [
    'progress is told of a run that goes on, and of no other',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      const [going, over] = [await claimOne(sql), await claimOne(sql)]
      await tellProgress(sql, over.runId, { stage: 'download' })
      await handIn(sql, over, GOOD)
      await settleAllDone(sql)

      await tellProgress(sql, going.runId, { stage: 'conform', rows: 10 })
      await tellProgress(sql, going.runId, { stage: 'conform', rows: 20 })
      await tellProgress(sql, over.runId, { stage: 'outputs' })

      const told = await sql`select run_id, progress from run_progress`
      assert.deepEqual(
        told.map((row) => ({ ...row })),
        [{ run_id: going.runId, progress: { stage: 'conform', rows: 20 } }],
      )
    },
  ],
]

function taskOf(n: number): object {
  const listed = source(n)
  return 'task' in listed ? listed.task : {}
}
