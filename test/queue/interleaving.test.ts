/**
 * Two at once, in every order: one side's transaction is held open until the other waits for its lock, or has gone
 * past it; then it commits, and both outcomes are as written.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { setTimeout as pause } from 'node:timers/promises'
import { claim, drip, extend, fail, finish, type Item, release } from '../../shared/db/queue.ts'
import {
  beat,
  type Claimed,
  claimRun,
  handIn,
  type SettlingItem,
  settleDone,
  settleDue,
  tellProgress,
} from '../../shared/db/runs.ts'
import { connect, type ISql, type Sql } from '../../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { violations } from './invariants.ts'
import {
  accept,
  claimOne,
  clear,
  GOOD,
  makeSet,
  push,
  rerun,
  runNext,
  source,
  sources,
  sweepNow,
  WORKER,
} from './world.ts'

/** A task with its run, and its due item, which a dequeuer has. */
interface Scene {
  readonly claimed: Claimed
  readonly ref: { readonly id: string; readonly attempt: number }
  readonly due: Item<SettlingItem>
}

type Deed = (sql: ISql, scene: Scene) => Promise<string>

const DEEDS = {
  finish: async (sql, { ref }) => `${await finish(sql, ref)}`,
  extend: async (sql, { ref }) => ((await extend(sql, [ref], 300)).size === 1 ? 'kept' : 'lost'),
  fail: (sql, { ref }) => fail(sql, ref, { error: 'x' }),
  release: async (sql, { ref }) => `${await release(sql, ref)}`,
  sweep: async (sql) => `${await sweepNow(sql)}`,
  due: (sql, { due }) => settleDue(sql, due),
  claim: async (sql) => `${(await claim(sql, 'tasks', { worker: 'bob' })).length}`,
  hand_in: async (sql, { claimed }) => `${await handIn(sql, claimed, GOOD)}`,
  beat: async (sql, { claimed }) => `${await beat(sql, claimed, WORKER)}`,
} satisfies Record<string, Deed>

type Name = keyof typeof DEEDS

const NAMES = Object.keys(DEEDS) as Name[]

/** Deeds that the house does to tasks; the others are the queue's own, below them. */
const OF_THE_HOUSE: readonly Name[] = ['sweep', 'due', 'hand_in', 'beat']

/**
 * Who holds, what it got, and what each of the others then gets, in the order of DEEDS. "…" is a wait for the lock.
 * The task is on loan and its lease is over, nobody has noticed yet; for `claim` it was swept.
 */
const ON_LOAN: readonly (readonly [holder: Name, got: string, others: string])[] = [
  // finish    extend  fail    release sweep due      claim hand_in beat
  ['finish', 'true', '…false …lost …fenced …false 0 …overdue 0 …false …false'],
  ['extend', 'kept', '…true …kept …retry …true 0 …overdue 0 …true …true'],
  ['fail', 'retry', '…false …lost …fenced …false 0 …overdue 0 …false …false'],
  ['release', 'true', '…false …lost …fenced …false 0 …overdue 0 …false …false'],
  ['sweep', '1', '…false …kept …fenced …false …0 …already 0 …false …true'],
  ['due', 'overdue', '…false …lost …fenced …false 0 …fenced 0 …false …false'],
  ['hand_in', 'true', '…false …lost …fenced …false 0 …overdue 0 …false …false'],
  ['beat', 'true', '…true …kept …retry …true 0 …overdue 0 …true …true'],
]

const SWEPT: typeof ON_LOAN = [
  ['claim', '1', 'false …lost fenced false 0 …already 0 false …false'],
  ['extend', 'kept', 'false …kept fenced false 0 …already 0 false …true'],
  ['beat', 'true', 'false …kept fenced false 0 …overdue 0 false …true'],
  ['due', 'already', 'false …lost fenced false 0 …fenced 0 false …false'],
]

let db: TestDatabase
let holder: Sql
let other: Sql
beforeAll(async () => {
  db = await testDatabase()
  holder = connect(db.url, { max: 1 })
  other = connect(db.url, { max: 1 })
})
afterAll(async () => {
  await holder.end()
  await other.end()
  await db.drop()
})
beforeEach(() => clear(db.sql))

/** The task is on loan, and the lease is over as soon as it begins. */
async function onLoan(): Promise<Scene> {
  await push(db.sql, 'j', [source(1)])
  const claimed = await claimOne(db.sql, { leaseSeconds: 0 })
  await db.sql`update queue.items set schedule_at = null where q_name = 'due'`
  const [due] = await claim<SettlingItem>(db.sql, 'due', { worker: 'dequeuer' })
  return { claimed, ref: { id: claimed.taskId, attempt: claimed.attempt }, due: due! }
}

/** One does its deed and does not commit before the other waits, or is done. Gives both outcomes. */
async function interleave(
  first: (sql: ISql) => Promise<string>,
  second: (sql: ISql) => Promise<string>,
): Promise<[string, string]> {
  const [{ pid }] = await other<[{ pid: number }]>`select pg_backend_pid() as pid`
  await holder`begin`
  const got = await first(holder)
  let isOver = false
  const outcome = second(other).finally(() => {
    isOver = true
  })
  // A refusal is the test's to see, when it awaits the outcome.
  outcome.catch(() => {})
  let waited = false
  while (!isOver && !waited) {
    await pause(1)
    const [row] = await db.sql<
      [{ waits: boolean }]
    >`select coalesce(wait_event_type = 'Lock', false) as waits from pg_stat_activity where pid = ${pid}`
    waited = row.waits
  }
  await holder`commit`
  return [got, `${waited ? '…' : ''}${await outcome}`]
}

for (const [state, rows] of [
  ['on loan and its lease over', ON_LOAN],
  ['swept', SWEPT],
] as const) {
  describe(`a task that is ${state}`, () => {
    for (const [first, got, others] of rows) {
      for (const [i, second] of NAMES.entries()) {
        const expected = others.split(' ')[i]!
        test(`${first}, and meanwhile ${second}: ${got} and ${expected}`, async () => {
          const scene = await onLoan()
          if (state === 'swept') await sweepNow(db.sql)

          const outcomes = await interleave(
            (sql) => DEEDS[first](sql, scene),
            (sql) => DEEDS[second](sql, scene),
          )

          expect(outcomes).toEqual([got, expected])
          if (OF_THE_HOUSE.includes(first) && OF_THE_HOUSE.includes(second))
            expect(await violations(db.sql)).toEqual([])
        })
      }
    }
  })
}

/** Two results wait in `done`, and a dequeuer has both. */
async function twoDone(): Promise<[Item<SettlingItem>, Item<SettlingItem>]> {
  for (const claimed of [await claimOne(db.sql), await claimOne(db.sql)]) await handIn(db.sql, claimed, GOOD)
  const [one, two] = await claim<SettlingItem>(db.sql, 'done', { worker: 'dequeuer', n: 2 })
  return [one!, two!]
}

const settle = (item: Item<SettlingItem>) => (sql: ISql) => settleDone(sql, item)
const claimAny = async (sql: ISql) => (await claimRun(sql, WORKER))?.task.name ?? 'nothing'

describe('two at once', () => {
  test('settle the last runs of a job: the second waits, and the job ends', async () => {
    await push(db.sql, 'j', sources(1, 2))
    const [one, two] = await twoDone()

    expect(await interleave(settle(one), settle(two))).toEqual(['settled', '…settled'])
    expect(await violations(db.sql)).toEqual([])
    const [job] = await db.sql`select status, datetime_end is not null as ended from jobs`
    expect({ ...job }).toEqual({ status: true, ended: true })
  })

  test('settle the last runs of a set: the second waits, and the set ends', async () => {
    await makeSet(db.sql, sources(1, 2))
    await drip(db.sql, 2)
    const [one, two] = await twoDone()

    expect(await interleave(settle(one), settle(two))).toEqual(['settled', '…settled'])
    expect(await violations(db.sql)).toEqual([])
    const [set] = await db.sql`select datetime_end is not null as ended from sets`
    expect(set?.['ended']).toBe(true)
  })

  test('settle the same item: the second is fenced', async () => {
    await push(db.sql, 'j', sources(1, 2))
    const [one] = await twoDone()

    expect(await interleave(settle(one), settle(one))).toEqual(['settled', '…fenced'])
  })

  test('settle a run of a job and claim another of it: the claim does not wait', async () => {
    await push(db.sql, 'j', sources(1, 3))
    const [one] = await twoDone()

    expect(await interleave(settle(one), claimAny)).toEqual(['settled', 'sources/xx/3.json'])
    expect(await violations(db.sql)).toEqual([])
  })

  test('claim runs of one job that are reused: the second waits, and both jobs end', async () => {
    await push(db.sql, 'before', sources(1, 2).map(rerun))
    await runNext(db.sql)
    await runNext(db.sql)
    for (const job of ['j', 'k']) await push(db.sql, job, sources(1, 2))
    // One of each job in the lane of the first, one in the lane of the second.
    await db.sql`update queue.items set lane = 9 where id % 2 = 0`
    const claimUpTo = (laneMax: number) => async (sql: ISql) =>
      (await claimRun(sql, { ...WORKER, laneMax }))?.task.name ?? 'nothing'

    expect(await interleave(claimUpTo(1), claimUpTo(9))).toEqual(['nothing', '…nothing'])
    expect(await db.sql`select from jobs where datetime_end is not null`).toHaveLength(3)
    expect(await violations(db.sql)).toEqual([])
  })

  test('tell how far a run is and settle it, in both orders: no word stays', async () => {
    await push(db.sql, 'j', sources(1, 2))
    const [one, two] = await twoDone()
    const tell = (item: Item<SettlingItem>) => async (sql: ISql) => {
      await tellProgress(sql, item.data.run_id, { stage: 'publish' })
      return 'told'
    }

    expect(await interleave(tell(one), settle(one))).toEqual(['told', '…settled'])
    expect(await interleave(settle(two), tell(two))).toEqual(['settled', '…told'])
    expect(await db.sql`select from run_progress`).toHaveLength(0)
  })

  test('accept the same delivery: the second waits, and makes nothing', async () => {
    const deliver = (job: string) => async (sql: ISql) => `${await accept(sql, job, 'd')}`

    expect(await interleave(deliver('j'), deliver('k'))).toEqual(['true', '…false'])
    expect(await db.sql`select from jobs`).toHaveLength(1)
  })

  test('accept the same delivery when the first is rolled back: the second makes the job', async () => {
    const outcome = (async () => {
      await holder`begin`
      await accept(holder, 'j', 'd')
      const second = accept(db.sql, 'k', 'd')
      await pause(20)
      await holder`rollback`
      return second
    })()

    expect(await outcome).toBe(true)
    const [job] = await db.sql`select id from jobs`
    expect(job?.['id']).toBe('k')
  })

  test('drip and settle a run of the same set: the settling waits, and counts what was released', async () => {
    await makeSet(db.sql, sources(1, 3))
    await drip(db.sql, 2)
    const [one] = await twoDone()

    expect(await interleave(async (sql) => `${await drip(sql, 1)}`, settle(one))).toEqual(['1', '…settled'])
    expect(await violations(db.sql)).toEqual([])
  })

  test('drip: the second passes', async () => {
    await makeSet(db.sql, sources(1, 3))
    const dripOne = async (sql: ISql) => `${await drip(sql, 1)}`

    expect(await interleave(dripOne, dripOne)).toEqual(['1', '0'])
  })
})
