/**
 * Answers to people: reactions to their commands, and one-line comments that say why not.
 *
 * At least once: a reaction given twice is one for GitHub, and a comment is looked for before it is written again.
 */
import { claimReply, dropReply, markReplied, type Reply, replyLater } from '../shared/db/replies.ts'
import { answerText, replyMark } from '../shared/reply.ts'
import type { PostOutcome } from './io/github_post.ts'
import type { Reporting } from './report.ts'

/** After this many failures nobody waits for the answer any more. */
const FAILURES_MAX = 8

const BACKOFF_SECONDS_MAX = 3_600

/** The next reply, on loan. */
export function takeReply({ sql, worker }: Reporting, leaseSeconds: number): Promise<Reply | undefined> {
  return claimReply(sql, worker, leaseSeconds)
}

/** Post a reply, or write down why not. */
export async function sayReply(reporting: Reporting, reply: Reply): Promise<void> {
  const { sql, log, gagged } = reporting
  const line = `reply ${reply.id}: ${reply.kind} ${reply.content}`
  if (gagged) {
    log(`gagged, would say ${line}`)
    return void (await dropReply(sql, reply, 'nothing is said: this reporter is silenced'))
  }
  try {
    const outcome = await postReply(reporting, reply)
    switch (outcome.kind) {
      case 'said':
        log(`said ${line}`)
        await markReplied(sql, reply, outcome.id)
        return
      case 'wait':
        log(`waiting ${outcome.seconds} s for ${line}: ${outcome.why}`)
        await replyLater(sql, reply, { seconds: outcome.seconds, why: outcome.why, failed: false })
        return
      case 'refused':
        log(`dropped ${line}: ${outcome.why}`)
        await dropReply(sql, reply, outcome.why)
        return
      default:
        return outcome satisfies never
    }
  } catch (error) {
    await failed(reporting, reply, error instanceof Error ? error.message : String(error))
  }
}

async function postReply({ github }: Reporting, reply: Reply): Promise<PostOutcome> {
  const repository = { owner: reply.owner, name: reply.repository }
  if (reply.kind === 'reaction') return github.react(repository, reply.commentId, reply.content)
  const where = { repository, pullNumber: reply.pullNumber }
  if (reply.attempt > 1) {
    // Somebody had it before: perhaps GitHub heard it, and only the note of that is missing.
    const id = await github.findComment({ ...where, since: reply.wantedAt }, replyMark(reply.id))
    if (id !== undefined) return { kind: 'said', id }
  }
  return github.comment({ ...where, body: answerText(reply) })
}

async function failed({ sql, log }: Reporting, reply: Reply, why: string): Promise<void> {
  if (reply.failures + 1 >= FAILURES_MAX) {
    log(`gave up reply ${reply.id}: ${why}`)
    return void (await dropReply(sql, reply, why))
  }
  const seconds = Math.min(BACKOFF_SECONDS_MAX, 5 * 2 ** reply.failures)
  log(`failed to say reply ${reply.id}, again in ${seconds} s: ${why}`)
  await replyLater(sql, reply, { seconds, why, failed: true })
}
