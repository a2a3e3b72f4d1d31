/** The contract of what operators do: retry, cancel, redrive, drain; each is written down. */
import assert from 'node:assert/strict'
import { claimSay } from '../../shared/db/outbox.ts'
import {
  cancelJob,
  cancelRun,
  drainWorkers,
  readStatus,
  redrive,
  retryJob,
  retryRun,
} from '../../shared/db/operators.ts'
import { claim, fail, put } from '../../shared/db/queue.ts'
import { beat, claimRun, failRun, handIn } from '../../shared/db/runs.ts'
import type { ISql } from '../../shared/db/sql.ts'
import { announce } from '../../shared/db/workers.ts'
import { failEvent } from '../../shared/db/deliveries.ts'
import { accept, BAD, claimOne, GOOD, push, type Sentence, settleAllDone, sources, WORKER } from './world.ts'

const ANNA = { who: 'anna', why: 'the disk has room again' } as const

export const OPERATORS: readonly Sentence[] = [
  [
    'a job that is retried is a new one: what was good is reused, what failed waits for a worker',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      assert.deepEqual(await retryJob(sql, { jobId: 'j', newId: 'k', ...ANNA }), 'still-going')
      await handIn(sql, await claimOne(sql), GOOD)
      await handIn(sql, await claimOne(sql), BAD)
      await settleAllDone(sql)

      assert.deepEqual(await retryJob(sql, { jobId: 'j', newId: 'k', ...ANNA }), { jobId: 'k', sources: 2 })
      const again = await claimOne(sql)
      assert.deepEqual([again.task.job_id, again.task.name], ['k', 'sources/xx/2.json'])
      assert.equal(again.task.content_b64, 'e30=')
      await handIn(sql, again, GOOD)
      await settleAllDone(sql)

      const jobs = await sql`select id, status from jobs order by id`
      assert.deepEqual(
        jobs.map((job) => [job['id'], job['status']]),
        [
          ['j', false],
          ['k', true],
        ],
      )
      assert.deepEqual(await audited(sql), [['anna', 'retry', 'job j', ANNA.why]])
      assert.deepEqual(await retryJob(sql, { jobId: 'none', newId: 'l', ...ANNA }), 'not-found')
    },
  ],
  [
    'a good run that is retried is worked on again',
    async (sql) => {
      await push(sql, 'j', sources(1, 1))
      const first = await claimOne(sql)
      await handIn(sql, first, GOOD)
      await settleAllDone(sql)

      await retryRun(sql, { runId: first.runId, newId: 'k', ...ANNA })

      assert.equal((await claimOne(sql)).task.rerun, true)
    },
  ],
  [
    'a run that is cancelled has ended: its worker hears so at the next beat, and its job is judged',
    async (sql) => {
      await push(sql, 'j', sources(1, 1))
      const claimed = await claimOne(sql)

      assert.equal(await cancelRun(sql, { runId: claimed.runId, ...ANNA }), true)
      assert.equal(await cancelRun(sql, { runId: claimed.runId, ...ANNA }), false)

      assert.equal(await beat(sql, claimed, WORKER), false)
      assert.equal(await handIn(sql, claimed, GOOD), false)
      const [run] = await sql`select status, problem, problem_detail from runs`
      assert.deepEqual(
        { ...run },
        { status: false, problem: 'cancelled', problem_detail: `by anna: ${ANNA.why}` },
      )
      const [job] = await sql`select status, datetime_end is not null as ended from jobs`
      assert.deepEqual({ ...job }, { status: false, ended: true })
      assert.deepEqual(await audited(sql), [['anna', 'cancel', `run ${claimed.runId}`, ANNA.why]])
    },
  ],
  [
    'a job that is cancelled has ended with everything in it',
    async (sql) => {
      await push(sql, 'j', sources(1, 3))
      await claimOne(sql)

      assert.equal(await cancelJob(sql, { jobId: 'j', ...ANNA }), true)
      assert.equal(await cancelJob(sql, { jobId: 'j', ...ANNA }), false)

      const runs = await sql`select problem from runs where status = false`
      assert.deepEqual(
        runs.map((run) => run['problem']),
        ['cancelled', 'cancelled', 'cancelled'],
      )
      assert.equal(await claimRun(sql, WORKER), undefined)
      assert.notEqual(await claimSay(sql, 'reporter', 30), undefined)
    },
  ],
  [
    'a dead event that is redriven is looked into again, and its job is open again',
    async (sql) => {
      await accept(sql, 'j')
      await sql`update queue.items set max_failures = 1`
      const [event] = await claim(sql, 'events', { worker: 'expander' })
      await failEvent(sql, event!, { jobId: 'j', error: 'GitHub is away' })
      const status = await readStatus(sql)
      assert.deepEqual(
        status.dead.map(({ queue, error }) => [queue, error]),
        [['events', 'GitHub is away']],
      )

      assert.equal(await redrive(sql, { id: event!.id, newId: 'k', ...ANNA }), 'back')

      const [again] = await claim<{ job_id: string }>(sql, 'events', { worker: 'expander' })
      assert.deepEqual([again?.id, again?.attempt, again?.data.job_id], [event!.id, 2, 'j'])
      const [job] = await sql`select status, problem, datetime_end from jobs`
      assert.deepEqual({ ...job }, { status: null, problem: null, datetime_end: null })
      assert.equal((await readStatus(sql)).deadCount, 0)
      assert.deepEqual(await audited(sql), [['anna', 'redrive', `item ${event!.id}`, ANNA.why]])
    },
  ],
  [
    'a dead task that is redriven becomes a new job, because its run has ended',
    async (sql) => {
      await push(sql, 'j', sources(1, 1))
      await sql`update queue.items set max_failures = 1`
      const claimed = await claimOne(sql)
      await failRun(sql, claimed, { code: 'killed', detail: 'by SIGKILL' })
      await settleAllDone(sql)

      assert.equal(await redrive(sql, { id: claimed.taskId, newId: 'k', ...ANNA }), 'retried')

      assert.equal((await claimOne(sql)).task.job_id, 'k')
      assert.equal(await redrive(sql, { id: claimed.taskId, newId: 'l', ...ANNA }), 'no-such-item')
    },
  ],
  [
    'an item of a queue that is not ours goes back as it was',
    async (sql) => {
      await put(sql, 'a', { x: 1 }, { maxFailures: 1, lane: 3 })
      const [item] = await claim(sql, 'a', { worker: 'ann' })
      assert.equal(await fail(sql, item!, { error: 'no' }), 'dead')

      assert.equal(await redrive(sql, { id: item!.id, newId: 'k', ...ANNA }), 'back')

      const [again] = await claim(sql, 'a', { worker: 'ann' })
      assert.deepEqual([again?.id, again?.attempt, again?.lane, again?.data], [item!.id, 2, 3, { x: 1 }])
    },
  ],
  [
    'a worker that is drained gets no more tasks, and hears so when it next says that it is there',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      const ann = { worker: 'host/1/ann', loop: 'work', workerClass: 1, version: '1' } as const
      assert.equal(await announce(sql, ann), false)
      await announce(sql, { ...ann, worker: 'other/1/bob' })
      const claimed = await claimOne(sql, { worker: ann.worker })

      assert.deepEqual(await drainWorkers(sql, { about: 'host', ...ANNA }), [ann.worker])

      assert.equal(await announce(sql, ann), true)
      assert.equal(await claimRun(sql, { ...WORKER, worker: ann.worker }), undefined)
      assert.equal(await handIn(sql, claimed, GOOD), true)
      assert.notEqual(await claimRun(sql, { ...WORKER, worker: 'other/1/bob' }), undefined)
      assert.deepEqual(await audited(sql), [['anna', 'drain', `worker ${ann.worker}`, ANNA.why]])
      const status = await readStatus(sql)
      assert.deepEqual(
        status.workers.map(({ worker, state }) => [worker, state]),
        [
          [ann.worker, 'draining'],
          ['other/1/bob', 'working'],
        ],
      )
    },
  ],
]

async function audited(sql: ISql): Promise<unknown[][]> {
  const rows = await sql`select who, what, about, why from audit order by id`
  return Array.from(rows, (row) => [row['who'], row['what'], row['about'], row['why']])
}
