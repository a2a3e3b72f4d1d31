/**
 * `expand`: events → tasks. What did this push, pull request or comment ask for?
 *
 * Jobs are looked into by expand_job.ts, what people ask for by expand_ask.ts. GitHub being away is no verdict: the
 * event waits, and after the last try its job ends, and says why.
 */
import { type EventItem, failEvent } from '../shared/db/deliveries.ts'
import { claim, extend, type Item, release } from '../shared/db/queue.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import type { Repositories } from '../shared/repositories.ts'
import { expandAsk } from './expand_ask.ts'
import { expandJobOf } from './expand_job.ts'
import type { GitHubReading } from './io/github_read.ts'
import { GitHubWait } from './io/github_call.ts'
import { drain } from './system/drain.ts'
import type { Log } from './system/log.ts'

export interface Expanding {
  readonly sql: Sql
  readonly github: GitHubReading
  readonly worker: string
  readonly leaseSeconds: number
  /** The repositories that are ours, each with its rules; all, by the usual rules, without it. */
  readonly repositories?: Repositories
  readonly log: Log
  readonly wait: Wait
}

/** Look into events until told to stop. */
export function expand(expanding: Expanding, signal: AbortSignal): Promise<void> {
  const { sql, worker, leaseSeconds, log, wait } = expanding
  return drain<Item<EventItem>>(
    {
      take: async () => (await claim<EventItem>(sql, 'events', { worker, leaseSeconds }))[0],
      deal: (item) => expandOne(expanding, item),
      leave: async (item) => {
        const kept = await release(sql, item)
        log(`${kept ? 'gave back' : 'lost'} ${nameOf(item)}: GitHub does not answer`)
      },
      log,
      wait,
    },
    signal,
  )
}

/** Look into one event that was claimed. */
export async function expandOne(expanding: Expanding, item: Item<EventItem>): Promise<void> {
  const { sql, leaseSeconds, log } = expanding
  const { delivery_id: deliveryId, job_id: jobId } = item.data
  const renewal = setInterval(
    () => void extend(sql, [item], leaseSeconds).catch(() => {}),
    (leaseSeconds * 1000) / 5,
  )
  try {
    const said =
      jobId === null
        ? await expandAsk(expanding, item, deliveryId)
        : await expandJobOf(expanding, item, jobId)
    log(`${nameOf(item)}: ${said}`)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    // GitHub may ask to wait for most of an hour; sooner would only use up tries.
    const wait = error instanceof GitHubWait ? { retryInSeconds: error.seconds } : {}
    const outcome = await failEvent(sql, item, { jobId, deliveryId, error: why, ...wait })
    log(`failed at ${nameOf(item)}: ${why}: ${outcome}`)
  } finally {
    clearInterval(renewal)
  }
}

function nameOf({ data }: Item<EventItem>): string {
  return data.job_id === null ? `delivery ${data.delivery_id}` : `job ${data.job_id}`
}
