/**
 * The rows are PQ's (malthe/pq): a Python program may put and get on the same table.
 *
 * The statements are what PQ 1.9 prepares for `put`, `get` and `len`, with its order, locks and columns, set
 * in our own style; PQ(conn, schema='queue', table='items')['post'] sends the like. What was different before
 * is said at the statement.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { claim, extend, finish, put } from '../../shared/db/queue.ts'
import { connect, type Sql } from '../../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { clear, sweepNow } from './world.ts'

/** Data as JSON text; times as text in UTC, or null. */
const PUT = `
  prepare put_post as
  insert into queue.items (q_name, data, schedule_at, expected_at)
  values ('post', $1, $2, $3)
  returning id`

/**
 * The first that waits is locked, and taken when its time has come; otherwise the client learns in how many
 * seconds it may. In 1.7 the order was "expected_at nulls first", and without the id.
 */
function get(order: string): string {
  return `
  with selected as (
    select * from queue.items
    where q_name = 'post' and dequeued_at is null
    order by ${order}
    for update skip locked
    limit 1
  ), updated as (
    update queue.items as t set dequeued_at = current_timestamp
    from selected
    where t.id = selected.id and (t.schedule_at <= now() or t.schedule_at is null)
    returning t.data, length(t.data::text) as length
  )
  select id,
         (select data::text from updated) as data,
         (select length from updated) as length,
         enqueued_at at time zone 'utc' as enqueued_at,
         schedule_at at time zone 'utc' as schedule_at,
         expected_at at time zone 'utc' as expected_at,
         date_part('second', (select schedule_at - now() from selected)) as seconds
  from selected`
}

const LEN = `
  prepare len_post as
  select count(*) from queue.items
  where q_name = 'post' and dequeued_at is null and (schedule_at is null or schedule_at <= now())`

const VERSIONS: readonly (readonly [version: string, order: string])[] = [
  ['1.9', 'schedule_at nulls first, expected_at nulls last, id'],
  ['1.7', 'schedule_at nulls first, expected_at nulls first'],
]

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.drop())
beforeEach(() => clear(db.sql))

for (const [version, order] of VERSIONS) {
  describe(`a client of PQ ${version}`, () => {
    let pq: Sql
    beforeAll(async () => {
      // One connection: prepared statements are its own.
      pq = connect(db.url, { max: 1, name: 'pq' })
      for (const statement of [PUT, `prepare get_post as ${get(order)}`, LEN]) await pq.unsafe(statement)
    })
    afterAll(() => pq.end())

    test('puts what our worker claims, in its lane and order', async () => {
      await pq.unsafe(`execute put_post ('{"n": 1}', null, '2026-01-01T12:00:02.000000Z')`)
      await pq.unsafe(`execute put_post ('{"n": 2}', null, '2026-01-01T12:00:01.000000Z')`)
      await pq.unsafe(`execute put_post ('{"n": 3}', '2999-01-01T00:00:00.000000Z', null)`)

      const items = await claim(db.sql, 'post', { worker: 'ann', n: 9 })

      expect(items.map(({ data, lane, attempt }) => [data, lane, attempt])).toEqual([
        [{ n: 2 }, 5, 1],
        [{ n: 1 }, 5, 1],
      ])
      expect(await finish(db.sql, items[0]!)).toBe(true)
    })

    test('puts, and whoever listens for our queue is woken', async () => {
      const heard = Promise.withResolvers<void>()
      const ear = await db.sql.listen('post', () => heard.resolve())

      await pq.unsafe(`execute put_post ('{}', null, null)`)

      await heard.promise
      await ear.unlisten()
    })

    test('gets what our house put, once', async () => {
      await put(db.sql, 'post', { from: 'us' })

      const [item] = await pq.unsafe('execute get_post')
      expect(item?.['data']).toBe('{"from": "us"}')
      expect(item?.['length']).toBe(14)
      expect(await pq.unsafe('execute get_post')).toHaveLength(0)
      expect(await claim(db.sql, 'post', { worker: 'ann' })).toHaveLength(0)
    })

    test('is told to wait for what waits for its time, and gets it then', async () => {
      await put(db.sql, 'post', { n: 1 }, { at: new Date(Date.now() + 3_600_000) })

      const [early] = await pq.unsafe('execute get_post')
      expect(early?.['data']).toBeNull()
      expect(Number(early?.['seconds'])).toBeGreaterThan(0)

      await db.sql`update queue.items set schedule_at = now() - interval '1 second'`
      const [item] = await pq.unsafe('execute get_post')
      expect(item?.['data']).toBe('{"n": 1}')
    })

    test('gets nothing that our worker has on loan, and has nothing of it to wait for', async () => {
      await put(db.sql, 'post', {})
      await claim(db.sql, 'post', { worker: 'ann' })

      expect(await pq.unsafe('execute get_post')).toHaveLength(0)
    })

    test('counts what waits, and not what waits for its time or is taken', async () => {
      await put(db.sql, 'post', { n: 1 })
      await put(db.sql, 'post', { n: 2 })
      await put(db.sql, 'post', { n: 3 }, { at: new Date(Date.now() + 3_600_000) })
      await put(db.sql, 'mail', { n: 4 })
      await claim(db.sql, 'post', { worker: 'ann' })

      const [row] = await pq.unsafe('execute len_post')
      expect(row?.['count']).toBe('1')
    })

    test('has no lease: what it took is never swept, nor ours to extend or finish', async () => {
      const id = await put(db.sql, 'post', {})
      await pq.unsafe('execute get_post')

      await db.sql.begin(async (tx) => {
        await tx`select set_config('queue.now', (now() + interval '10 years')::text, true)`
        expect(await sweepNow(tx)).toBe(0)
      })
      const ref = { id: id!, attempt: 0 }
      expect(await extend(db.sql, [ref], 60)).toEqual(new Set())
      expect(await finish(db.sql, ref)).toBe(false)
    })

    test('and our worker at once share the items: none twice, none left', async () => {
      await db.sql`select queue.put('post', to_jsonb(n)) from generate_series(1, 40) n`
      const got: string[] = []
      const claimed: string[] = []

      await Promise.all([
        (async () => {
          for (;;) {
            const [item] = await pq.unsafe('execute get_post')
            if (item === undefined) return
            got.push(item['data'])
          }
        })(),
        (async () => {
          for (;;) {
            const [item] = await claim<number>(db.sql, 'post', { worker: 'ann' })
            if (item === undefined) return
            claimed.push(`${item.data}`)
          }
        })(),
      ])

      expect(got.length).toBeGreaterThan(0)
      expect(claimed.length).toBeGreaterThan(0)
      expect([...got, ...claimed].map(Number).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 40 }, (_, i) => i + 1),
      )
    })
  })
}
