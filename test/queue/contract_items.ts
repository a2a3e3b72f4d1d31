/** The contract of the queue, part one: what is put, in what order it is taken, and who is woken. */
import assert from 'node:assert/strict'
import { claim, type PutOptions, put } from '../../shared/db/queue.ts'
import type { ISql } from '../../shared/db/sql.ts'
import { after, at, type Sentence } from './world.ts'

export const ITEMS: readonly Sentence[] = [
  [
    'put gives the id of an item that waits, with its data, lane and times',
    async (sql) => {
      const id = await at(sql, 5, (tx) => put(tx, 'a', { what: 'x' }, { group: 'job/1' }))

      const [item] = await sql`
        select id, q_name, data, lane, attempt, failures, max_failures, enqueued_at, dequeued_at, lease_until, group_key
        from queue.items`
      assert.deepEqual(
        { ...item },
        {
          id,
          q_name: 'a',
          data: { what: 'x' },
          lane: 5,
          attempt: 0,
          failures: 0,
          max_failures: 3,
          enqueued_at: after(5),
          dequeued_at: null,
          lease_until: null,
          group_key: 'job/1',
        },
      )
    },
  ],
  [
    'put with a key that is in the queue, waiting or in flight, puts nothing',
    async (sql) => {
      await put(sql, 'a', 1, { key: 'k' })

      assert.equal(await put(sql, 'a', 2, { key: 'k' }), null)
      await claim(sql, 'a', { worker: 'ann' })
      assert.equal(await put(sql, 'a', 3, { key: 'k' }), null)
      assert.notEqual(await put(sql, 'b', 4, { key: 'k' }), null)
    },
  ],
  [
    'put with a key is possible again when the item is finished',
    async (sql) => {
      await put(sql, 'a', 1, { key: 'k' })
      const [item] = await claim(sql, 'a', { worker: 'ann' })
      await sql`select queue.finish(${item!.id}, ${item!.attempt})`

      assert.notEqual(await put(sql, 'a', 2, { key: 'k' }), null)
    },
  ],
  [
    'put by two at once with one key puts one item',
    async (sql) => {
      const ids = await Promise.all([1, 2, 3, 4].map((n) => put(sql, 'a', n, { key: 'k' })))

      assert.equal(ids.filter((id) => id !== null).length, 1)
    },
  ],
  [
    'put that is rolled back was never there',
    async (sql) => {
      await sql
        .begin(async (tx) => {
          await put(tx, 'a', 1)
          throw new Error('rolled back')
        })
        .catch(() => {})

      assert.equal((await claim(sql, 'a', { worker: 'ann' })).length, 0)
    },
  ],
  [
    'claim takes the lower lane first, then the earlier place, then the lower id',
    async (sql) => {
      await putAll(sql, [
        ['batch', { lane: 9 }],
        ['default', {}],
        ['ci, third file', { lane: 1, expectedAt: after(1002) }],
        ['ci, first file', { lane: 1, expectedAt: after(1000) }],
        ['ci, first file of another', { lane: 1, expectedAt: after(1000) }],
        ['default, later', {}],
      ])

      assert.deepEqual(await taken(sql, 10), [
        'ci, first file',
        'ci, first file of another',
        'ci, third file',
        'default',
        'default, later',
        'batch',
      ])
    },
  ],
  [
    'claim one after another gives the same order as all at once',
    async (sql) => {
      await putAll(sql, [
        ['c', { lane: 9 }],
        ['b', { lane: 5 }],
        ['a', { lane: 1 }],
      ])

      assert.deepEqual(
        [await taken(sql, 1), await taken(sql, 1), await taken(sql, 1), await taken(sql, 1)],
        [['a'], ['b'], ['c'], []],
      )
    },
  ],
  [
    'claim takes an item whose place lies ahead: expected_at does not delay',
    async (sql) => {
      await put(sql, 'a', 'ahead', { expectedAt: new Date(Date.now() + 86_400_000) })

      assert.deepEqual(await taken(sql, 1), ['ahead'])
    },
  ],
  [
    'claim does not take an item before its time, and does then',
    async (sql) => {
      await at(sql, 0, (tx) => put(tx, 'a', 'later', { at: after(10) }))

      assert.deepEqual(await at(sql, 9, (tx) => taken(tx, 1)), [])
      assert.deepEqual(await at(sql, 10, (tx) => taken(tx, 1)), ['later'])
    },
  ],
  [
    'claim passes over what waits for its time, however much there is and wherever it stands',
    async (sql) => {
      await at(sql, 0, (tx) =>
        putAll(tx, [
          ['not yet, but in front', { at: after(100), expectedAt: after(-100) }],
          ['ready', {}],
          ['its time has come', { at: after(5) }],
          ['not yet', { at: after(100) }],
          ['ready, and its place ahead', { expectedAt: after(1000) }],
        ]),
      )

      assert.deepEqual(await at(sql, 10, (tx) => taken(tx, 10)), [
        'ready',
        'its time has come',
        'ready, and its place ahead',
      ])
    },
  ],
  [
    'claim with a highest lane leaves the lanes beyond it alone',
    async (sql) => {
      await putAll(sql, [
        ['batch', { lane: 9 }],
        ['default', {}],
      ])

      assert.deepEqual(await taken(sql, 10, 1), [])
      assert.deepEqual(await taken(sql, 10, 5), ['default'])
      assert.deepEqual(await taken(sql, 10, 9), ['batch'])
    },
  ],
  [
    'claim takes from its own queue only',
    async (sql) => {
      await put(sql, 'b', 'other')

      assert.deepEqual(await taken(sql, 10), [])
    },
  ],
  [
    'claim by many at once gives no item to two, and every item to one',
    async (sql) => {
      await sql`select queue.put('a', to_jsonb(n)) from generate_series(1, 60) n`

      const shares = await Promise.all(Array.from({ length: 12 }, () => taken(sql, 5)))

      const all = shares.flat().sort((a, b) => Number(a) - Number(b))
      assert.deepEqual(
        all,
        Array.from({ length: 60 }, (_, i) => i + 1),
      )
    },
  ],
  [
    'claim gives the attempt, one more each time, and lends for as long as was asked',
    async (sql) => {
      await put(sql, 'a', 1)
      const [first] = await at(sql, 100, (tx) => claim(tx, 'a', { worker: 'ann', leaseSeconds: 60 }))
      await sql`select queue.release(${first!.id}, 1)`
      const [second] = await at(sql, 200, (tx) => claim(tx, 'a', { worker: 'bob', leaseSeconds: 30 }))

      assert.deepEqual([first!.attempt, second!.attempt], [1, 2])
      const [row] = await sql`select worker_id, dequeued_at, lease_until from queue.items`
      assert.deepEqual({ ...row }, { worker_id: 'bob', dequeued_at: after(200), lease_until: after(230) })
    },
  ],
  [
    'a statement that puts many notifies once a queue, and not of what waits for its time',
    async (sql) => {
      const heard: string[] = []
      const ears = await Promise.all(
        ['a', 'b', 'c'].map((channel) => sql.listen(channel, () => heard.push(channel))),
      )

      await sql`
        insert into queue.items (q_name, data, schedule_at)
        values ('a', '1', null), ('a', '2', null), ('b', '3', null), ('c', '4', now() + interval '1 hour')`
      // Notifications come in order: when this one is here, the others are.
      await new Promise<void>((done) => {
        void sql.listen('last', () => done()).then(() => sql.notify('last', ''))
      })
      await Promise.all(ears.map((ear) => ear.unlisten()))

      assert.deepEqual(heard.sort(), ['a', 'b'])
    },
  ],
  [
    'what time it is can be said for a session, and otherwise is the time of the wall',
    async (sql) => {
      const said = await at(sql, 42, async (tx) => (await tx`select queue.clock() as now`)[0]?.['now'])
      const [row] = await sql`select abs(extract(epoch from queue.clock() - clock_timestamp())) < 1 as close`

      assert.deepEqual(said, after(42))
      assert.equal(row?.['close'], true)
    },
  ],
]

async function putAll(sql: ISql, items: readonly (readonly [string, PutOptions])[]): Promise<void> {
  for (const [data, options] of items) await put(sql, 'a', data, options)
}

async function taken(sql: ISql, n: number, laneMax = 32_767): Promise<unknown[]> {
  const items = await claim(sql, 'a', { worker: 'ann', n, laneMax })
  return items.map(({ data }) => data)
}
