/** The check run of a job: made once, kept up with the truth, its annotations in portions that GitHub takes. */
import { createHash } from 'node:crypto'
import { ANNOTATIONS_AT_ONCE, annotations, jobCheck } from '../shared/check.ts'
import type { Say } from '../shared/db/outbox.ts'
import { holdSay, markHeard, readHeard, type TellJob } from '../shared/db/told.ts'
import type { Told } from '../shared/told.ts'
import type { KnownCheck } from './io/github_check.ts'
import type { PostOutcome } from './io/github_post.ts'
import { LEASE_SECONDS, type Reporting } from './report.ts'
import { note } from './report_note.ts'

/** Say a job by its check run. */
export async function sayCheck(
  reporting: Reporting,
  say: Say,
  told: Told & { readonly job: TellJob },
): Promise<PostOutcome> {
  const { sql, github, context } = reporting
  const { job } = told
  const check = jobCheck(told)
  const remarks = annotations(told.findings)
  const digest = createHash('sha256').update(JSON.stringify(check)).digest('hex')
  const heard = await readHeard(sql, job.id, 'check')
  if (heard?.digest === digest && heard.annotated >= remarks.length) return { kind: 'said' }

  const repository = { owner: job.owner, name: job.repository }
  const name = { name: context, commitSha: job.commitSha, externalId: job.id }
  let known = await knownCheck(reporting, { heard, say, remarks: remarks.length, job })
  do {
    if (!(await holdSay(sql, say, LEASE_SECONDS))) throw new Error('somebody else tells of this job')
    const from = known?.annotated ?? 0
    const some = remarks.slice(from, from + ANNOTATIONS_AT_ONCE)
    const detailsUrl = `${reporting.baseUrl}/jobs/${job.id}`
    const post = { ...check, ...name, detailsUrl, annotations: some }
    const outcome =
      known === undefined
        ? await github.createCheck(repository, post)
        : await github.updateCheck(repository, known.number, post)
    const said = `${check.conclusion ?? check.status}: ${check.title}`
    await note(reporting, job.id, { channel: 'check', said, body: check.summary, outcome })
    if (outcome.kind !== 'said') return outcome
    known = { number: known?.number ?? Number(outcome.id), annotated: from + some.length }
    await markHeard(sql, { jobId: job.id, channel: 'check' }, { ...known, digest })
  } while (known.annotated < remarks.length)
  return { kind: 'said' }
}

/** What GitHub has: by our own note, or by looking where that note may be behind. */
async function knownCheck(
  { github, context }: Reporting,
  given: {
    readonly heard: Awaited<ReturnType<typeof readHeard>>
    readonly say: Say
    readonly remarks: number
    readonly job: TellJob
  },
): Promise<KnownCheck | undefined> {
  const { heard, say, remarks, job } = given
  const isSure = heard === undefined ? say.attempt === 1 : heard.annotated >= remarks
  if (isSure)
    return heard === undefined ? undefined : { number: heard.number ?? 0, annotated: heard.annotated }
  const repository = { owner: job.owner, name: job.repository }
  return github.findCheck(repository, { name: context, commitSha: job.commitSha, externalId: job.id })
}
