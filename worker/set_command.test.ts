import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { claim, drip } from '../shared/db/queue.ts'
import { beat, claimRun, handIn, readRun, settleDone } from '../shared/db/runs.ts'
import { changeSet, endCancelled, readSet } from '../shared/db/sets.ts'
import { ranMachine } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { claimOne, clear, GOOD, makeSet, ready, sources, WORKER } from '../test/queue/world.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
beforeEach(() => clear(db.sql))
afterAll(() => db.drop())

const ANN = { who: 'ann', why: 'the disk is full' }

function machine(...args: readonly string[]) {
  return ranMachine(['set', ...args], { env: { DATABASE_URL: db.url } })
}

describe('a set that is paused', () => {
  test('releases nothing, finishes what it has, and goes on where it was', async () => {
    const set = await makeSet(db.sql, sources(1, 4))
    await drip(db.sql, 1)

    expect(await changeSet(db.sql, set, { deed: 'pause', ...ANN })).toBe(true)
    expect(await changeSet(db.sql, set, { deed: 'pause', ...ANN })).toBe(false)
    await claimOne(db.sql)
    expect(await drip(db.sql, 1)).toBe(0)

    expect(await changeSet(db.sql, set, { deed: 'resume', ...ANN })).toBe(true)
    expect(await drip(db.sql, 1)).toBe(1)
    expect(await ready(db.sql)).toEqual(['9 sources/xx/2.json'])
  })

  test('lets another go on', async () => {
    const set = await makeSet(db.sql, sources(1, 2))
    await makeSet(db.sql, sources(11, 12))
    await changeSet(db.sql, set, { deed: 'pause', ...ANN })

    await drip(db.sql, 4)

    expect(await ready(db.sql)).toEqual(['9 sources/xx/11.json', '9 sources/xx/12.json'])
  })
})

describe('a set that is cancelled', () => {
  test('ends with its tasks taken out; who works hears so, and what was handed in counts', async () => {
    const set = await makeSet(db.sql, sources(1, 6))
    await drip(db.sql, 3)
    const [done, working] = [await claimOne(db.sql), await claimOne(db.sql)]
    await handIn(db.sql, done, GOOD)

    expect(await changeSet(db.sql, set, { deed: 'cancel', ...ANN })).toBe(true)
    expect({ ...(await endCancelled(db.sql)) }).toEqual({ waiting: 1, running: 1 })

    expect(await drip(db.sql, 9)).toBe(0)
    expect(await claimRun(db.sql, WORKER)).toBeUndefined()
    expect(await beat(db.sql, working, { worker: 'ann', version: '1', leaseSeconds: 60 })).toBe(false)
    expect(await handIn(db.sql, working, GOOD)).toBe(false)
    expect(await readRun(db.sql, working.runId)).toMatchObject({
      status: null,
      abandonedWhy: 'cancelled: its set was',
    })
    for (const item of await claim(db.sql, 'done', { worker: 'dequeuer', n: 9 }))
      await settleDone(db.sql, item)
    expect(await readSet(db.sql, set)).toMatchObject({
      good: 1,
      failed: 0,
      running: 0,
      endedAt: expect.any(Date),
      cancelledAt: expect.any(Date),
    })
    // The one that was handed in is settled, its due forgotten; nothing else is left either.
    expect(await db.sql`select q_name from queue.items where q_name <> 'heartbeat'`).toHaveLength(0)
  })

  test('is ended by the next look of the dequeuer where who cancelled it died in between', async () => {
    const set = await makeSet(db.sql, sources(1, 2))
    await drip(db.sql, 1)
    await changeSet(db.sql, set, { deed: 'cancel', ...ANN })

    await Promise.all([endCancelled(db.sql), endCancelled(db.sql)])

    expect((await readSet(db.sql, set))?.endedAt).toBeInstanceOf(Date)
    expect(await ready(db.sql)).toEqual([])
  })

  test('while workers take and settle as fast as they can leaves nothing open', async () => {
    for (let n = 1; n <= 5; n += 1) {
      const set = await makeSet(db.sql, sources(n * 100, n * 100 + 20))
      await drip(db.sql, 21)
      const worker = async (name: string) => {
        for (;;) {
          const claimed = await claimRun(db.sql, { ...WORKER, worker: name })
          if (claimed === undefined) return
          await handIn(db.sql, claimed, GOOD)
          for (const item of await claim(db.sql, 'done', { worker: name, n: 9 }))
            await settleDone(db.sql, item)
        }
      }
      await Promise.all([
        worker('ann'),
        worker('bob'),
        worker('eve'),
        changeSet(db.sql, set, { deed: 'cancel', ...ANN }).then(() => endCancelled(db.sql)),
      ])
      for (const item of await claim(db.sql, 'done', { worker: 'zoe', n: 99 })) await settleDone(db.sql, item)

      const [open] = await db.sql<[{ count: number }]>`
        select count(*)::int from runs where set_id = ${set} and status is null and abandoned_at is null`
      expect(open.count).toBe(0)
      expect((await readSet(db.sql, set))?.endedAt).toBeInstanceOf(Date)
      expect(await ready(db.sql)).toEqual([])
    }
  })
})

describe('machine set', () => {
  test('lists, shows, pauses, resumes and cancels, and writes down who and why', async () => {
    const set = await makeSet(db.sql, sources(1, 3))
    await drip(db.sql, 1)

    expect((await machine('list')).lines).toEqual([
      expect.stringMatching(
        new RegExp(`^ *${set}  openaddresses/openaddresses at \\?  going      0 of 3 \\(0 failed`),
      ),
    ])
    expect((await machine('pause', `${set}`, '--why', 'too hot')).lines).toEqual([
      `set ${set} is paused: 1 in the queue, 0 being worked on, 2 to come`,
    ])
    const cancelled = await machine('cancel', `${set}`, '--who', 'zoe', '--why', 'wrong branch', '--json')
    expect(JSON.parse(cancelled.lines[0] ?? '')).toEqual({
      set,
      deed: 'cancel',
      changed: true,
      waiting: 1,
      running: 0,
    })
    const again = await machine('resume', `${set}`)
    expect([again.code, ...again.lines]).toEqual([1, `machine set: set ${set} has ended`])

    const rows = await db.sql`select what, about, why from audit order by id desc limit 2`
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { what: 'cancel', about: `set ${set}`, why: 'wrong branch' },
      { what: 'pause', about: `set ${set}`, why: 'too hot' },
    ])
  })

  test('says what is wrong with a call', async () => {
    expect((await machine('pause')).lines[0]).toBe('machine set: expected the number of a set after pause')
    expect(await machine('show', '999')).toMatchObject({
      code: 1,
      lines: ['machine set: there is no set 999'],
    })
  })
})
