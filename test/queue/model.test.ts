/** Random sequences of steps against a model in memory. The seed is said, and with it a failure comes again. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { connect, type Sql } from '../../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from '../postgres.ts'
import { emptyQueue } from './model_queue.ts'
import * as queueSteps from './model_queue_steps.ts'
import { emptyHouse, UPTIME } from './model_runs.ts'
import * as runSteps from './model_runs_steps.ts'
import { clear } from './world.ts'

/** Always the same, so that what failed once fails until it is mended. */
const SEED = 20_260_101

/** Long enough for leases to be lost, and taken back, and lost again. */
const LENGTH = { minLength: 30, maxLength: 70, size: 'max' } as const

/** A busy machine needs longer. */
const TIME_MS_MAX = 120_000

let db: TestDatabase
let sql: Sql
beforeAll(async () => {
  db = await testDatabase()
  // One connection: the clock, and for how long the server has been up, are said for a session.
  sql = connect(db.url, { max: 1 })
  await sql`select set_config('queue.uptime', ${`${UPTIME} seconds`}, false)`
})
afterAll(async () => {
  await sql.end()
  await db.drop()
})

describe(`random sequences (seed ${SEED})`, () => {
  test(
    'of the queue leave the table as the model says, and get everywhere',
    async () => {
      const reached = new Map<string, number>()
      await fc.assert(
        fc.asyncProperty(fc.array(queueSteps.STEP, LENGTH), async (steps) => {
          await clear(sql)
          await queueSteps.setClock(sql, 0)
          const world = { sql, queue: emptyQueue(), receipts: [], reached }
          for (const step of steps) await queueSteps.take(world, step)
        }),
        { seed: SEED, numRuns: 200 },
      )

      expect([...reached.keys()].sort()).toEqual([
        'claim: 0',
        'claim: 1',
        'claim: 2',
        'claim: 3',
        'extend: kept',
        'extend: lost',
        'extend: taken back',
        'fail: dead',
        'fail: fenced',
        'fail: retry',
        'finish: false',
        'finish: true',
        'put: new',
        'put: there already',
        'release: false',
        'release: true',
        'swept: back',
        'swept: dead',
      ])
    },
    TIME_MS_MAX,
  )

  test(
    'of pushes, workers and dequeuers end each task in one result, and get everywhere',
    async () => {
      const reached = new Map<string, number>()
      await fc.assert(
        fc.asyncProperty(fc.array(runSteps.STEP, LENGTH), async (steps) => {
          await clear(sql)
          await queueSteps.setClock(sql, 0)
          const world = { sql, house: emptyHouse(), taken: [], settling: [], verdicts: new Map(), reached }
          for (const step of steps) await runSteps.take(world, step)
          await endAll(world)
        }),
        { seed: SEED, numRuns: 200 },
      )
      expect([...reached.keys()].sort()).toEqual([
        'advance: later',
        'beat: false',
        'beat: nobody',
        'beat: taken back',
        'beat: true',
        'claim: again',
        'claim: first',
        'claim: nothing',
        'claim: swept',
        'drip: none',
        'drip: some',
        'failRun: dead',
        'failRun: fenced',
        'failRun: nobody',
        'failRun: retry',
        'giveBack: false',
        'giveBack: nobody',
        'giveBack: true',
        'handIn: false',
        'handIn: nobody',
        'handIn: true',
        'push: on',
        'set: true',
        'settle: already',
        'settle: fenced',
        'settle: late',
        'settle: nobody',
        'settle: overdue',
        'settle: settled',
        'sweep: back',
        'sweep: dead',
        'sweep: nothing',
        'takeSettling: nothing',
        'takeSettling: taken',
      ])
    },
    TIME_MS_MAX,
  )
})

/** Workers and dequeuers go on without trouble until nothing is left: then each task has its one result. */
async function endAll(world: runSteps.World): Promise<void> {
  for (let round = 0; (await isOpen()) && round < 40; round += 1) {
    await runSteps.take(world, { advance: 3_600 })
    await runSteps.take(world, { sweep: true })
    await runSteps.take(world, { drip: 2 })
    await runSteps.take(world, { claim: 300, laneMax: 9 })
    await runSteps.take(world, { handIn: 0, isGood: true })
    for (const kind of ['done', 'done', 'due'] as const) {
      await runSteps.take(world, { takeSettling: kind, lease: 300 })
      await runSteps.take(world, { settle: 0 })
    }
  }

  expect(await isOpen()).toBe(false)
  const [row] = await sql`
    select (select count(*)::int from job_sources) + (select count(*)::int from set_sources) as wanted,
           (select count(*)::int from runs where status is not null) as settled`
  expect(row?.['settled']).toBe(row?.['wanted'])
}

async function isOpen(): Promise<boolean> {
  const [row] = await sql<[{ open: boolean }]>`
    select exists (select from jobs where datetime_end is null) or exists (select from sets where datetime_end is null)
      as open`
  return row.open
}
