/**
 * A job is looked into: may it run, what does it change, and which data sources follow from that.
 *
 * Every step can be done again: whoever is killed between two of them is followed by another who comes to the same end.
 */
import type { EventItem } from '../shared/db/deliveries.ts'
import {
  cancelJobs,
  finishEvent,
  type JobToExpand,
  readJobToExpand,
  supersede,
} from '../shared/db/expanding.ts'
import { expandJob } from '../shared/db/jobs.ts'
import type { Item } from '../shared/db/queue.ts'
import { doubtMerged, namesOf } from '../shared/db/watched.ts'
import { type Rules, rulesOf } from '../shared/repositories.ts'
import type { Expanding } from './expand.ts'
import { readFiles } from './expand_files.ts'
import { pullGate } from './expand_gate.ts'
import { withResultsOfOthers } from './expand_same.ts'
import type { Pull } from './io/github_pulls.ts'
import type { ChangedFile, Comparison, GitHubReading } from './io/github_read.ts'

/** Look into a job. Gives a line for the log. */
export async function expandJobOf(
  expanding: Expanding,
  item: Item<EventItem>,
  jobId: string,
): Promise<string> {
  const { sql, github } = expanding
  const job = await readJobToExpand(sql, jobId)
  if (job === undefined) return done(expanding, item, 'there is no such job')
  const standing = await supersede(sql, jobId)
  if (standing !== 'newest') return done(expanding, item, standing)
  if (job.isExpanded) return done(expanding, item, 'was looked into before')

  const rules = await rulesFor(expanding, job)
  if (rules === undefined) {
    const detail = 'the repository is not configured here any more'
    await cancelJobs(sql, [jobId], { problem: 'cancelled', detail })
    return done(expanding, item, detail)
  }
  const gate = job.pullNumber === null ? { pull: undefined } : await pullGate(expanding, item, { job, rules })
  if ('closed' in gate) return gate.closed

  const changes = await whatChanged(github, job, gate.pull)
  const read = await readFiles(github, { job, rules, changes })
  const isDefault = isDefaultPush(job)
  // A forced push took commits away: whoever judged those is to ask again whether they are merged.
  if (isDefault && job.baseSha !== null && changes.mergeBase !== job.baseSha) await doubt(expanding, job)
  const sources = await withResultsOfOthers(expanding, job, read.sources)
  const kept = await expandJob(sql, item, {
    id: jobId,
    sources,
    isMerged: isMergedNow(job, { changes, pull: gate.pull }),
    found: {
      merge_base: changes.mergeBase ?? null,
      notes: read.notes,
      files: read.files,
      findings: read.findings,
      ...(isDefault ? { merges: true, known: read.known, gone: read.gone } : {}),
    },
  })
  return `${kept ? 'expanded' : 'lost'}: ${read.files.length} files, ${sources.length} data sources`
}

async function done({ sql }: Expanding, item: Item<EventItem>, said: string): Promise<string> {
  await finishEvent(sql, item)
  return said
}

/** The rules of the repository, under any of the names that it has or had. */
export async function rulesFor(
  { sql, repositories }: Expanding,
  { repository, repositoryKey }: Pick<JobToExpand, 'repository' | 'repositoryKey'>,
): Promise<Rules | undefined> {
  const rules = rulesOf(repositories, repository)
  if (rules !== undefined || !/^\d+$/.test(repositoryKey)) return rules
  return rulesOf(repositories, ...(await namesOf(sql, Number(repositoryKey))))
}

function isDefaultPush({ pullNumber, ref, defaultBranch }: JobToExpand): boolean {
  return pullNumber === null && ref === `refs/heads/${defaultBranch}`
}

/** What differs, and from where on. */
async function whatChanged(
  github: GitHubReading,
  job: JobToExpand,
  pull: Pull | undefined,
): Promise<Comparison> {
  const { repository, commitSha, baseSha, mergeBase, defaultBranch } = job
  if (pull !== undefined) {
    // The branch itself while it is open: only that has what was merged into it, and from there into the head.
    return github.compare(repository, pull.isOpen ? pull.baseRef : pull.baseSha, commitSha, pull)
  }
  if (isDefaultPush(job) && baseSha === null) {
    // The first push of a repository: everything in it is new.
    const all = [...(await github.tree(repository, commitSha))]
    const files = all.map(([path, sha]): ChangedFile => ({ path, sha, status: 'added' }))
    return { mergeBase: undefined, isBehind: false, files }
  }
  const base = baseSha ?? (job.rerun ? mergeBase : null) ?? defaultBranch
  return github.compare(repository, base ?? (await github.defaultBranch(repository)), commitSha)
}

/** Whether what is judged is on the default branch: a push to it is, and what that branch has all of already. */
function isMergedNow(
  job: JobToExpand,
  { changes, pull }: { readonly changes: Comparison; readonly pull: Pull | undefined },
): boolean {
  if (isDefaultPush(job)) return true
  if (pull === undefined) return changes.isBehind
  return pull.baseRef === job.defaultBranch && (pull.isMerged || changes.isBehind)
}

async function doubt({ sql, github, log }: Expanding, job: JobToExpand): Promise<void> {
  if (job.baseSha === null) return
  const dropped = await github.commitsBetween(job.repository, job.commitSha, job.baseSha)
  const doubted = await doubtMerged(sql, job.repositoryKey, dropped)
  if (doubted > 0) log(`a forced push took ${dropped.length} commits away, of ${doubted} jobs`)
}
