/** The contract of the queue, part six: deliveries, jobs and their verdict. */
import assert from 'node:assert/strict'
import { failEvent } from '../../shared/db/deliveries.ts'
import { type ExpandedSource, expandJob } from '../../shared/db/jobs.ts'
import { claim } from '../../shared/db/queue.ts'
import { handIn } from '../../shared/db/runs.ts'
import type { ISql } from '../../shared/db/sql.ts'
import {
  accept,
  after,
  at,
  BAD,
  claimOne,
  GOOD,
  plain,
  push,
  ready,
  rerun,
  runNext,
  type Sentence,
  settleAllDone,
  settleTwoAtOnce,
  source,
  sources,
  sweepNow,
} from './world.ts'

/** A file that is no source: a verdict, not a task. */
const NO_SOURCE: ExpandedSource = {
  source_path: 'sources/xx/bad.json',
  source_id: 'sha-bad',
  layer: '',
  name: '',
  problem: 'source-invalid',
  detail: 'not JSON',
}

/** Verdict of a job, and whether it has ended. */
async function verdict(sql: ISql, job = 'j'): Promise<unknown> {
  const [row] = await sql`select status, datetime_end is not null as ended from jobs where id = ${job}`
  return { ...row }
}

export const JOBS: readonly Sentence[] = [
  [
    'a delivery stores its job, an event to look into, and a word to GitHub',
    async (sql) => {
      assert.equal(await accept(sql, 'j'), true)

      const [delivery] = await sql`select id, event, payload, job_id, ignored from deliveries`
      assert.deepEqual(
        { ...delivery },
        {
          id: 'delivery-of-j',
          event: 'push',
          payload: { ref: 'refs/heads/main' },
          job_id: 'j',
          ignored: null,
        },
      )
      const [event] = await claim(sql, 'events', { worker: 'expander' })
      assert.deepEqual(event?.data, { delivery_id: 'delivery-of-j', job_id: 'j' })
      assert.deepEqual(await verdict(sql), { status: null, ended: false })
      assert.equal((await sql`select from outbox where version > said_version`).length, 1)
    },
  ],
  [
    'the same delivery again gives the first job and changes nothing',
    async (sql) => {
      await accept(sql, 'first', 'd')

      const [again] = await sql`
        select job_id, created from machine.accept_delivery('d', 'push', null, '{}',
          '{"id": "second", "event": "push", "owner": "o", "repository": "r", "commit_sha": "c"}', null)`

      assert.deepEqual({ ...again }, { job_id: 'first', created: false })
      assert.deepEqual(plain(await sql`select id from jobs`), [{ id: 'first' }])
      assert.equal((await sql`select from queue.items`).length, 1)
      assert.deepEqual(plain(await sql`select version from outbox`), [{ version: 1 }])
    },
  ],
  [
    'the same delivery by many at once makes one job',
    async (sql) => {
      const created = await Promise.all(['j', 'k', 'l', 'm'].map((job) => accept(sql, job, 'd')))

      assert.equal(created.filter(Boolean).length, 1)
      assert.equal((await sql`select from jobs`).length, 1)
      assert.equal((await sql`select from queue.items where q_name = 'events'`).length, 1)
    },
  ],
  [
    'a delivery that is ignored is stored with the reason, and nothing follows',
    async (sql) => {
      const [row] = await sql`
        select job_id, created from machine.accept_delivery('d', 'ping', null, '{}', null, 'ping makes no job')`

      assert.deepEqual({ ...row }, { job_id: null, created: true })
      assert.deepEqual(plain(await sql`select ignored from deliveries`), [{ ignored: 'ping makes no job' }])
      assert.equal((await sql`select from queue.items`).length, 0)
    },
  ],
  [
    'expand_job puts one task for each data source, a second apart, in the lane of pull requests',
    async (sql) => {
      await at(sql, 0, (tx) => push(tx, 'j', sources(1, 3)))

      assert.deepEqual(
        plain(
          await sql`
            select lane, data->>'name' as name, data->>'job_id' as job, expected_at
            from queue.items where q_name = 'tasks' order by id`,
        ),
        [
          { lane: 1, name: 'sources/xx/1.json', job: 'j', expected_at: after(0) },
          { lane: 1, name: 'sources/xx/2.json', job: 'j', expected_at: after(1) },
          { lane: 1, name: 'sources/xx/3.json', job: 'j', expected_at: after(2) },
        ],
      )
      const listed = await sql`select position, source_path, status from job_sources order by position`
      assert.deepEqual(
        listed.map((row) => [row['position'], row['source_path'], row['status']]),
        [
          [0, 'sources/xx/1.json', null],
          [1, 'sources/xx/2.json', null],
          [2, 'sources/xx/3.json', null],
        ],
      )
    },
  ],
  [
    'a small push gets in after the first file of a large one',
    async (sql) => {
      await at(sql, 0, (tx) => push(tx, 'large', sources(1, 4)))
      await at(sql, 0.5, (tx) => push(tx, 'small', [source(9)]))

      assert.deepEqual((await ready(sql)).slice(0, 3), [
        '1 sources/xx/1.json',
        '1 sources/xx/9.json',
        '1 sources/xx/2.json',
      ])
    },
  ],
  [
    'expand_job by who lost the event writes nothing',
    async (sql) => {
      await accept(sql, 'j')
      const [stale] = await at(sql, 0, (tx) => claim(tx, 'events', { worker: 'ann', leaseSeconds: 60 }))
      await at(sql, 61, sweepNow)
      const [own] = await at(sql, 62, (tx) => claim(tx, 'events', { worker: 'bob', leaseSeconds: 60 }))
      const expanded = { id: 'j', sources: [source(1)], isMerged: false }

      assert.equal(await expandJob(sql, stale!, expanded), false)
      assert.equal((await sql`select from job_sources`).length, 0)
      assert.equal(await expandJob(sql, own!, expanded), true)
      assert.deepEqual(await ready(sql), ['1 sources/xx/1.json'])
    },
  ],
  [
    'a job without data sources ends at once, and well',
    async (sql) => {
      await push(sql, 'j', [])

      assert.deepEqual(await verdict(sql), { status: true, ended: true })
    },
  ],
  [
    'a file that is no source is a verdict at once, and the others still run',
    async (sql) => {
      await push(sql, 'j', [source(1), NO_SOURCE])

      assert.deepEqual(await verdict(sql), { status: false, ended: false })
      assert.deepEqual(plain(await sql`select problem, problem_detail from runs`), [
        { problem: 'source-invalid', problem_detail: 'not JSON' },
      ])
      await runNext(sql)
      assert.deepEqual(await verdict(sql), { status: false, ended: true })
    },
  ],
  [
    'a job is bad with its first failure, and ends when all its data sources have settled',
    async (sql) => {
      await push(sql, 'j', sources(1, 3))
      const seen: unknown[] = []
      for (const result of [GOOD, BAD, GOOD]) {
        await runNext(sql, result)
        seen.push(await verdict(sql))
      }

      assert.deepEqual(seen, [
        { status: null, ended: false },
        { status: false, ended: false },
        { status: false, ended: true },
      ])
    },
  ],
  [
    'a job is good when all its data sources are, and not before',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await runNext(sql)
      assert.deepEqual(await verdict(sql), { status: null, ended: false })
      await runNext(sql)
      assert.deepEqual(await verdict(sql), { status: true, ended: true })
    },
  ],
  [
    'a job whose last two data sources settle at once ends',
    async (sql) => {
      for (const job of ['j', 'k', 'l', 'm']) {
        await push(
          sql,
          job,
          sources(1, 2).map((listed) => rerun(listed)),
        )
        assert.deepEqual(await settleTwoAtOnce(sql), ['settled', 'settled'])
        assert.deepEqual(await verdict(sql, job), { status: true, ended: true })
      }
    },
  ],
  [
    'while a run of a job settles, another task of it can be claimed',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await handIn(sql, await claimOne(sql), GOOD)

      await sql.begin(async (settling) => {
        assert.deepEqual(await settleAllDone(settling), ['settled'])
        const claimed = await sql.begin(async (claiming) => {
          await claiming`set local lock_timeout = '500ms'`
          return claimOne(claiming)
        })
        assert.equal(claimed.task.name, 'sources/xx/2.json')
      })
    },
  ],
  [
    'an event that cannot be looked into ends its job after the last try, and says why',
    async (sql) => {
      await accept(sql, 'j')
      await sql`update queue.items set max_failures = 2`
      for (const outcome of ['retry', 'dead']) {
        const [event] = await claim(sql, 'events', { worker: 'expander' })
        const failure = { jobId: 'j', error: 'GitHub is away', retryInSeconds: 0 }
        assert.equal(await failEvent(sql, event!, failure), outcome)
      }

      const [job] =
        await sql`select status, problem, problem_detail, datetime_end is not null as ended from jobs`
      assert.deepEqual(
        { ...job },
        { status: false, problem: 'internal', problem_detail: 'GitHub is away', ended: true },
      )
    },
  ],
]
