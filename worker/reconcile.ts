/**
 * `reconcile`: what GitHub has against what we heard. A delivery that never came is made up for within minutes.
 *
 * Every few minutes each repository that sends events is looked at: open pull requests without a job, branches that moved
 * without a push, commands in comments, jobs of pull requests that are closed by now. What is missing is put in as an event of its own, under a
 * number that says what it is about, so that two who find the same, or the delivery when it comes after all, make one job.
 */
import { readCommands } from '../shared/command.ts'
import { wasHeard } from '../shared/db/asking.ts'
import { acceptDelivery, heardOf, jobOf } from '../shared/db/deliveries.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import {
  claimWatch,
  countFound,
  hasPushJob,
  jobsMergedUnknown,
  knowBranches,
  knowHead,
  knownHeads,
  livePulls,
  pullsWithJobs,
  renameWatched,
  resumeEvents,
  setMerged,
  type Watched,
  watchedNames,
  watchRepository,
} from '../shared/db/watched.ts'
import { readEvent } from '../shared/event.ts'
import { type Repositories, rulesOf } from '../shared/repositories.ts'
import { ensurePullJob } from './expand_gate.ts'
import type { Pull } from './io/github_pulls.ts'
import type { GitHubReading } from './io/github_read.ts'
import { every } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** A branch that was not there before. */
const NO_SHA = '0'.repeat(40)

/** Deliveries of comments come within seconds, or never. */
const COMMENT_GRACE_MS = 60_000

/** Jobs asked about in one round: whether they are merged is not urgent. */
const MERGED_ASKED_MAX = 50

export interface Reconciling {
  readonly sql: Sql
  readonly github: GitHubReading
  readonly repositories?: Repositories
  /** How long after one look at a repository the next follows. */
  readonly pauseSeconds: number
  readonly log: Log
  readonly wait?: Wait
}

/** Look again and again until told to stop. */
export async function reconcile(reconciling: Reconciling, signal: AbortSignal): Promise<void> {
  const { pauseSeconds, log } = reconciling
  // More often than each repository is looked at: several of us take turns, and any of us may be gone.
  await every(Math.min(30, pauseSeconds), () => reconcileOnce(reconciling, signal), { log, signal })
}

/** Look at all that is due once. Gives how many lost events were made up for. */
export async function reconcileOnce(reconciling: Reconciling, signal?: AbortSignal): Promise<number> {
  const { sql, pauseSeconds, log } = reconciling
  const resumed = await resumeEvents(sql)
  if (resumed > 0) log(`${resumed} events were lost in this house, and go on`)
  await watchConfigured(reconciling)
  let found = 0
  const looked = new Set<string>()
  for (;;) {
    const watched = signal?.aborted ? undefined : await claimWatch(sql, pauseSeconds)
    // Each once a round, however short the pause is.
    if (watched === undefined || looked.has(watched.key)) break
    looked.add(watched.key)
    found += await lookAt(reconciling, watched)
  }
  await askMerged(reconciling)
  return found + resumed
}

/** Repositories that are configured, and never sent anything: their webhook may be what is wrong. */
async function watchConfigured({ sql, github, repositories }: Reconciling): Promise<void> {
  const known = new Set((await watchedNames(sql)).map(({ owner, name }) => `${owner}/${name}`.toLowerCase()))
  for (const full of repositories?.keys() ?? []) {
    if (known.has(full)) continue
    const [owner = '', name = ''] = full.split('/')
    const facts = await github.repository({ owner, name })
    if (facts !== undefined) await watchRepository(sql, facts)
  }
}

async function lookAt(reconciling: Reconciling, watched: Watched): Promise<number> {
  const { sql, github, repositories, log } = reconciling
  const facts = await github.repository(watched)
  if (facts === undefined) {
    log(`${watched.owner}/${watched.name} is gone, or hidden from us`)
    return 0
  }
  if (
    facts.owner !== watched.owner ||
    facts.name !== watched.name ||
    facts.defaultBranch !== watched.defaultBranch
  )
    await renameWatched(sql, watched.key, facts)
  if (rulesOf(repositories, facts, watched) === undefined) return 0

  const now = { ...watched, ...facts, key: watched.key }
  const found = [
    ...(await lostPulls(reconciling, now)),
    ...(await lostPushes(reconciling, now)),
    ...(await lostComments(reconciling, now)),
  ]
  for (const what of found) {
    log(`found by looking: ${what} of ${now.owner}/${now.name}`)
    await countFound(sql, watched.key)
  }
  return found.length
}

/** Open pull requests without a job of their head, and jobs of pull requests that are not open any more. */
async function lostPulls({ sql, github, repositories }: Reconciling, watched: Watched): Promise<string[]> {
  const open = await github.openPulls(watched)
  const known = await pullsWithJobs(
    sql,
    watched.key,
    open.map(({ headSha }) => headSha),
  )
  const found: string[] = []
  const isSilent = rulesOf(repositories, watched)?.silent ?? false
  for (const pull of open) {
    if (
      isBefore(pull.updatedAt, watched.since) ||
      known.has(`${pull.number} ${pull.headSha} ${pull.baseRef}`)
    )
      continue
    const place = { repository: watched, repositoryKey: watched.key, defaultBranch: watched.defaultBranch }
    await ensurePullJob(sql, { job: { ...place, isSilent }, pull })
    found.push(`pull request ${pull.number} at ${pull.headSha.slice(0, 7)}`)
  }

  const numbers = new Set(open.map(({ number }) => number))
  for (const number of await livePulls(sql, watched.key)) {
    if (numbers.has(number)) continue
    const pull = await github.pull(watched, number)
    if (pull?.isOpen || pull?.isMerged) continue
    if (await putClosed(sql, watched, { number, pull })) found.push(`closed pull request ${number}`)
  }
  return found
}

/** GitHub tells whole seconds. */
function isBefore(time: Date, since: Date): boolean {
  return time.getTime() + 1_000 <= since.getTime()
}

async function putClosed(
  sql: Sql,
  watched: Watched,
  { number, pull }: { readonly number: number; readonly pull: Pull | undefined },
): Promise<boolean> {
  const payload = {
    ...payloadOf(watched),
    action: 'closed',
    number,
    pull_request: { merged: pull?.isMerged ?? false },
  }
  const at = pull?.updatedAt.toISOString() ?? 'gone'
  return put(sql, 'pull_request', { id: `closed/${watched.key}/${number}/${at}`, payload })
}

/** Branches that are elsewhere than they were when they were last heard of, without a job of that. */
async function lostPushes({ sql, github }: Reconciling, watched: Watched): Promise<string[]> {
  const branches = await github.branches(watched)
  if (watched.isNew) {
    // Where branches were before anything was promised is where it begins.
    await knowBranches(sql, watched.key, branches)
    return []
  }
  const heads = await knownHeads(sql, watched.key)
  const found: string[] = []
  for (const [branch, sha] of branches) {
    const ref = `refs/heads/${branch}`
    const before = heads.get(ref)
    heads.delete(ref)
    if (before === sha) continue
    if (await hasPushJob(sql, watched.key, { ref, sha })) {
      await knowHead(sql, watched.key, ref, sha)
      continue
    }
    const payload = { ...payloadOf(watched), ref, before: before ?? NO_SHA, after: sha }
    const id = `push/${watched.key}/${branch}/${before ?? ''}/${sha}`
    if (await put(sql, 'push', { id, payload })) found.push(`push to ${branch} at ${sha.slice(0, 7)}`)
  }
  for (const [ref, before] of heads) {
    const payload = { ...payloadOf(watched), ref, before, after: NO_SHA, deleted: true }
    await put(sql, 'push', { id: `push/${watched.key}/${ref}/${before}/deleted`, payload })
  }
  return found
}

/** Comments with commands that nobody heard. A comment that was heard once is not looked at again, edited or not. */
async function lostComments({ sql, github, pauseSeconds }: Reconciling, watched: Watched): Promise<string[]> {
  const now = Date.now()
  // Two looks back: one may have failed. What is quite new may be on its way just now.
  const since = Math.max(watched.since.getTime(), now - 2 * pauseSeconds * 1_000 - COMMENT_GRACE_MS)
  const found: string[] = []
  for (const comment of await github.commentsSince(watched, new Date(since))) {
    if (comment.updatedAt.getTime() > now - COMMENT_GRACE_MS || isBefore(comment.updatedAt, watched.since))
      continue
    if (readCommands(comment.body).length === 0 || (await wasHeard(sql, comment.id))) continue
    const payload = {
      ...payloadOf(watched),
      action: 'created',
      issue: { number: comment.pullNumber, pull_request: {} },
      comment: { id: comment.id, body: comment.body },
      sender: { login: comment.login, type: comment.isBot ? 'Bot' : 'User' },
    }
    if (await put(sql, 'issue_comment', { id: `comment/${watched.key}/${comment.id}`, payload }))
      found.push(`comment ${comment.id} in pull request ${comment.pullNumber}`)
  }
  return found
}

/** As much of a payload as all events have. */
function payloadOf({ key, owner, name, defaultBranch }: Watched) {
  const id = /^\d+$/.test(key) ? { id: Number(key) } : {}
  return {
    repository: { ...id, name, owner: { login: owner }, default_branch: defaultBranch },
    sender: { login: 'somebody', type: 'User' },
  }
}

/** Put in an event that never came, as the hook would have. False when it is there already. */
async function put(
  sql: Sql,
  name: string,
  { id, payload }: { readonly id: string; readonly payload: Readonly<Record<string, unknown>> },
): Promise<boolean> {
  const event = readEvent(name, payload)
  if (event.kind === 'ignored') return false
  const { created } = await acceptDelivery(sql, {
    id,
    event: name,
    action: typeof payload['action'] === 'string' ? payload['action'] : null,
    payload,
    ignored: null,
    job: event.kind === 'job' ? jobOf(event, { id: crypto.randomUUID() }) : null,
    heard: { ...heardOf(event), understood: `${event.understood} (found by looking)` },
  })
  return created
}

/** Whether the commits of jobs are merged, where that is unknown. */
async function askMerged({ sql, github, log }: Reconciling): Promise<void> {
  for (const { id, owner, name, sha } of await jobsMergedUnknown(sql, MERGED_ASKED_MAX)) {
    const isMerged = await github.isMerged({ owner, name }, sha)
    await setMerged(sql, id, isMerged)
    log(`job ${id} ${isMerged ? 'is' : 'is not'} merged`)
  }
}
