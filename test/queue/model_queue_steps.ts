/** Random steps of the queue, each done to the model and to Postgres, which must then agree in all that can be seen. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { claim, extend, fail, finish, put, release } from '../../shared/db/queue.ts'
import type { Sql } from '../../shared/db/sql.ts'
import * as model from './model_queue.ts'
import { after, NOON, plain, sweepNow } from './world.ts'

/** The model, Postgres, and every receipt that was ever given. */
export interface World {
  readonly sql: Sql
  readonly queue: model.Queue
  readonly receipts: model.Receipt[]
  /** How often each answer was given, to see that the sequences get everywhere. */
  readonly reached: Map<string, number>
}

function reach({ reached }: World, answer: string): void {
  reached.set(answer, (reached.get(answer) ?? 0) + 1)
}

type Step =
  | ({
      readonly put: string
      readonly lane: number
      readonly schedule: number | null
      readonly expected: number | null
    } & { readonly key: string | null; readonly maxFailures: number })
  | { readonly claim: string; readonly n: number; readonly lease: number; readonly laneMax: number }
  | { readonly extend: readonly [number, number]; readonly lease: number }
  | { readonly finish: number }
  | { readonly fail: number; readonly retryIn: number }
  | { readonly release: number }
  | { readonly pqTakes: number }
  | { readonly sweep: true }
  | { readonly advance: number }

type WithReceipt = Extract<
  Step,
  { extend: unknown } | { finish: unknown } | { fail: unknown } | { release: unknown }
>

const queueName = fc.constantFrom('a', 'a', 'a', 'b')
const lane = fc.constantFrom(9, 9, 5, 1)
const index = fc.nat(1_000)
/** Times are coarse, so that ends and beginnings meet. */
const moment = fc.constantFrom(null, null, null, -10, 0, 20)
const lease = fc.constantFrom(10, 20)

/** A step; claims and the clock come often, because without them there is nothing to be fenced. */
export const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      put: queueName,
      lane,
      schedule: moment,
      expected: moment,
      key: fc.constantFrom(null, null, null, 'k', 'l'),
      maxFailures: fc.constantFrom(1, 3, 5),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ claim: queueName, n: fc.integer({ min: 1, max: 3 }), lease, laneMax: lane }),
  },
  { weight: 5, arbitrary: fc.record({ extend: fc.tuple(index, index), lease }) },
  { weight: 2, arbitrary: fc.record({ finish: index }) },
  { weight: 3, arbitrary: fc.record({ fail: index, retryIn: fc.constantFrom(0, 10, 20) }) },
  { weight: 2, arbitrary: fc.record({ release: index }) },
  { weight: 1, arbitrary: fc.record({ pqTakes: index }) },
  { weight: 5, arbitrary: fc.record({ sweep: fc.constant(true as const) }) },
  { weight: 5, arbitrary: fc.record({ advance: fc.constantFrom(1, 10, 20) }) },
)

/** Do a step to both, compare what they answer, and then all that can be seen. */
export async function take(world: World, step: Step): Promise<void> {
  if ('put' in step) await takePut(world, step)
  else if ('claim' in step) await takeClaim(world, step)
  else if ('pqTakes' in step) await takePq(world, step.pqTakes)
  else if ('sweep' in step) await takeSweep(world)
  else if ('advance' in step) await advance(world, step.advance)
  else await takeReceipt(world, step)
  assert.deepEqual(await see(world.sql), model.seen(world.queue))
}

async function takeSweep(world: World): Promise<void> {
  const lost = model.sweep(world.queue)
  for (const { isDead } of lost) reach(world, isDead ? 'swept: dead' : 'swept: back')
  assert.equal(await sweepNow(world.sql), lost.length)
}

async function advance({ sql, queue }: World, seconds: number): Promise<void> {
  queue.now += seconds
  await setClock(sql, queue.now)
}

/** From now on it is so many seconds after noon, for this session. */
export async function setClock(sql: Sql, now: number): Promise<void> {
  await sql`select set_config('queue.now', ${after(now).toISOString()}, false)`
}

async function takePut(world: World, step: Extract<Step, { put: string }>): Promise<void> {
  const { sql, queue } = world
  const { lane, key, maxFailures } = step
  const scheduleAt = step.schedule === null ? null : queue.now + step.schedule
  const expectedAt = step.expected === null ? null : queue.now + step.expected
  const id = await put(
    sql,
    step.put,
    {},
    {
      lane,
      maxFailures,
      ...(key === null ? {} : { key }),
      ...(scheduleAt === null ? {} : { at: after(scheduleAt) }),
      ...(expectedAt === null ? {} : { expectedAt: after(expectedAt) }),
    },
  )

  reach(world, id === null ? 'put: there already' : 'put: new')
  assert.equal(id === null, model.hasKey(queue, step.put, key))
  if (id !== null)
    model.put(queue, { name: id, queue: step.put, lane, key, maxFailures, scheduleAt, expectedAt })
}

async function takeClaim(world: World, step: Extract<Step, { claim: string }>): Promise<void> {
  const { sql, queue, receipts } = world
  const { n, lease, laneMax } = step
  const worker = `worker ${receipts.length}`
  const expected = model
    .readyItems(queue, step.claim, laneMax)
    .slice(0, n)
    .map((item) => model.lend(queue, item, worker, lease))

  const items = await claim(sql, step.claim, { worker, n, leaseSeconds: lease, laneMax })

  assert.deepEqual(
    items.map(({ id, attempt }) => ({ name: id, attempt })),
    expected,
  )
  receipts.push(...expected)
  reach(world, `claim: ${expected.length}`)
}

/** Someone comes back with a receipt, perhaps an old one. */
async function takeReceipt(world: World, step: WithReceipt): Promise<void> {
  const { sql, queue, receipts } = world
  if (receipts.length === 0) return
  // The newest first: old ones are refused anyway, and the young are where it gets close.
  const pick = (index: number) => receipts[Math.max(0, receipts.length - 1 - (index % 6))]!
  const ref = ({ name, attempt }: model.Receipt) => ({ id: name, attempt })

  if ('extend' in step) {
    const picked = [...new Map(step.extend.map(pick).map((receipt) => [receipt.name, receipt])).values()]
    const swept = picked.filter(({ name }) => queue.items.get(name)?.isTaken === false)
    const kept = await extend(sql, picked.map(ref), step.lease)
    const expected = picked.filter((receipt) => model.extend(queue, receipt, step.lease))
    assert.deepEqual([...kept].sort(), expected.map(({ name }) => name).sort())
    for (const receipt of picked)
      reach(
        world,
        `extend: ${expected.includes(receipt) ? (swept.includes(receipt) ? 'taken back' : 'kept') : 'lost'}`,
      )
    return
  }
  const [name, ours, theirs] =
    'finish' in step
      ? ['finish', model.finish(queue, pick(step.finish)), await finish(sql, ref(pick(step.finish)))]
      : 'release' in step
        ? ['release', model.release(queue, pick(step.release)), await release(sql, ref(pick(step.release)))]
        : [
            'fail',
            model.fail(queue, pick(step.fail), step.retryIn),
            await fail(sql, ref(pick(step.fail)), { error: 'x', retryInSeconds: step.retryIn }),
          ]
  assert.equal(theirs, ours)
  reach(world, `${name}: ${theirs}`)
}

/** A PQ client takes something that waits: no attempt, no lease. */
async function takePq({ sql, queue }: World, index: number): Promise<void> {
  const waiting = [...queue.items.values()].filter(({ isTaken }) => !isTaken)
  const item = waiting[index % waiting.length]
  if (item === undefined) return
  item.isTaken = true
  await sql`update queue.items set dequeued_at = queue.clock() where id = ${item.name}`
}

async function see(sql: Sql): Promise<object[]> {
  const rows = await sql<{ name: string; leaseUntil: Date | null }[]>`
    select id::text as name, attempt, failures, dequeued_at is not null as "isTaken", lease_until as "leaseUntil",
      worker_id as worker
    from queue.items`
  return model.byName(plain(rows).map((row) => ({ ...row, leaseUntil: secondsOf(row.leaseUntil) })))
}

/** Seconds after noon. */
export function secondsOf(time: Date | null): number | null {
  return time === null ? null : (time.getTime() - NOON) / 1000
}
