/** The record of every post, for the page of the job: it never keeps the reporter from its work. */
import { type Post, writePost } from '../shared/db/told.ts'
import type { PostOutcome } from './io/github_post.ts'
import type { Reporting } from './report.ts'

/** Write down what was said and what GitHub answered; `silenced` when nothing was sent. */
export async function note(
  { sql, log }: Reporting,
  jobId: string,
  post: Pick<Post, 'channel' | 'said' | 'body'> & { readonly outcome: PostOutcome | 'silenced' },
): Promise<void> {
  const { outcome, ...rest } = post
  try {
    await writePost(sql, jobId, { ...rest, answer: answerOf(outcome), isTaken: isTaken(outcome) })
  } catch (error) {
    log(`cannot write down a post of job ${jobId}: ${error instanceof Error ? error.message : error}`)
  }
}

function isTaken(outcome: PostOutcome | 'silenced'): boolean {
  return outcome !== 'silenced' && outcome.kind === 'said'
}

function answerOf(outcome: PostOutcome | 'silenced'): string {
  if (outcome === 'silenced') return 'silenced'
  if (outcome.kind === 'said') return 'taken'
  return outcome.kind === 'wait' ? `asked to wait ${outcome.seconds} s: ${outcome.why}` : outcome.why
}
