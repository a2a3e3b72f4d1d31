/** The contract of the queue, part eight: what GitHub has yet to hear, and who was heard of. */
import assert from 'node:assert/strict'
import { takeHeartbeats } from '../../shared/db/heartbeats.ts'
import { claimSay, dropSay, markSaid, type Said, type Say, sayLater } from '../../shared/db/outbox.ts'
import { put } from '../../shared/db/queue.ts'
import type { ISql } from '../../shared/db/sql.ts'
import { accept, after, at, BAD, GOOD, plain, push, runNext, type Sentence, sources } from './world.ts'

const PENDING: Said = { state: 'pending', description: '1 of 2', target_url: 'http://x' }

async function toSay(sql: ISql, worker = 'ann'): Promise<Say> {
  const say = await claimSay(sql, worker, 60)
  if (say === undefined) throw new Error('nothing to say')
  return say
}

async function beatOf(sql: ISql, worker: string, run: number | null): Promise<void> {
  await sql`select machine.put_heartbeat(${worker}, ${run}, '1')`
}

export const OUTBOX: readonly Sentence[] = [
  [
    'many changes of a job are one word: the newest version',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await runNext(sql, BAD)
      await runNext(sql, GOOD)

      const say = await toSay(sql)
      assert.equal(await markSaid(sql, say, PENDING), true)

      assert.equal(await claimSay(sql, 'ann', 60), undefined)
      const [outbox] = await sql`select said, version = said_version as all_said, last_error from outbox`
      assert.deepEqual({ ...outbox }, { said: PENDING, all_said: true, last_error: null })
    },
  ],
  [
    'what changes while something is said is said next',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      const say = await toSay(sql)
      await runNext(sql)
      await markSaid(sql, say, PENDING)

      const next = await toSay(sql)
      assert.equal(next.version > say.version, true)
      assert.deepEqual(next.said, PENDING)
    },
  ],
  [
    'a job is on loan to one reporter, and after the lease to another; the first is then fenced',
    async (sql) => {
      await accept(sql, 'j')
      const first = await at(sql, 0, (tx) => toSay(tx, 'ann'))

      assert.equal(await at(sql, 59, (tx) => claimSay(tx, 'bob', 60)), undefined)
      const second = await at(sql, 60, (tx) => toSay(tx, 'bob'))
      assert.equal(await markSaid(sql, first, PENDING), false)
      assert.equal(await sayLater(sql, first, { seconds: 1, why: 'late', failed: true }), false)
      assert.equal(await dropSay(sql, first, { why: 'late', forEver: true }), false)
      assert.equal(await markSaid(sql, second, PENDING), true)
    },
  ],
  [
    'the job that has waited longest is said first',
    async (sql) => {
      await at(sql, 10, (tx) => accept(tx, 'younger'))
      await at(sql, 0, (tx) => accept(tx, 'older'))

      assert.deepEqual(
        [(await toSay(sql)).jobId, (await toSay(sql)).jobId, await claimSay(sql, 'ann', 60)],
        ['older', 'younger', undefined],
      )
    },
  ],
  [
    'a word that failed comes again later, and does not hold up another',
    async (sql) => {
      await at(sql, 0, (tx) => accept(tx, 'j'))
      const say = await at(sql, 1, (tx) => toSay(tx))
      await at(sql, 2, (tx) => sayLater(tx, say, { seconds: 30, why: 'GitHub is away', failed: true }))
      await at(sql, 3, (tx) => accept(tx, 'k'))

      assert.equal((await at(sql, 31, (tx) => toSay(tx))).jobId, 'k')
      const again = await at(sql, 32, (tx) => toSay(tx))
      assert.deepEqual([again.jobId, again.failures], ['j', 1])
    },
  ],
  [
    'a wait that GitHub asked for is no failure',
    async (sql) => {
      await at(sql, 0, (tx) => accept(tx, 'j'))
      const say = await at(sql, 1, (tx) => toSay(tx))
      await at(sql, 1, (tx) => sayLater(tx, say, { seconds: 60, why: 'rate limit', failed: false }))

      assert.equal(await at(sql, 60, (tx) => claimSay(tx, 'ann', 60)), undefined)
      assert.equal((await at(sql, 61, (tx) => toSay(tx))).failures, 0)
    },
  ],
  [
    'a version that GitHub refuses is dropped, and the next is said',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await dropSay(sql, await toSay(sql), { why: '422', forEver: false })
      assert.equal(await claimSay(sql, 'ann', 60), undefined)

      await runNext(sql)
      assert.equal((await toSay(sql)).jobId, 'j')
    },
  ],
  [
    'a job that GitHub refuses for ever is said no more',
    async (sql) => {
      await push(sql, 'j', sources(1, 2))
      await dropSay(sql, await toSay(sql), { why: '404', forEver: true })
      await runNext(sql)

      assert.equal(await claimSay(sql, 'ann', 60), undefined)
    },
  ],
  [
    'heartbeats are taken by their own time: a dead worker does not look alive after an outage',
    async (sql) => {
      await at(sql, 0, (tx) => beatOf(tx, 'ann', 7))
      await at(sql, 60, (tx) => beatOf(tx, 'ann', 8))
      await at(sql, 30, (tx) => beatOf(tx, 'bob', null))

      assert.equal(await at(sql, 90_000, (tx) => takeHeartbeats(tx)), 3)

      assert.deepEqual(
        plain(await sql`select worker_id, datetime, run_id, version from heartbeats order by worker_id`),
        [
          { worker_id: 'ann', datetime: after(60), run_id: 8, version: '1' },
          { worker_id: 'bob', datetime: after(30), run_id: null, version: '1' },
        ],
      )
      assert.equal(await takeHeartbeats(sql), 0)
    },
  ],
  [
    'an old heartbeat that comes late does not turn the clock back',
    async (sql) => {
      await at(sql, 60, (tx) => beatOf(tx, 'ann', 8))
      await takeHeartbeats(sql)
      await at(sql, 0, (tx) => beatOf(tx, 'ann', 7))
      await takeHeartbeats(sql)

      assert.deepEqual(plain(await sql`select datetime, run_id from heartbeats`), [
        { datetime: after(60), run_id: 8 },
      ])
    },
  ],
  [
    'a heartbeat that makes no sense does not stop the others',
    async (sql) => {
      await put(sql, 'heartbeat', { hello: 'world' })
      await put(sql, 'heartbeat', { worker_id: 'eve', run_id: 'x' })
      await put(sql, 'heartbeat', { worker_id: 'kim', run_id: 1e300 })
      await beatOf(sql, 'ann', 7)

      assert.equal(await takeHeartbeats(sql), 4)
      assert.deepEqual(plain(await sql`select worker_id, run_id from heartbeats order by 1`), [
        { worker_id: 'ann', run_id: 7 },
        { worker_id: 'eve', run_id: null },
        { worker_id: 'kim', run_id: null },
      ])
    },
  ],
]
