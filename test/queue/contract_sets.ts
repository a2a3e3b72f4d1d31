/** The contract of the queue, part seven: sets, how they are released bit by bit, and how they end. */
import assert from 'node:assert/strict'
import { drip, put } from '../../shared/db/queue.ts'
import {
  BAD,
  claimOne,
  GOOD,
  makeSet,
  push,
  ready,
  rerun,
  runNext,
  type Sentence,
  settleTwoAtOnce,
  source,
  sources,
} from './world.ts'

export const SETS: readonly Sentence[] = [
  [
    'drip keeps so many tasks ready, behind every pull request, and no more',
    async (sql) => {
      const set = await makeSet(sql, sources(1, 4))

      assert.equal(await drip(sql, 2), 2)
      assert.equal(await drip(sql, 2), 0)
      assert.deepEqual(await ready(sql), ['9 sources/xx/1.json', '9 sources/xx/2.json'])
      const [task] = await sql`select data->'set_id' as set_id from queue.items limit 1`
      assert.equal(task?.['set_id'], set)
      await claimOne(sql)
      assert.equal(await drip(sql, 2), 1)
    },
  ],
  [
    'drip counts pull requests too: while they wait, nothing is released',
    async (sql) => {
      await makeSet(sql, sources(1, 2))
      await push(sql, 'j', [source(9)])

      assert.equal(await drip(sql, 1), 0)
      await claimOne(sql)
      assert.equal(await drip(sql, 1), 1)
    },
  ],
  [
    'drip does not count what waits for its time',
    async (sql) => {
      await makeSet(sql, sources(1, 2))
      await put(sql, 'tasks', {}, { at: new Date(Date.now() + 3_600_000) })

      assert.equal(await drip(sql, 1), 1)
    },
  ],
  [
    'sets take turns',
    async (sql) => {
      await makeSet(sql, sources(10, 13))
      await makeSet(sql, sources(20, 23))

      await drip(sql, 4)

      assert.deepEqual(await ready(sql), [
        '9 sources/xx/10.json',
        '9 sources/xx/20.json',
        '9 sources/xx/11.json',
        '9 sources/xx/21.json',
      ])
    },
  ],
  [
    'drip by many at once releases what one would',
    async (sql) => {
      await makeSet(sql, sources(1, 9))

      await Promise.all([1, 2, 3, 4].map(() => drip(sql, 2)))

      assert.deepEqual(await ready(sql), ['9 sources/xx/1.json', '9 sources/xx/2.json'])
    },
  ],
  [
    'a set ends when its last data source has settled, good or bad, and not before',
    async (sql) => {
      await makeSet(sql, sources(1, 3))
      const seen: unknown[] = []
      for (const result of [GOOD, BAD, GOOD]) {
        await drip(sql, 1)
        await runNext(sql, result)
        seen.push((await sql`select datetime_end is not null as ended from sets`)[0]?.['ended'])
      }

      assert.deepEqual(seen, [false, false, true])
      const states = await sql`select status from set_sources order by position`
      assert.deepEqual(
        states.map((row) => row['status']),
        [true, false, true],
      )
    },
  ],
  [
    'a set whose last two data sources settle at once ends',
    async (sql) => {
      for (let n = 1; n <= 4; n += 1) {
        const set = await makeSet(sql, sources(1, 2).map(rerun))
        await drip(sql, 2)
        assert.deepEqual(await settleTwoAtOnce(sql), ['settled', 'settled'])
        const [row] = await sql`select datetime_end is not null as ended from sets where id = ${set}`
        assert.equal(row?.['ended'], true)
      }
    },
  ],
]
