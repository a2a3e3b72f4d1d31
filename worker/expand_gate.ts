/**
 * The gate of a pull request: is this still its head, is it open, may it run, and is it not too much.
 *
 * All of it is what GitHub says now, not what the event said then: events come late, twice, and out of order.
 */
import { permitFor, neverSentence, waitSentence } from '../shared/approval.ts'
import { acceptDelivery, type EventItem, heardOf, jobOf } from '../shared/db/deliveries.ts'
import {
  cancelJobs,
  countSuperseded,
  finishEvent,
  isApproved,
  type JobToExpand,
  type Rate,
  readRates,
  waitJob,
} from '../shared/db/expanding.ts'
import type { Item } from '../shared/db/queue.ts'
import type { ISql } from '../shared/db/sql.ts'
import type { JobEvent } from '../shared/event.ts'
import type { Rules } from '../shared/repositories.ts'
import type { Expanding } from './expand.ts'
import { GitHubWait } from './io/github_call.ts'
import type { Pull } from './io/github_pulls.ts'

/** The pull request, when its job may go on; or what was done instead, for the log. */
export type Gate = { readonly pull: Pull } | { readonly closed: string }

interface Given {
  readonly job: JobToExpand
  readonly rules: Rules
}

/** GitHub may tell of a push before its API shows it: so long until that is believed to be something else. */
const LAG_SECONDS = 2

/** A limit is looked at again this long after it should be free, at least. */
const RATE_PAUSE_SECONDS_MIN = 5

/** Whether the job of a pull request may go on. */
export async function pullGate(
  expanding: Expanding,
  item: Item<EventItem>,
  { job, rules }: Given,
): Promise<Gate> {
  const { sql, github } = expanding
  const pull = await github.pull(job.repository, job.pullNumber ?? 0)
  if (pull === undefined) return stop(expanding, item, { job, detail: 'the pull request is gone' })
  if (pull.headSha !== job.commitSha || (job.baseRef !== null && pull.baseRef !== job.baseRef)) {
    if (item.attempt === 1) throw new GitHubWait('GitHub shows another head', 200, { seconds: LAG_SECONDS })
    return passOn(expanding, item, { job, pull })
  }
  if (!pull.isOpen && !pull.isMerged)
    return stop(expanding, item, { job, detail: 'the pull request was closed' })

  const permit = permitFor(rules, {
    association: pull.association,
    isOwnBranch: pull.isOwnBranch,
    isApproved: await isApproved(sql, job.repositoryKey, pull.number),
  })
  if (permit !== 'now') {
    const why = permit === 'never' ? neverSentence(pull.author) : waitSentence(pull.author)
    await waitJob(sql, item, { jobId: job.id, for: 'approval', why, seconds: null })
    return { closed: `waits for approval: ${pull.author} is ${pull.association}` }
  }

  const wait = tooMuch(rules, await readRates(sql, job))
  if (wait === undefined) return { pull }
  await waitJob(sql, item, { jobId: job.id, for: 'rate', ...wait })
  return { closed: `waits ${wait.seconds} s: ${wait.why}` }
}

async function stop(
  { sql }: Expanding,
  item: Item<EventItem>,
  { job, detail }: { readonly job: JobToExpand; readonly detail: string },
): Promise<Gate> {
  await cancelJobs(sql, [job.id], { problem: 'cancelled', detail })
  await finishEvent(sql, item)
  return { closed: detail }
}

/** The pull request has another head, or base, by now: the job of that one is the one that counts. */
async function passOn(
  { sql }: Expanding,
  item: Item<EventItem>,
  { job, pull }: { readonly job: JobToExpand; readonly pull: Pull },
): Promise<Gate> {
  const next = pull.isOpen ? await ensurePullJob(sql, { job, pull }) : null
  const detail = `the pull request is at commit ${pull.headSha.slice(0, 7)}, for ${pull.baseRef}, by now`
  await cancelJobs(sql, [job.id], { problem: 'superseded', detail, by: next })
  await finishEvent(sql, item)
  return { closed: detail }
}

/** The job of a pull request as it is now; made when its own event never came, or has yet to. Gives its id. */
export async function ensurePullJob(
  sql: ISql,
  { job, pull }: { readonly job: PullPlace; readonly pull: Pull },
): Promise<string | null> {
  const event = pullEvent(job, pull)
  // Two who find the same make one job; but one that had to give way before does not stand in the way of another.
  const before = await countSuperseded(sql, job.repositoryKey, pull)
  const { jobId } = await acceptDelivery(sql, {
    id: `head/${job.repositoryKey}/${pull.number}/${pull.headSha}/${pull.baseRef}/${before}`,
    event: 'pull_request',
    action: 'synchronize',
    payload: { found: 'by looking at the pull request' },
    job: jobOf(event, { id: crypto.randomUUID(), isSilent: job.isSilent }),
    ignored: null,
    heard: heardOf(event),
  })
  return jobId
}

/** Where a pull request is. */
export type PullPlace = Pick<JobToExpand, 'repository' | 'repositoryKey' | 'isSilent'> & {
  readonly defaultBranch: string | null
}

function pullEvent(job: PullPlace, pull: Pull): JobEvent {
  return {
    kind: 'job',
    event: 'pull_request',
    repository: job.repository,
    repositoryId: /^\d+$/.test(job.repositoryKey) ? Number(job.repositoryKey) : null,
    defaultBranch: job.defaultBranch ?? pull.baseRef,
    understood: `pull request ${pull.number} was seen at commit ${pull.headSha.slice(0, 7)}`,
    headRepository: pull.headRepository ?? job.repository,
    commitSha: pull.headSha,
    baseSha: pull.baseSha,
    baseRef: pull.baseRef,
    ref: null,
    isDefaultBranch: false,
    pullNumber: pull.number,
    author: pull.author,
    statusUrl: pull.statusUrl,
    commentsUrl: pull.commentsUrl,
  }
}

/** Which limit is reached, and when there is room again. */
function tooMuch(
  { authorJobsPerHour, pullJobsPerHour }: Rules,
  { author, pull }: { readonly author: Rate; readonly pull: Rate },
): { readonly why: string; readonly seconds: number } | undefined {
  const limits = [
    [pull, pullJobsPerHour, 'this pull request has'],
    [author, authorJobsPerHour, 'its author has'],
  ] as const
  for (const [{ jobs, seconds }, max, whose] of limits) {
    if (max === 0 || jobs < max) continue
    const why = `${whose} had ${max} jobs within an hour, which is the limit: this one follows by itself`
    return { why, seconds: Math.max(RATE_PAUSE_SECONDS_MIN, Math.ceil(seconds)) }
  }
  return undefined
}
