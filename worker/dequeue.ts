/**
 * `dequeue`: done, due, heartbeat → runs and jobs.
 *
 * Results are claimed in one transaction and settled in another, so that one that cannot be settled
 * costs itself and not the queue. Beside the loop, at their own pace: lost leases are swept,
 * heartbeats taken, sets dripped, and the five metrics sent.
 */
import { type QueueMetrics, readMetrics, takeHeartbeats } from '../shared/db/heartbeats.ts'
import { claim, drip, type Item, sweep } from '../shared/db/queue.ts'
import { failSettling, type SettlingItem, settleDone, settleDue } from '../shared/db/runs.ts'
import { endCancelled } from '../shared/db/sets.ts'
import { isPassing, type Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import { isObject } from '../shared/source.ts'
import type { CloudWatch } from './io/cloudwatch.ts'
import { drain, every, sleep } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** Settled one after the other; a batch saves round trips when a burst comes in. */
const BATCH = 20

/** An `int` of Postgres. */
const RUN_ID_MAX = 2_147_483_647

const HEARTBEAT_PAUSE_SECONDS = 2
const CANCEL_PAUSE_SECONDS = 1
/** After a release the next look comes soon: a worker that reuses a result is ready for more at once. */
const DRIP_PAUSE_MS = 50
const METRICS_PAUSE_SECONDS = 30

export interface Dequeuing {
  readonly sql: Sql
  readonly metrics: CloudWatch
  readonly worker: string
  readonly leaseSeconds: number
  readonly sweepSeconds: number
  /** How many batch tasks are kept waiting. */
  readonly dripTarget: number
  readonly log: Log
  readonly wait: Wait
}

interface Batch {
  readonly done: readonly Item<SettlingItem>[]
  readonly due: readonly Item<SettlingItem>[]
}

/** Recognise what is done or overdue until told to stop. */
export async function dequeue(dequeuing: Dequeuing, signal: AbortSignal): Promise<void> {
  const { sql, leaseSeconds, sweepSeconds, dripTarget, log, wait } = dequeuing
  await Promise.all([
    drain<Batch>(
      {
        take: () => takeBatch(dequeuing),
        deal: (batch) => settleBatch(dequeuing, batch),
        leave: async () => log('left a batch: Postgres does not answer'),
        log,
        wait,
      },
      signal,
    ),
    every(sweepSeconds, () => sweepOnce(sql, leaseSeconds, log), { log, signal }),
    every(HEARTBEAT_PAUSE_SECONDS, () => takeHeartbeats(sql), { log, signal }),
    drain<number>(
      {
        take: async () => (await drip(sql, dripTarget)) || undefined,
        deal: () => sleep(DRIP_PAUSE_MS, signal),
        log,
        wait,
      },
      signal,
    ),
    every(CANCEL_PAUSE_SECONDS, () => endCancelled(sql), { log, signal }),
    every(METRICS_PAUSE_SECONDS, () => sendMetrics(dequeuing), { log, signal }),
  ])
}

async function takeBatch({ sql, worker, leaseSeconds }: Dequeuing): Promise<Batch | undefined> {
  const done = await claim<SettlingItem>(sql, 'done', { worker, n: BATCH, leaseSeconds })
  const due = await claim<SettlingItem>(sql, 'due', { worker, n: BATCH, leaseSeconds })
  return done.length + due.length === 0 ? undefined : { done, due }
}

/** Done first: a result that is there wins over the end of patience. */
async function settleBatch(dequeuing: Dequeuing, { done, due }: Batch): Promise<void> {
  for (const item of done) await settleOne(dequeuing, item, settleDone)
  for (const item of due) await settleOne(dequeuing, item, settleDue)
}

async function settleOne(
  { sql, log }: Dequeuing,
  item: Item<SettlingItem>,
  settle: (sql: Sql, item: Item<SettlingItem>) => Promise<string>,
): Promise<void> {
  // Anyone who may put an item may put a poisoned one.
  const named: unknown = isObject(item.data) ? item.data['run_id'] : null
  const runId = Number.isInteger(named) && Math.abs(named as number) <= RUN_ID_MAX ? (named as number) : null
  try {
    log(`${await settle(sql, item)} run ${runId}`)
  } catch (error) {
    if (isPassing(error)) throw error
    const why = error instanceof Error ? error.message : String(error)
    log(`failed to settle run ${runId}: ${why}: ${await failSettling(sql, item, runId, why)}`)
  }
}

async function sweepOnce(sql: Sql, graceSeconds: number, log: Log): Promise<void> {
  const lost = await sweep(sql, graceSeconds)
  if (lost > 0) log(`swept ${lost} lost leases`)
}

async function sendMetrics({ sql, metrics }: Dequeuing): Promise<void> {
  const numbers: QueueMetrics = await readMetrics(sql)
  const names = Object.keys(numbers) as (keyof QueueMetrics)[]
  await metrics.send(names.map((name) => ({ name, value: numbers[name] })))
}
