/**
 * `report`: jobs → GitHub. Says the present truth of each job that changed, at least once, never backwards.
 *
 * Level-triggered: what is said is read when it is said, so ten changes are one post. What GitHub
 * refuses for good is dropped, what it asks to wait for waits, and no job holds up another.
 */
import { jobComment } from '../shared/comment.ts'
import { claimSay, dropSay, markSaid, type Said, type Say, sayLater } from '../shared/db/outbox.ts'
import type { Reply } from '../shared/db/replies.ts'
import type { Sql } from '../shared/db/sql.ts'
import { holdSay, markHeard, readHeard, readTold, type TellJob } from '../shared/db/told.ts'
import type { Wait } from '../shared/db/wake.ts'
import { jobStatus } from '../shared/status.ts'
import type { Told } from '../shared/told.ts'
import type { GitHub } from './io/github.ts'
import type { PostOutcome } from './io/github_post.ts'
import { sayCheck } from './report_check.ts'
import { note } from './report_note.ts'
import { sayReply, takeReply } from './report_replies.ts'
import { saySticky } from './report_sticky.ts'
import { drain } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** A post takes 20 seconds at most, the time limit of the adapter: a lease that outlives it keeps two reporters in order. */
export const LEASE_SECONDS = 30

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
  /** Speaks by check runs, as an App may; without it by commit statuses. */
  readonly asApp?: boolean
  /** Says nothing, and logs what it would have said. */
  readonly gagged: boolean
  readonly log: Log
  readonly wait: Wait
}

type Item = Say | Reply

type TellTold = Told & { readonly job: TellJob }

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
    const found = await readTold(sql, say.jobId)
    if (found === undefined) throw new Error(`job ${say.jobId} is gone`)
    const told = { ...found, baseUrl }
    const status = jobStatus(told.job, told.sources)
    const said: Said = { ...status, target_url: `${baseUrl}/jobs/${told.job.id}` }

    const early = isSame(said, say.said) ? 0 : pauseBefore(said, say)
    if (early > 0) return void (await sayLater(sql, say, { seconds: early, why: null, failed: false }))
    await post(reporting, say, { told, said })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const seconds = Math.min(BACKOFF_SECONDS_MAX, 5 * 2 ** Math.min(say.failures, 10))
    log(`failed to report job ${say.jobId}, again in ${seconds} s: ${why}`)
    await sayLater(sql, say, { seconds, why, failed: true })
  }
}

/** A job, and the status that it has now. */
interface Word {
  readonly told: TellTold
  readonly said: Said
}

/** The verdict first, then the comment: what keeps one waiting does not take the other back. */
async function post(reporting: Reporting, say: Say, word: Word): Promise<void> {
  const { sql, log, gagged } = reporting
  const { told, said } = word
  const { job } = told
  const line = `job ${job.id}: ${said.state}: ${said.description}`
  if (gagged || job.statusUrl === null) {
    if (!isSame(said, say.said)) await keepQuiet(reporting, word)
    await markSaid(sql, say, said)
    return
  }

  const verdict =
    reporting.asApp === true ? await sayCheck(reporting, say, told) : await sayStatus(reporting, say, word)
  const isGone = verdict.kind === 'refused' && verdict.forEver
  if (job.pullNumber !== null && !isGone && !(await holdSay(sql, say, LEASE_SECONDS)))
    throw new Error('somebody else tells of this job')
  const outcome = verdict.kind === 'wait' || isGone ? verdict : await saySticky(reporting, told)
  if (outcome.kind === 'wait') {
    log(`waiting ${outcome.seconds} s to report job ${job.id}: ${outcome.why}`)
    await sayLater(sql, say, { seconds: outcome.seconds, why: outcome.why, failed: false })
  } else if (verdict.kind === 'refused') {
    log(`dropped report of job ${job.id}: ${verdict.why}`)
    await dropSay(sql, say, { why: verdict.why, forEver: verdict.forEver })
  } else {
    log(`said of ${line}`)
    await markSaid(sql, say, said)
  }
}

/** Say a job by a commit status, unless that is what was heard last. */
async function sayStatus(reporting: Reporting, say: Say, { told, said }: Word): Promise<PostOutcome> {
  const { sql, github, context } = reporting
  const { job } = told
  if (isSame(said, say.said) || job.isReplaced) return { kind: 'said' }
  const digest = `${said.state}: ${said.description}`
  if ((await readHeard(sql, job.id, 'status'))?.digest === digest) return { kind: 'said' }
  const repository = { owner: job.owner, name: job.repository }
  const { state, description, target_url: targetUrl } = said
  const outcome = await github.postStatus(repository, job.commitSha, {
    state,
    description,
    targetUrl,
    context,
  })
  await note(reporting, job.id, { channel: 'status', said: digest, body: null, outcome })
  // A comment that fails has the status said once all the same.
  if (outcome.kind === 'said' && job.pullNumber !== null)
    await markHeard(sql, { jobId: job.id, channel: 'status' }, { number: null, digest, annotated: 0 })
  return outcome
}

/** Nothing is said; the log and the page show what would have been. */
async function keepQuiet(reporting: Reporting, { told, said }: Word): Promise<void> {
  const { job } = told
  const line = `${said.state}: ${said.description}`
  reporting.log(`gagged, would say of job ${job.id}: ${line}`)
  const body = jobComment(told)
  await note(reporting, job.id, { channel: 'status', said: line, body: null, outcome: 'silenced' })
  if (job.pullNumber !== null && body !== undefined)
    await note(reporting, job.id, { channel: 'comment', said: 'the comment', body, outcome: 'silenced' })
}

function isSame(said: Said, before: Said | null): boolean {
  return before !== null && before.state === said.state && before.description === said.description
}

/** Seconds to wait before one more "still going"; a verdict never waits. */
function pauseBefore(said: Said, { said: before, saidAt }: Say): number {
  if (said.state !== 'pending' || before?.state !== 'pending' || saidAt === null) return 0
  return Math.max(0, PENDING_PAUSE_SECONDS - (Date.now() - saidAt.getTime()) / 1000)
}
