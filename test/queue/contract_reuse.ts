/** The contract of the queue, part four: a recent good result of the same thing is reused, without a worker. */
import assert from 'node:assert/strict'
import { claimRun } from '../../shared/db/runs.ts'
import type { ISql } from '../../shared/db/sql.ts'
import type { Task } from '../../shared/task.ts'
import {
  BAD,
  claimOne,
  GOOD,
  makeSet,
  push,
  runNext,
  type Sentence,
  source,
  sources,
  WORKER,
} from './world.ts'

/** A good run of data source 1 by code version 1. */
async function goodRun(sql: ISql): Promise<number> {
  await push(sql, 'before', [source(1)])
  return runNext(sql)
}

/** How runs of a job ended, and whose copy each is. */
async function runsOf(sql: ISql, job: string): Promise<unknown[]> {
  const rows = await sql`select status, copy_of, state, problem from runs where job_id = ${job} order by id`
  return rows.map((row) => ({ ...row }))
}

/** What is wanted of a push after a good run of source 1: that the work is done again. */
async function isWorkedOn(
  sql: ISql,
  listed: ReturnType<typeof source>,
  over: Partial<Record<keyof typeof WORKER, unknown>> = {},
): Promise<void> {
  await push(sql, 'j', [listed])
  const claimed = await claimOne(sql, over)
  assert.equal(claimed.task.job_id, 'j')
}

export const REUSE: readonly Sentence[] = [
  [
    'a good run of the same bytes, path, layer, name and code is reused: the job ends without a worker',
    async (sql) => {
      const good = await goodRun(sql)
      await push(sql, 'j', [source(1)])

      assert.equal(await claimRun(sql, WORKER), undefined)

      assert.deepEqual(await runsOf(sql, 'j'), [
        { status: true, copy_of: good, state: GOOD.state, problem: null },
      ])
      const [job] = await sql`select status, datetime_end is not null as ended from jobs where id = 'j'`
      assert.deepEqual({ ...job }, { status: true, ended: true })
      assert.equal((await sql`select from queue.items where q_name <> 'heartbeat'`).length, 0)
    },
  ],
  [
    'a copy is never copied: the original stands behind each',
    async (sql) => {
      const good = await goodRun(sql)
      for (const job of ['j', 'k']) {
        await push(sql, job, [source(1)])
        await claimRun(sql, WORKER)
        assert.deepEqual(await runsOf(sql, job), [
          { status: true, copy_of: good, state: GOOD.state, problem: null },
        ])
      }
    },
  ],
  [
    'what is reused of a data source that says to skip it says so too',
    async (sql) => {
      await push(sql, 'before', [source(1)])
      const good = await runNext(sql, { ...GOOD, problem: { code: 'skipped', detail: 'by its skip tag' } })
      await push(sql, 'j', [source(1)])
      await claimRun(sql, WORKER)

      assert.deepEqual(await runsOf(sql, 'j'), [
        { status: true, copy_of: good, state: GOOD.state, problem: 'skipped' },
      ])
    },
  ],
  [
    'reused ones are passed on the way to one that needs work',
    async (sql) => {
      await goodRun(sql)
      await push(sql, 'j', sources(1, 2))

      const claimed = await claimOne(sql)

      assert.equal(claimed.task.name, 'sources/xx/2.json')
      const states = await sql`select status from job_sources where job_id = 'j' order by position`
      assert.deepEqual(
        states.map((row) => row['status']),
        [true, null],
      )
    },
  ],
  [
    'a set reuses what a job has done, and ends',
    async (sql) => {
      const good = await goodRun(sql)
      const set = await makeSet(sql, [source(1)])
      await sql`select machine.drip(1)`

      assert.equal(await claimRun(sql, WORKER), undefined)

      const [copy] = await sql`select copy_of, is_merged from runs where set_id = ${set}`
      assert.deepEqual({ ...copy }, { copy_of: good, is_merged: true })
      const [ended] = await sql`select datetime_end is not null as ended from sets`
      assert.equal(ended?.['ended'], true)
    },
  ],
  [
    'a rerun is worked on',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, source(1, { rerun: true }))
    },
  ],
  [
    'a failed run is never reused',
    async (sql) => {
      await push(sql, 'before', [source(1)])
      await runNext(sql, BAD)
      await isWorkedOn(sql, source(1))
    },
  ],
  [
    'a run that was given up, or still goes, is not reused',
    async (sql) => {
      await push(sql, 'before', [source(1)])
      await claimOne(sql)
      await isWorkedOn(sql, source(1))
    },
  ],
  [
    'a good run by other code is not reused',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, source(1), { version: '2' })
    },
  ],
  [
    'a good run of other bytes is not reused',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, changed({ file_id: 'sha-other' }))
    },
  ],
  [
    'a good run at another path is not reused',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, changed({ name: 'sources/xx/other.json' }))
    },
  ],
  [
    'a good run of another layer is not reused',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, changed({ layer: 'parcels' }))
    },
  ],
  [
    'a good run of another name is not reused',
    async (sql) => {
      await goodRun(sql)
      await isWorkedOn(sql, changed({ layersource: 'county' }))
    },
  ],
  [
    'a good run that is too old is not reused',
    async (sql) => {
      const good = await goodRun(sql)
      await sql`update runs set datetime_tz = now() - interval '11 days' where id = ${good}`
      await isWorkedOn(sql, source(1))
    },
  ],
  [
    'a good run without a picture is not reused where one is wanted; one with a picture is',
    async (sql) => {
      const good = await goodRun(sql)
      await isWorkedOn(sql, changed({ render_preview: true }))
      await sql`update runs set state = state || '{"preview": "http://x.example/preview.png"}' where id = ${good}`
      await push(sql, 'k', [changed({ render_preview: true })])

      assert.equal(await claimRun(sql, WORKER), undefined)
      assert.deepEqual((await runsOf(sql, 'k')).length, 1)
    },
  ],
  [
    'a worker that finds the data unchanged hands in the result of the run that has it',
    async (sql) => {
      const good = await goodRun(sql)
      await push(sql, 'j', [source(2)])
      await runNext(sql, { ...GOOD, copy_of: good })

      assert.deepEqual(await runsOf(sql, 'j'), [
        { status: true, copy_of: good, state: GOOD.state, problem: null },
      ])
    },
  ],
  [
    'a copy of what is not there, or failed, or is a copy itself stands for itself',
    async (sql) => {
      await push(sql, 'before', [source(1)])
      const bad = await runNext(sql, BAD)
      await push(sql, 'j', [source(2)])
      const one = await runNext(sql, { ...GOOD, copy_of: bad })
      await push(sql, 'k', [source(3)])
      await runNext(sql, { ...GOOD, copy_of: 2_000_000_000 })
      await push(sql, 'l', [source(4)])
      const copy = await runNext(sql, { ...GOOD, copy_of: one })
      await push(sql, 'm', [source(5)])
      await runNext(sql, { ...GOOD, copy_of: copy })

      const rows = await sql`select copy_of from runs where job_id in ('j', 'k', 'l', 'm') order by id`
      assert.deepEqual(
        rows.map((row) => row['copy_of']),
        [null, null, one, null],
      )
    },
  ],
  [
    'workers that reuse runs of the same jobs at once do not lock each other out',
    async (sql) => {
      await push(sql, 'before', sources(1, 12))
      for (let n = 1; n <= 12; n += 1) await runNext(sql)
      for (const job of ['j', 'k', 'l']) await push(sql, job, sources(1, 12))

      const taken = await Promise.all([1, 2, 3, 4].map(() => claimRun(sql, WORKER)))

      assert.deepEqual(taken, [undefined, undefined, undefined, undefined])
      const jobs = await sql`select status from jobs where datetime_end is not null`
      assert.equal(jobs.length, 4)
    },
  ],
]

/** Data source 1, but for one thing. */
function changed(task: Partial<Task>) {
  const listed = source(1)
  if (!('task' in listed)) throw new Error('no task')
  const changed = { ...listed.task, ...task }
  return {
    source_path: changed.name,
    source_id: changed.file_id,
    layer: changed.layer,
    name: changed.layersource,
    task: changed,
  }
}
