import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readJob } from '../shared/db/jobs.ts'
import { put } from '../shared/db/queue.ts'
import { type Claimed, claimRun, handIn } from '../shared/db/runs.ts'
import { wakeOn } from '../shared/db/wake.ts'
import { makeJob, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { dequeue } from './dequeue.ts'
import type { Metric } from './io/cloudwatch.ts'

setDefaultTimeout(30_000)

const TERMS = {
  worker: 'test',
  version: '1',
  leaseSeconds: 60,
  timeoutSeconds: 600,
  laneMax: 9,
  reuseDays: 0,
}

const GOOD = { ok: true, problem: null, state: { source: 'x' } as never, sample: null, result: null }

let db: TestDatabase
let loop: Promise<void>
const told = new AbortController()
const log: string[] = []
const sent: (readonly Metric[])[] = []

beforeAll(async () => {
  db = await testDatabase()
  loop = dequeue(
    {
      sql: db.sql,
      metrics: { send: async (metrics) => void sent.push(metrics) },
      worker: 'dequeuer',
      // Also how long nothing is swept after a start of Postgres.
      leaseSeconds: 2,
      sweepSeconds: 0.5,
      dripTarget: 1,
      log: (line) => void log.push(line),
      wait: wakeOn(db.sql, ['done', 'due']),
    },
    told.signal,
  )
})

afterAll(async () => {
  told.abort()
  await loop
  await db.drop()
})

async function taken(jobId: string): Promise<Claimed> {
  const claimed = await claimRun(db.sql, TERMS)
  if (claimed?.task.job_id !== jobId) throw new Error('another task was taken')
  return claimed
}

function runOf(runId: number) {
  return until(`run ${runId} to settle`, 10_000, async () => {
    const [row] = await db.sql`select status, problem, problem_detail from runs where id = ${runId}`
    return row?.['status'] !== null && row
  })
}

describe('dequeue', () => {
  test('recognises a result as soon as it is there, and ends its job', async () => {
    const id = await makeJob(db.sql, { 'sources/a.json': 'a' })
    const claimed = await taken(id)

    await handIn(db.sql, claimed, GOOD)

    expect(await runOf(claimed.runId)).toEqual({ status: true, problem: null, problem_detail: null })
    expect(await readJob(db.sql, id)).toMatchObject({ status: true, endedAt: expect.any(Date) })
  })

  test('fails a run that is overdue, and hears no more of it', async () => {
    const id = await makeJob(db.sql, { 'sources/a.json': 'a' })
    const claimed = await taken(id)

    await db.sql`update queue.items set schedule_at = clock_timestamp() where q_name = 'due'`

    expect(await runOf(claimed.runId)).toMatchObject({ status: false, problem: 'timed-out' })
    expect(await handIn(db.sql, claimed, GOOD)).toBe(false)
    expect(await readJob(db.sql, id)).toMatchObject({ status: false, endedAt: expect.any(Date) })
  })

  test('gives a task whose worker is gone to the next one', async () => {
    const id = await makeJob(db.sql, { 'sources/a.json': 'a' })
    const lost = await taken(id)

    await db.sql`update queue.items set lease_until = clock_timestamp() - interval '1 second' where id = ${lost.taskId}`
    const next = await until('the task again', 40_000, () => claimRun(db.sql, TERMS))

    expect(next).toMatchObject({ taskId: lost.taskId, attempt: 2 })
    const [row] = await db.sql`select abandoned_why from runs where id = ${lost.runId}`
    expect(row).toEqual({ abandoned_why: 'worker-lost: its lease ran out' })
    await handIn(db.sql, next, GOOD)
    expect(await runOf(next.runId)).toMatchObject({ status: true })
  })

  test('sends the five numbers, and takes the heartbeats', async () => {
    expect(sent[0]?.map(({ name }) => name).toSorted()).toEqual([
      'active workers',
      'done queue',
      'due queue',
      'expected results',
      'tasks queue',
    ])
    const [beat] = await until('a heartbeat', 5_000, async () => {
      const beats = await db.sql`select worker_id, version from heartbeats`
      return beats.length > 0 && beats
    })
    expect(beat).toEqual({ worker_id: 'test', version: '1' })
  })
})

describe('a poisoned item', () => {
  const poisons: [what: string, data: unknown][] = [
    ['a text', 'x'],
    ['a list', [1]],
    ['no run', { result: { ok: true } }],
    ['a run that is not there', { run_id: 999_999, task_id: '1', result: {} }],
    ['a run with a name', { run_id: 'first', result: { ok: true } }],
    ['a run beyond all numbers', { run_id: 1e300, result: { ok: true } }],
  ]

  test('costs itself and nothing else, in both queues, and lies with the dead in the end', async () => {
    for (const queue of ['done', 'due']) for (const [, data] of poisons) await put(db.sql, queue, data)
    await db.sql`select queue.put('done', 'null'), queue.put('due', 'null')`
    const id = await makeJob(db.sql, { 'sources/a.json': 'a' })
    const claimed = await taken(id)

    await handIn(db.sql, claimed, GOOD)

    expect(await runOf(claimed.runId)).toMatchObject({ status: true })
    const left = await until('each to be tried', 10_000, async () => {
      const rows =
        await db.sql`select q_name, data, failures from queue.items where q_name in ('done', 'due') and group_key is null`
      return rows.every(({ failures }) => failures > 0) && rows
    })
    // With the null, and without the one that names no run: it says nothing of any, and is done with.
    expect(left.filter(({ q_name }) => q_name === 'done')).toHaveLength(poisons.length)
    await db.sql`update queue.items set failures = 2, schedule_at = null where q_name in ('done', 'due') and group_key is null`
    await until('the last of them', 10_000, async () => {
      const [row] =
        await db.sql`select count(*)::int from queue.items where q_name in ('done', 'due') and group_key is null`
      return row?.['count'] === 0
    })
    const [dead] = await db.sql`select count(*)::int from queue.dead where q_name = 'done'`
    expect(dead).toEqual({ count: poisons.length })
    expect(log.filter((line) => line.startsWith('failed, going on'))).toEqual([])
  })

  test('whose dequeuers are lost does not stop the sweep', async () => {
    for (const [, data] of poisons) await put(db.sql, 'done', data, { maxFailures: 1, at: new Date(2099, 0) })

    await db.sql`
      update queue.items set dequeued_at = now(), lease_until = '2026-01-01', schedule_at = null, worker_id = 'gone'
      where q_name = 'done'`

    await until('the sweep of all', 10_000, async () => {
      const [row] = await db.sql`select count(*)::int from queue.items where q_name = 'done'`
      return row?.['count'] === 0
    })
    expect(log.filter((line) => line.startsWith('failed, going on'))).toEqual([])
  })

  test('of a real run fails that run after the last time, and says why', async () => {
    const id = await makeJob(db.sql, { 'sources/a.json': 'a' })
    const { taskId, attempt, runId } = await taken(id)

    await db.sql`select queue.finish(${taskId}, ${attempt})`
    await put(
      db.sql,
      'done',
      { run_id: runId, task_id: taskId, result: { ok: 'perhaps' } },
      { maxFailures: 1 },
    )

    expect(await runOf(runId)).toEqual({
      status: false,
      problem: 'internal',
      problem_detail: expect.stringContaining('the result could not be recognised'),
    })
    expect(await readJob(db.sql, id)).toMatchObject({ status: false, endedAt: expect.any(Date) })
  })
})
