/** The contract of who gets a task: another than who failed at it, a bigger one where room ran out, nobody for ever never. */
import assert from 'node:assert/strict'
import { claimRun, failRun, grantTime } from '../../shared/db/runs.ts'
import type { ISql } from '../../shared/db/sql.ts'
import { announce } from '../../shared/db/workers.ts'
import { after, at, claimOne, push, type Sentence, settleAllDone, sources, WORKER } from './world.ts'

const OOM = { code: 'out-of-memory', detail: 'it took 900 MB', retry: 'bigger-worker' } as const
const KILLED = { code: 'killed', detail: 'by SIGKILL', retry: 'another-worker' } as const

const ANN = { worker: 'ann', loop: 'work', workerClass: 1, version: '1' } as const
const BOB = { ...ANN, worker: 'bob' } as const
const BIG = { ...ANN, worker: 'big', workerClass: 2 } as const

export const WORKERS: readonly Sentence[] = [
  [
    'who failed at a task leaves it to another that is there, for ten minutes',
    async (sql) => {
      await at(sql, 0, (tx) => announce(tx, BOB))
      await at(sql, 0, async (tx) => {
        await push(tx, 'j', sources(1, 1))
        await failRun(tx, await claimOne(tx), KILLED)
      })

      assert.equal(await at(sql, 60, (tx) => claimRun(tx, WORKER)), undefined)
      const [row] = await sql`select schedule_at from queue.items where q_name = 'tasks'`
      assert.ok((row?.['schedule_at'] as Date) < after(60))
      assert.notEqual(await at(sql, 700, (tx) => claimRun(tx, WORKER)), undefined)
    },
  ],
  [
    'the other one gets it at once',
    async (sql) => {
      await at(sql, 0, (tx) => announce(tx, BOB))
      await at(sql, 0, async (tx) => {
        await push(tx, 'j', sources(1, 1))
        await failRun(tx, await claimOne(tx), KILLED)
      })

      assert.equal((await at(sql, 60, (tx) => claimOne(tx, { worker: 'bob' }))).attempt, 2)
    },
  ],
  [
    'who is alone takes again what it failed at',
    async (sql) => {
      await at(sql, 0, async (tx) => {
        await announce(tx, ANN)
        await push(tx, 'j', sources(1, 1))
        await failRun(tx, await claimOne(tx), KILLED)
      })

      assert.equal((await at(sql, 60, (tx) => claimOne(tx))).attempt, 2)
    },
  ],
  [
    'what ran out of memory goes at once to a bigger worker, and to no smaller one',
    async (sql) => {
      await announceAll(sql)
      await push(sql, 'j', sources(1, 1))
      assert.equal(await failRun(sql, await claimOne(sql), OOM), 'retry')

      assert.equal(await claimRun(sql, { ...WORKER, worker: 'bob' }), undefined)
      const claimed = await claimOne(sql, { worker: 'big', workerClass: 2 })
      assert.equal(claimed.attempt, 2)

      // There is none above it: once more, then the run has failed.
      assert.equal(await failRun(sql, claimed, OOM), 'retry')
      const [item] = await sql`select class from queue.items where q_name = 'tasks'`
      assert.equal(item?.['class'], 2)
    },
  ],
  [
    'where no bigger worker is known, what ran out of memory has one more try, then its run has failed',
    async (sql) => {
      await push(sql, 'j', sources(1, 1))
      assert.equal(await at(sql, 0, async (tx) => failRun(tx, await claimOne(tx), OOM)), 'retry')
      assert.equal(await at(sql, 60, async (tx) => failRun(tx, await claimOne(tx), OOM)), 'dead')
      await settleAllDone(sql)

      const [run] = await sql`select problem, problem_detail from runs where status = false`
      assert.deepEqual({ ...run }, { problem: 'out-of-memory', problem_detail: 'it took 900 MB' })
    },
  ],
  [
    'a task for a bigger worker than any that comes within an hour does not wait for ever',
    async (sql) => {
      await at(sql, 0, async (tx) => {
        await announce(tx, BIG)
        await push(tx, 'j', sources(1, 1))
        await failRun(tx, await claimOne(tx), OOM)
      })

      await at(sql, 3_500, (tx) => tx`select machine.end_oversized()`)
      assert.equal((await sql`select from queue.items where q_name = 'tasks'`).length, 1)
      await at(sql, 3_700, (tx) => tx`select machine.end_oversized()`)
      await settleAllDone(sql)

      const [job] = await sql`select status, datetime_end is not null as ended from jobs`
      assert.deepEqual({ ...job }, { status: false, ended: true })
      const [run] = await sql`select problem, problem_detail from runs where status = false`
      assert.deepEqual(
        { ...run },
        {
          problem: 'out-of-memory',
          problem_detail: 'it took 900 MB; no worker of class 2 came within an hour',
        },
      )
    },
  ],
  [
    'a task that nobody can take ends its data source, and says why',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await sql`
        update queue.items set data = data || '{"content_b64": "%%%"}', max_failures = 1
        where data->>'name' = 'sources/xx/1.json'`

      assert.equal((await claimOne(sql)).task.name, 'sources/xx/2.json')
      await settleAllDone(sql)

      const [run] = await sql`select source_path, problem, problem_detail from runs where status = false`
      assert.deepEqual([run?.['source_path'], run?.['problem']], ['sources/xx/1.json', 'internal'])
      assert.match(String(run?.['problem_detail']), /^the task could not be taken: invalid symbol/)
      const [job] = await sql`select status from jobs`
      assert.equal(job?.['status'], false)
    },
  ],
  [
    'after an outage no lease is believed lost for one lease, and what is due waits as long',
    async (sql) => {
      await at(sql, 0, (tx) => tx`select machine.sweep('300 seconds')`)
      await at(sql, 0, async (tx) => {
        await push(tx, 'j', sources(1, 1))
        await claimOne(tx, { timeoutSeconds: 1 })
      })

      // Ten minutes in which nobody could look, as when a stand-by takes over: that server has been up for long.
      for (const [second, lost] of [
        [900, 0],
        [1_000, 0],
        [1_100, 0],
        [1_190, 0],
        [1_201, 1],
      ] as const) {
        const [row] = await at(sql, second, async (tx) => {
          await tx`select set_config('queue.uptime', '1 day', true)`
          return tx`select machine.sweep('300 seconds') as lost`
        })
        assert.equal(row?.['lost'], lost, `at ${second}`)
      }
      const [due] = await sql`select schedule_at from queue.items where q_name = 'due'`
      assert.deepEqual(due?.['schedule_at'], after(1_200))
    },
  ],
  [
    'a source that asks for more time gets it, while the lease holds',
    async (sql) => {
      await push(sql, 'j', sources(1, 1))
      const claimed = await at(sql, 0, (tx) => claimOne(tx))

      assert.equal(await grantTime(sql, claimed, 36_000), true)
      const [due] = await sql`select schedule_at from queue.items where q_name = 'due'`
      assert.deepEqual(due?.['schedule_at'], after(36_300))

      await sql`update queue.items set attempt = attempt + 1 where q_name = 'tasks'`
      assert.equal(await grantTime(sql, claimed, 72_000), false)
    },
  ],
]

async function announceAll(sql: ISql): Promise<void> {
  for (const one of [ANN, BOB, BIG]) await announce(sql, one)
}
