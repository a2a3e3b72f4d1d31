/** Replies: what people are answered in their pull requests, one by one. */
import { type ISql, storable } from './sql.ts'

/** A reply to be posted, on loan. */
export interface Reply {
  readonly id: string
  readonly attempt: number
  readonly failures: number
  readonly owner: string
  readonly repository: string
  readonly pullNumber: number
  readonly commentId: string
  readonly kind: 'reaction' | 'answer'
  readonly content: string
  readonly wantedAt: Date
}

/** The reply that has waited longest; undefined when there is none. */
export async function claimReply(
  sql: ISql,
  worker: string,
  leaseSeconds: number,
): Promise<Reply | undefined> {
  const [reply] = await sql<Reply[]>`
    select id::text, attempt, failures, owner, repository, pull_number as "pullNumber",
      comment_id::text as "commentId", kind, content, wanted_at as "wantedAt"
    from machine.claim_reply(${worker}, make_interval(secs => ${leaseSeconds}))`
  return reply
}

/** GitHub took it. False when the lease was lost. */
export async function markReplied(
  sql: ISql,
  { id, attempt }: Reply,
  saidId: number | undefined,
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.replied(${id}, ${attempt}, ${saidId ?? null}) as kept`
  return row.kept
}

/** Not now. */
export async function replyLater(
  sql: ISql,
  { id, attempt }: Reply,
  { seconds, why, failed }: { readonly seconds: number; readonly why: string; readonly failed: boolean },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.reply_later(${id}, ${attempt}, make_interval(secs => ${seconds}), ${storable(why)}, ${failed}) as kept`
  return row.kept
}

/** Never. */
export async function dropReply(sql: ISql, { id, attempt }: Reply, why: string): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.drop_reply(${id}, ${attempt}, ${storable(why)}) as kept`
  return row.kept
}
