/**
 * The one comment of a pull request: written once, then edited in place.
 *
 * Who writes has its row on loan; a comment that was written while the note of it was lost is found by its mark.
 */
import { createHash } from 'node:crypto'
import { emptyComment, jobComment, STICKY_MARK } from '../shared/comment.ts'
import { claimSticky, isStickyHeld, leaveSticky, type Sticky } from '../shared/db/stickies.ts'
import type { TellJob } from '../shared/db/told.ts'
import type { Told } from '../shared/told.ts'
import { GitHubError } from './io/github_call.ts'
import type { PostOutcome } from './io/github_post.ts'
import type { Reporting } from './report.ts'
import { note } from './report_note.ts'

/** To look for it and to write it are two calls, 20 seconds each at most. */
const STICKY_SECONDS = 60

/** Another reporter is at it: its loan is short. */
const HELD_SECONDS = 2

type TellTold = Told & { readonly job: TellJob }

/** Say a job by the comment of its pull request. What GitHub does not take here keeps nothing else from being said. */
export async function saySticky(reporting: Reporting, told: TellTold): Promise<PostOutcome> {
  const { sql } = reporting
  const { job } = told
  const body = jobComment(told)
  if (job.pullNumber === null || (body === undefined && job.endedAt === null)) return { kind: 'said' }
  const key = { repositoryKey: job.repositoryKey, pullNumber: job.pullNumber }
  const sticky = await claimSticky(sql, key, { sequence: job.sequence, seconds: STICKY_SECONDS })
  if (sticky === undefined) {
    const isHeld = await isStickyHeld(sql, key)
    return isHeld
      ? { kind: 'wait', seconds: HELD_SECONDS, why: 'the comment is being written' }
      : { kind: 'said' }
  }
  // What came before must not stand there as if it were of this commit.
  const text = body ?? (sticky.commentId === null ? undefined : emptyComment(told))
  const digest = text === undefined ? null : createHash('sha256').update(text).digest('hex')
  if (text === undefined || digest === null || sticky.digest === digest) {
    await leaveSticky(sql, sticky, { sequence: job.sequence })
    return { kind: 'said' }
  }
  const outcome = await written(reporting, sticky, { told, text })
  await note(reporting, job.id, { channel: 'comment', said: 'the comment', body: text, outcome })
  if (outcome.kind === 'wait') {
    await leaveSticky(sql, sticky, {})
    return outcome
  }
  const refused = outcome.kind === 'refused' && outcome.forEver ? { refused: outcome.why } : {}
  const made = outcome.kind === 'said' && outcome.id !== undefined ? { comment_id: outcome.id, digest } : {}
  await leaveSticky(sql, sticky, { sequence: job.sequence, ...refused, ...made })
  return { kind: 'said' }
}

/** Write it; a failure of which GitHub may yet hear keeps the loan. */
async function written(
  reporting: Reporting,
  sticky: Sticky,
  given: { readonly told: TellTold; readonly text: string },
): Promise<PostOutcome> {
  try {
    return await write(reporting, sticky, given)
  } catch (error) {
    if (!(error instanceof GitHubError) || error.status === undefined) throw error
    // A conversation that is locked, or a token that may not comment: no waiting changes that.
    if (error.status === 403) return { kind: 'refused', why: error.message, forEver: true }
    await leaveSticky(reporting.sql, sticky, {})
    throw error
  }
}

async function write(
  { github }: Reporting,
  sticky: Sticky,
  { told: { job }, text: body }: { readonly told: TellTold; readonly text: string },
): Promise<PostOutcome> {
  const repository = { owner: job.owner, name: job.repository }
  const where = { repository, pullNumber: sticky.pullNumber }
  const isNew = sticky.commentId === null && sticky.attempt === 1
  const id = sticky.commentId ?? (isNew ? undefined : await github.findComment(where, STICKY_MARK))
  if (id !== undefined) {
    const outcome = await github.editComment(repository, id, body)
    // Somebody deleted it: then there is none, and one may be written.
    if (!(outcome.kind === 'refused' && outcome.forEver)) return outcome
  }
  return github.comment({ ...where, body })
}
