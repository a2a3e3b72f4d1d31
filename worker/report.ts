/**
 * `report`: jobs → GitHub. Says the present truth of each job that changed, at least once, never backwards.
 *
 * Level-triggered: what is said is read when it is said, so ten changes are one post. What GitHub
 * refuses for good is dropped, what it asks to wait for waits, and no job holds up another.
 */
import { readJob, readJobSources, type Job } from '../shared/db/jobs.ts'
import { claimSay, dropSay, markSaid, type Said, type Say, sayLater } from '../shared/db/outbox.ts'
import type { Reply } from '../shared/db/replies.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import { jobStatus } from '../shared/status.ts'
import type { GitHub } from './io/github.ts'
import { sayReply, takeReply } from './report_replies.ts'
import { drain } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** A post takes 20 seconds at most, the time limit of the adapter: a lease that outlives it keeps two reporters in order. */
const LEASE_SECONDS = 30

/** A contributor does not need to hear of each data source as it ends. */
const PENDING_PAUSE_SECONDS = 15

/** After this many failures a word is tried once an hour. */
const BACKOFF_SECONDS_MAX = 3_600

export interface Reporting {
  readonly sql: Sql
  readonly github: GitHub
  readonly worker: string
  /** Where the pages are: `https://…` without a last slash. */
  readonly baseUrl: string
  readonly context: string
  /** Says nothing, and logs what it would have said. */
  readonly gagged: boolean
  readonly log: Log
  readonly wait: Wait
}

type Item = Say | Reply

/** Tell GitHub until told to stop. */
export function report(reporting: Reporting, signal: AbortSignal): Promise<void> {
  const { log, wait } = reporting
  return drain<Item>(
    {
      take: () => take(reporting),
      deal: (item) => ('jobId' in item ? sayOne(reporting, item) : sayReply(reporting, item)),
      // GitHub may hear it yet: only the lease tells when another may speak without being overtaken.
      leave: async (item) => {
        const what = 'jobId' in item ? `the report of job ${item.jobId}` : `reply ${item.id}`
        log(`left ${what}: GitHub does not answer`)
      },
      log,
      wait,
    },
    signal,
  )
}

/** Somebody who asked waits at the screen: answers are short, and come first. */
async function take(reporting: Reporting): Promise<Item | undefined> {
  const { sql, worker } = reporting
  return (await takeReply(reporting, LEASE_SECONDS)) ?? (await claimSay(sql, worker, LEASE_SECONDS))
}

async function sayOne(reporting: Reporting, say: Say): Promise<void> {
  const { sql, baseUrl, log } = reporting
  try {
    const job = await readJob(sql, say.jobId)
    if (job === undefined) throw new Error(`job ${say.jobId} is gone`)
    const status = jobStatus(job, await readJobSources(sql, say.jobId))
    const said: Said = { ...status, target_url: `${baseUrl}/jobs/${job.id}` }

    if (isSame(said, say.said)) return void (await markSaid(sql, say, said))
    const early = pauseBefore(said, say)
    if (early > 0) return void (await sayLater(sql, say, { seconds: early, why: null, failed: false }))
    await post(reporting, say, { job, said })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const seconds = Math.min(BACKOFF_SECONDS_MAX, 5 * 2 ** Math.min(say.failures, 10))
    log(`failed to report job ${say.jobId}, again in ${seconds} s: ${why}`)
    await sayLater(sql, say, { seconds, why, failed: true })
  }
}

async function post(
  { sql, github, context, gagged, log }: Reporting,
  say: Say,
  { job, said }: { readonly job: Job; readonly said: Said },
): Promise<void> {
  const line = `job ${job.id}: ${said.state}: ${said.description}`
  if (gagged || job.statusUrl === null) {
    log(`gagged, would say of ${line}`)
    await markSaid(sql, say, said)
    return
  }

  const repository = { owner: job.owner, name: job.repository }
  const outcome = await github.postStatus(repository, job.commitSha, {
    state: said.state,
    description: said.description,
    targetUrl: said.target_url,
    context,
  })
  switch (outcome.kind) {
    case 'said':
      log(`said of ${line}`)
      await markSaid(sql, say, said)
      return
    case 'wait':
      log(`waiting ${outcome.seconds} s to report job ${job.id}: ${outcome.why}`)
      await sayLater(sql, say, { seconds: outcome.seconds, why: outcome.why, failed: false })
      return
    case 'refused':
      log(`dropped report of job ${job.id}: ${outcome.why}`)
      await dropSay(sql, say, { why: outcome.why, forEver: outcome.forEver })
      return
    default:
      return outcome satisfies never
  }
}

function isSame(said: Said, before: Said | null): boolean {
  return before !== null && before.state === said.state && before.description === said.description
}

/** Seconds to wait before one more "still going"; a verdict never waits. */
function pauseBefore(said: Said, { said: before, saidAt }: Say): number {
  if (said.state !== 'pending' || before?.state !== 'pending' || saidAt === null) return 0
  return Math.max(0, PENDING_PAUSE_SECONDS - (Date.now() - saidAt.getTime()) / 1000)
}
