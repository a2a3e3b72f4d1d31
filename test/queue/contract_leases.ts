/** The contract of the queue, part two: a claim is a loan, and who lost it can change nothing. */
import assert from 'node:assert/strict'
import { claim, extend, fail, finish, type Item, put, release } from '../../shared/db/queue.ts'
import type { ISql, Sql } from '../../shared/db/sql.ts'
import { after, at, type Sentence, sweepNow } from './world.ts'

/** A minute. */
const LEASE = { worker: 'ann', leaseSeconds: 60 }

/** Taken at noon by ann, lost a minute later, found out at 12:01:01, and by then with bob. */
async function taken(sql: Sql): Promise<{ readonly stale: Item<unknown>; readonly own: Item<unknown> }> {
  await put(sql, 'a', 'x')
  const [stale] = await at(sql, 0, (tx) => claim(tx, 'a', LEASE))
  await at(sql, 61, sweepNow)
  const [own] = await at(sql, 62, (tx) => claim(tx, 'a', { ...LEASE, worker: 'bob' }))
  return { stale: stale!, own: own! }
}

/** Taken at noon by ann. */
async function lent(sql: Sql): Promise<Item<unknown>> {
  await put(sql, 'a', 'x')
  const [item] = await at(sql, 0, (tx) => claim(tx, 'a', LEASE))
  return item!
}

/** The whole of the queue, to see that nothing was changed. */
async function everything(sql: ISql): Promise<string> {
  const rows = await sql`select to_jsonb(i)::text as item from queue.items i order by id`
  const dead = await sql`select to_jsonb(d)::text as item from queue.dead d order by id`
  return JSON.stringify([...rows, ...dead])
}

export const LEASES: readonly Sentence[] = [
  [
    'who lost the lease to another can neither finish, extend, fail nor release, and changes nothing',
    async (sql) => {
      const { stale } = await taken(sql)
      const before = await everything(sql)

      assert.equal(await finish(sql, stale), false)
      assert.deepEqual(await extend(sql, [stale], 60), new Set())
      assert.equal(await fail(sql, stale, { error: 'late' }), 'fenced')
      assert.equal(await release(sql, stale), false)
      assert.equal(await everything(sql), before)
    },
  ],
  [
    'who has the lease now is not disturbed by who had it',
    async (sql) => {
      const { stale, own } = await taken(sql)
      await finish(sql, stale)

      assert.equal(own.attempt, 2)
      assert.equal(await finish(sql, own), true)
    },
  ],
  [
    'finish removes the item, once',
    async (sql) => {
      const item = await lent(sql)

      assert.equal(await finish(sql, item), true)
      assert.equal(await finish(sql, item), false)
      assert.equal(await everything(sql), '[]')
    },
  ],
  [
    'finish after the lease is over, but before anyone has noticed, is in time',
    async (sql) => {
      const item = await lent(sql)

      assert.equal(await at(sql, 600, (tx) => finish(tx, item)), true)
    },
  ],
  [
    'finish of an item that was swept is refused, though nobody has it',
    async (sql) => {
      const item = await lent(sql)
      await at(sql, 61, sweepNow)

      assert.equal(await finish(sql, item), false)
    },
  ],
  [
    'extend renews what is ours and leaves out what is not',
    async (sql) => {
      const { stale } = await taken(sql)
      const mine = await lent(sql)

      const kept = await at(sql, 50, (tx) => extend(tx, [mine, stale], 60))

      assert.deepEqual(kept, new Set([mine.id]))
      const [row] = await sql`select lease_until from queue.items where id = ${mine.id}`
      assert.deepEqual(row?.['lease_until'], after(110))
    },
  ],
  [
    'extend takes back an item that was swept and that nobody has taken since, and forgets that failure',
    async (sql) => {
      const item = await lent(sql)
      await at(sql, 61, sweepNow)

      const kept = await at(sql, 62, (tx) => extend(tx, [item], 60))

      assert.deepEqual(kept, new Set([item.id]))
      const [row] = await sql`select attempt, failures, dequeued_at, lease_until from queue.items`
      assert.deepEqual(
        { ...row },
        { attempt: 1, failures: 0, dequeued_at: after(62), lease_until: after(122) },
      )
      assert.equal((await claim(sql, 'a', LEASE)).length, 0)
      assert.equal(await finish(sql, item), true)
    },
  ],
  [
    'extend does not take back an item after a failure, a release or a finish',
    async (sql) => {
      const failed = await lent(sql)
      await fail(sql, failed, { error: 'x', retryInSeconds: 3_600 })
      const released = await lent(sql)
      await release(sql, released)
      const finished = await lentAgain(sql)
      await finish(sql, finished)

      assert.deepEqual(await extend(sql, [failed, released, finished], 60), new Set())
    },
  ],
  [
    'fail brings the item back when it was told to, with what was said',
    async (sql) => {
      const item = await lent(sql)

      assert.equal(
        await at(sql, 10, (tx) => fail(tx, item, { error: 'no disk', retryInSeconds: 30 })),
        'retry',
      )

      const [row] = await sql`select failures, attempt, last_error, lease_until, worker_id from queue.items`
      assert.deepEqual(
        { ...row },
        { failures: 1, attempt: 1, last_error: 'no disk', lease_until: null, worker_id: null },
      )
      assert.equal((await at(sql, 39, (tx) => claim(tx, 'a', LEASE))).length, 0)
      assert.equal((await at(sql, 40, (tx) => claim(tx, 'a', LEASE)))[0]?.attempt, 2)
    },
  ],
  [
    'fail without a time waits longer each time, unevenly, and never over an hour',
    async (sql) => {
      await put(sql, 'a', 'x', { maxFailures: 20 })
      const bounds = [2.5, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 2560]
      for (const least of bounds) {
        const [item] = await at(sql, 1_000_000, (tx) => claim(tx, 'a', LEASE))
        await at(sql, 0, (tx) => fail(tx, item!, { error: 'x' }))

        const [row] =
          await sql`select extract(epoch from schedule_at - ${after(0)})::float8 as pause from queue.items`
        const pause = Number(row?.['pause'])
        assert.ok(
          pause >= Math.min(least, 3600) && pause <= Math.min(3 * least, 3600),
          `${pause} of ${least}`,
        )
      }
    },
  ],
  [
    'fail for the last time moves the item to the dead, with all that is known',
    async (sql) => {
      await at(sql, 0, (tx) => put(tx, 'a', { n: 1 }, { lane: 1, maxFailures: 2 }))
      for (const outcome of ['retry', 'dead']) {
        const [item] = await at(sql, 10, (tx) => claim(tx, 'a', LEASE))
        assert.equal(
          await at(sql, 10, (tx) => fail(tx, item!, { error: 'broken', retryInSeconds: 0 })),
          outcome,
        )
      }

      const [dead] =
        await sql`select q_name, data, lane, attempt, enqueued_at, died_at, last_error, worker_id from queue.dead`
      assert.deepEqual(
        { ...dead },
        {
          q_name: 'a',
          data: { n: 1 },
          lane: 1,
          attempt: 2,
          enqueued_at: after(0),
          died_at: after(10),
          last_error: 'broken',
          worker_id: 'ann',
        },
      )
      assert.equal((await claim(sql, 'a', LEASE)).length, 0)
    },
  ],
  [
    'release gives the item back at once, and does not count as a failure',
    async (sql) => {
      const item = await lent(sql)

      assert.equal(await release(sql, item), true)

      const [again] = await claim(sql, 'a', LEASE)
      assert.equal(again?.attempt, 2)
      const [row] = await sql`select failures from queue.items`
      assert.equal(row?.['failures'], 0)
    },
  ],
  [
    'sweep leaves a lease that still runs, and brings back one that is over',
    async (sql) => {
      await lent(sql)

      assert.equal(await at(sql, 60, sweepNow), 0)
      assert.equal(await at(sql, 61, sweepNow), 1)
      const [row] = await sql`select failures, attempt, dequeued_at, lease_until, last_error from queue.items`
      assert.deepEqual(
        { ...row },
        { failures: 1, attempt: 1, dequeued_at: null, lease_until: null, last_error: 'lease expired' },
      )
    },
  ],
  [
    'sweep counts: an item whose lease is lost too often is dead',
    async (sql) => {
      await put(sql, 'a', 'x')
      for (const at_ of [0, 100, 200]) {
        await at(sql, at_, (tx) => claim(tx, 'a', LEASE))
        await at(sql, at_ + 61, sweepNow)
      }

      const [dead] = await sql`select attempt, last_error, worker_id from queue.dead`
      assert.deepEqual({ ...dead }, { attempt: 3, last_error: 'lease expired', worker_id: 'ann' })
      assert.equal((await sql`select from queue.items`).length, 0)
    },
  ],
  [
    'sweep does nothing for a while after the start of the server',
    async (sql) => {
      await lent(sql)

      const [guarded] = await at(sql, 61, (tx) => tx`select machine.sweep('1 day') as lost`)
      assert.equal(guarded?.['lost'], 0)
      assert.equal(await at(sql, 61, sweepNow), 1)
    },
  ],
  [
    'sweep never brings back an item that a PQ client took, which has no lease',
    async (sql) => {
      await put(sql, 'a', 'x')
      await sql`update queue.items set dequeued_at = ${after(0)}`

      assert.equal(await at(sql, 1_000_000, sweepNow), 0)
    },
  ],
  [
    'an item that was swept and then taken by a PQ client is no longer ours',
    async (sql) => {
      const item = await lent(sql)
      await at(sql, 61, sweepNow)
      await sql`update queue.items set dequeued_at = ${after(62)}`

      assert.deepEqual(await extend(sql, [item], 60), new Set())
      assert.equal(await finish(sql, item), false)
      assert.equal(await fail(sql, item, { error: 'x' }), 'fenced')
      assert.equal(await release(sql, item), false)
    },
  ],
]

async function lentAgain(sql: Sql): Promise<Item<unknown>> {
  const [item] = await claim(sql, 'a', LEASE)
  return item!
}
