/** Random steps of the house, each done to the model and to Postgres, which must then agree, and break no invariant. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { claim, drip } from '../../shared/db/queue.ts'
import {
  beat,
  type Claimed,
  claimRun,
  giveBack,
  handIn,
  type SettlingItem,
  settleDone,
  settleDue,
} from '../../shared/db/runs.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { violations } from './invariants.ts'
import * as queue from './model_queue.ts'
import { secondsOf, setClock } from './model_queue_steps.ts'
import * as model from './model_runs.ts'
import { BAD, GOOD, makeSet, plain, push, rerun, sources, sweepNow, WORKER } from './world.ts'

/** A run that someone took, as both know it. */
interface Taken extends model.Held {
  readonly claimed: Claimed
}

/** An item of done or due that some dequeuer has. */
interface Settling {
  readonly kind: 'done' | 'due'
  readonly run: number
  readonly receipt: queue.Receipt
  readonly ref: { readonly id: string; readonly attempt: number }
}

export interface World {
  readonly sql: Sql
  readonly house: model.House
  readonly taken: Taken[]
  readonly settling: Settling[]
  /** What was once said for good of runs and jobs. */
  readonly verdicts: Map<string, string>
  /** How often each answer was given. */
  readonly reached: Map<string, number>
}

export type Step =
  | { readonly push: number }
  | { readonly set: number }
  | { readonly drip: number }
  | { readonly claim: number; readonly laneMax: number }
  | { readonly beat: number; readonly lease: number }
  | { readonly handIn: number; readonly isGood: boolean }
  | { readonly giveBack: number }
  | { readonly failRun: number; readonly retryIn: number }
  | { readonly takeSettling: 'done' | 'due'; readonly lease: number }
  | { readonly settle: number }
  | { readonly sweep: true }
  | { readonly advance: number }

const index = fc.nat(3)
const lease = fc.constantFrom(100, 100, 300, 300, 5_000)

/** A step; the hour passes seldom, so that some runs end before their time is over. */
export const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ set: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ drip: fc.integer({ min: 1, max: 2 }) }) },
  { weight: 8, arbitrary: fc.record({ claim: lease, laneMax: fc.constantFrom(9, 9, 1) }) },
  { weight: 5, arbitrary: fc.record({ beat: index, lease }) },
  { weight: 2, arbitrary: fc.record({ handIn: index, isGood: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ giveBack: index }) },
  { weight: 3, arbitrary: fc.record({ failRun: index, retryIn: fc.constantFrom(0, 0, 100) }) },
  { weight: 3, arbitrary: fc.record({ takeSettling: fc.constant('done' as const), lease }) },
  { weight: 2, arbitrary: fc.record({ takeSettling: fc.constant('due' as const), lease }) },
  { weight: 4, arbitrary: fc.record({ settle: index }) },
  { weight: 4, arbitrary: fc.record({ sweep: fc.constant(true as const) }) },
  { weight: 4, arbitrary: fc.record({ advance: fc.constantFrom(100, 101, 150, 300, 301, 4_000, 4_000) }) },
)

/** Do a step to both, compare what they answer, then all that can be seen, then the invariants. */
export async function take(world: World, step: Step): Promise<void> {
  const answer = await answerOf(world, step)
  reach(world, `${Object.keys(step)[0]}: ${answer}`)

  await compare(world)
  if (!QUIET.has(answer)) assert.deepEqual(await violations(world.sql), [])
}

function reach({ reached }: World, answer: string): void {
  reached.set(answer, (reached.get(answer) ?? 0) + 1)
}

/** Answers after which the tables are as they were: the comparison has shown it. */
const QUIET: ReadonlySet<string> = new Set(['nobody', 'nothing', 'none', 'false', 'fenced', 'later'])

/** What both answer; they must agree. */
async function answerOf(world: World, step: Step): Promise<string> {
  const { sql, house } = world
  if ('push' in step) return takePush(world, step.push)
  if ('set' in step) return `${(await makeSet(sql, sources(1, step.set).map(rerun))) > 0}`
  if ('drip' in step) return takeDrip(world, step.drip)
  if ('claim' in step) return takeClaim(world, step)
  if ('takeSettling' in step) return takeSettling(world, step)
  if ('settle' in step) return settleOne(world, step.settle)
  if ('advance' in step) {
    house.queue.now += step.advance
    await setClock(sql, house.queue.now)
    return 'later'
  }
  if ('sweep' in step) {
    const { lost, dead } = model.sweep(house)
    assert.equal(await sweepNow(sql), lost)
    return dead > 0 ? 'dead' : lost > 0 ? 'back' : 'nothing'
  }
  return workOne(world, step)
}

/** A worker comes back with a run, perhaps with one it has lost. */
async function workOne(
  { sql, house, taken }: World,
  step: Extract<Step, { beat: unknown } | { handIn: unknown } | { giveBack: unknown } | { failRun: unknown }>,
): Promise<string> {
  const back =
    'beat' in step
      ? step.beat
      : 'handIn' in step
        ? step.handIn
        : 'giveBack' in step
          ? step.giveBack
          : step.failRun
  const held = taken.at(-1 - (back % Math.max(1, taken.length)))
  if (held === undefined) return 'nobody'

  const { claimed } = held
  const wasSwept = house.queue.items.get(held.receipt.name)?.isTaken === false
  const [ours, theirs] =
    'beat' in step
      ? [
          `${model.beat(house, held, step.lease)}`,
          `${await beat(sql, claimed, { ...WORKER, leaseSeconds: step.lease })}`,
        ]
      : 'handIn' in step
        ? [
            `${model.handIn(house, held, step.isGood)}`,
            `${await handIn(sql, claimed, step.isGood ? GOOD : BAD)}`,
          ]
        : 'giveBack' in step
          ? [`${model.giveBack(house, held)}`, `${await giveBack(sql, claimed, 'told to go')}`]
          : [model.failRun(house, held, step.retryIn), await failOnce(sql, claimed, step.retryIn)]
  assert.equal(theirs, ours)
  return 'beat' in step && wasSwept && theirs === 'true' ? 'taken back' : theirs
}

/** With a pause that is said: the house's own has chance in it. */
async function failOnce(sql: Sql, { taskId, attempt, runId }: Claimed, retryIn: number): Promise<string> {
  const [row] = await sql<[{ outcome: string }]>`
    select machine.fail_run(${taskId}, ${attempt}, ${runId}, 'internal', 'x', make_interval(secs => ${retryIn})) as outcome`
  return row.outcome
}

async function takePush({ sql, house }: World, n: number): Promise<string> {
  const [known] = await sql`select count(*)::int as n from jobs`
  const name = `job ${known?.['n']}`
  await push(sql, name, sources(1, n).map(rerun))
  for (let i = 1; i <= n; i += 1) {
    const expectedAt = house.queue.now + i - 1
    queue.put(house.queue, {
      name: taskName(name, `sources/xx/${i}.json`),
      queue: 'tasks',
      lane: 1,
      maxFailures: 2,
      expectedAt,
    })
  }
  return 'on'
}

/** Which data sources are released is the contract's to say; here only that they are then ready. */
async function takeDrip({ sql, house }: World, target: number): Promise<string> {
  const released = await drip(sql, target)
  assert.equal(released <= Math.max(0, target - queue.readyItems(house.queue, 'tasks', 9).length), true)
  const rows = await sql<{ set: number; path: string }[]>`
    select (data->>'set_id')::int as set, data->>'name' as path from queue.items
    where q_name = 'tasks' and lane = 9 order by id desc limit ${released}`
  for (const { set, path } of [...rows].reverse())
    queue.put(house.queue, { name: taskName(`set ${set}`, path), queue: 'tasks', lane: 9, maxFailures: 2 })
  return released > 0 ? 'some' : 'none'
}

async function takeClaim(world: World, step: Extract<Step, { claim: number }>): Promise<string> {
  const { sql, house, taken } = world
  const worker = `worker ${taken.length}`
  const claimed = await claimRun(sql, { ...WORKER, worker, leaseSeconds: step.claim, laneMax: step.laneMax })
  if (model.sweepIfNobodyDoes(house, step.claim).lost > 0) reach(world, 'claim: swept')
  const [next] = queue.readyItems(house.queue, 'tasks', step.laneMax)
  if (claimed === undefined) {
    assert.equal(next, undefined)
    return 'nothing'
  }
  const { job_id, set_id, name } = claimed.task
  assert.equal(taskName(job_id ?? `set ${set_id}`, name), next?.name)
  const receipt = queue.lend(house.queue, next!, worker, step.claim)
  assert.equal(claimed.attempt, receipt.attempt)
  const held = { run: claimed.runId, receipt, claimed }
  model.reserve(house, held, next!.name)
  taken.push(held)
  return receipt.attempt > 1 ? 'again' : 'first'
}

async function takeSettling(world: World, step: Extract<Step, { takeSettling: string }>): Promise<string> {
  const { sql, house, settling } = world
  const kind = step.takeSettling
  const worker = `dequeuer ${settling.length}`
  const [item] = await claim<SettlingItem>(sql, kind, { worker, leaseSeconds: step.lease })
  const ready = queue.readyItems(house.queue, kind, 9)
  assert.equal(item === undefined, ready.length === 0)
  if (item === undefined) return 'nothing'

  // Several that were swept at once stand at the same place: whichever came is right.
  const mine = ready.find(({ name }) => name === `${kind} ${item.data.run_id}`)
  assert.ok(mine !== undefined && queue.orderAt(mine) === queue.orderAt(ready[0]!))
  const receipt = queue.lend(house.queue, mine, worker, step.lease)
  settling.push({ kind, run: item.data.run_id, receipt, ref: item })
  return 'taken'
}

/** A dequeuer comes to settle what it took, perhaps too late. */
async function settleOne({ sql, house, settling }: World, back: number): Promise<string> {
  const item = settling.at(-1 - (back % Math.max(1, settling.length)))
  if (item === undefined) return 'nobody'
  const { kind, run, receipt, ref } = item
  const [ours, theirs] =
    kind === 'done'
      ? [model.settleDone(house, receipt, run), await settleDone(sql, ref)]
      : [model.settleDue(house, receipt, run), await settleDue(sql, ref)]
  assert.equal(theirs, ours)
  return theirs
}

function taskName(owner: string, path: string): string {
  return `tasks ${owner}/${path}`
}

/** All items and runs are as the model says, and no verdict was taken back. */
async function compare({ sql, house, verdicts }: World): Promise<void> {
  const items = await sql<{ name: string; leaseUntil: Date | null }[]>`
    select case q_name
             when 'tasks' then 'tasks ' || coalesce(data->>'job_id', 'set ' || (data->>'set_id')) || '/' || (data->>'name')
             else q_name || ' ' || (data->>'run_id') end as name,
      attempt, failures, dequeued_at is not null as "isTaken", lease_until as "leaseUntil", worker_id as worker
    from queue.items
    where q_name <> 'heartbeat'`
  assert.deepEqual(
    queue.byName(plain(items).map((row) => ({ ...row, leaseUntil: secondsOf(row.leaseUntil) }))),
    queue.seen(house.queue),
  )

  const rows = await sql<{ id: number; state: string }[]>`
    select id, case when abandoned_at is not null then 'abandoned' when status then 'good'
      when not status then 'bad' else 'open' end as state
    from runs order by id`
  assert.deepEqual(
    plain(rows),
    [...house.runs.values()].map(({ id, state }) => ({ id, state })).sort((a, b) => a.id - b.id),
  )

  const said = await sql<{ what: string; verdict: string }[]>`
    select 'run ' || id as what, status::text as verdict from runs where status is not null
    union all select 'job ' || id, status::text from jobs where status is not null
    union all select 'end of job ' || id, datetime_end::text from jobs where datetime_end is not null
    union all select 'end of set ' || id, datetime_end::text from sets where datetime_end is not null`
  for (const [what, before] of verdicts)
    assert.equal(said.find((now) => now.what === what)?.verdict, before, `${what} was said for good`)
  for (const { what, verdict } of said) verdicts.set(what, verdict)
}
