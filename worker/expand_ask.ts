/**
 * What an event asks for: a command in a comment, a re-run, a pull request that was closed, a branch that was deleted.
 *
 * GitHub is asked first (who may do what, what is still there); then it is done, written down and answered in one
 * transaction, so that whoever is killed on the way leaves nothing half done.
 */
import { maySteer } from '../shared/approval.ts'
import { askAgain, type Decided, decideAsk, findAskedJob } from '../shared/db/asking.ts'
import { type EventItem, readDelivery } from '../shared/db/deliveries.ts'
import { cancelJobs, liveJobs } from '../shared/db/expanding.ts'
import type { Item } from '../shared/db/queue.ts'
import type { ISql } from '../shared/db/sql.ts'
import { type Ask, type AskEvent, readEvent } from '../shared/event.ts'
import type { Expanding } from './expand.ts'
import { heardComment } from './expand_comment.ts'

/** What is to be done, in the transaction that writes it down. */
export type Deed = (tx: ISql) => Promise<Decided>

/** An event that asks, with what is known of it. */
export interface Asking<A extends Ask = Ask> {
  readonly event: AskEvent
  readonly ask: A
  readonly deliveryId: string
  /** What all jobs of the repository have in common. */
  readonly key: string
}

type Of<W extends Ask['what']> = Extract<Ask, { readonly what: W }>

/** Who deals with what is asked for. */
const ASKS: { readonly [W in Ask['what']]: (expanding: Expanding, asking: Asking<Of<W>>) => Promise<Deed> } =
  {
    comment: heardComment,
    closed,
    rerequested,
    deleted,
  }

/** Do what an event asks for. Gives a line for the log. */
export async function expandAsk(
  expanding: Expanding,
  item: Item<EventItem>,
  deliveryId: string,
): Promise<string> {
  const delivery = await readDelivery(expanding.sql, deliveryId)
  const event = delivery === undefined ? undefined : readEvent(delivery.event, delivery.payload)
  const deed =
    event?.kind === 'ask' ? await deedFor(expanding, event, deliveryId) : nothing('it asks nothing')
  const decided = await decideAsk(expanding.sql, item, { deliveryId, deed })
  return decided?.decided ?? 'lost'
}

/** Nothing is to be done, and it is said why. */
export function nothing(decided: string): Deed {
  return async () => ({ decided, jobId: null, replies: [] })
}

function deedFor(expanding: Expanding, event: AskEvent, deliveryId: string): Promise<Deed> {
  const { ask, repository, repositoryId } = event
  const key =
    repositoryId === null ? `${repository.owner}/${repository.name}`.toLowerCase() : `${repositoryId}`
  // Each row of the table takes the kind that it is named after.
  const deal = ASKS[ask.what] as (expanding: Expanding, asking: Asking) => Promise<Deed>
  return deal(expanding, { event, ask, deliveryId, key })
}

/** What was going on for a closed pull request stops; for a merged one it goes on, and the push to the base carries it. */
async function closed(
  { github }: Expanding,
  { event, ask: { pullNumber }, key }: Asking<Of<'closed'>>,
): Promise<Deed> {
  const pull = await github.pull(event.repository, pullNumber)
  if (pull?.isOpen) return nothing('it is open again')
  if (pull?.isMerged) return nothing(`it is merged: the push to ${pull.baseRef} carries its results on`)
  return stopAll(key, { pullNumber }, 'the pull request was closed')
}

/** Pushes to a branch that is gone stop, but for those whose commit is on the default branch by now. */
async function deleted(
  { sql, github }: Expanding,
  { event, ask: { ref }, key }: Asking<Of<'deleted'>>,
): Promise<Deed> {
  const live = await liveJobs(sql, key, { ref })
  if (live.length === 0) return nothing('nothing was going on there')
  const branch = ref.slice('refs/heads/'.length)
  if ((await github.branches(event.repository)).has(branch)) return nothing('it is there again')
  for (const { commitSha } of live)
    if (await github.isMerged(event.repository, commitSha)) return nothing('its commits are merged')
  return stopAll(key, { ref }, 'the branch was deleted')
}

function stopAll(
  key: string,
  of: { readonly pullNumber?: number; readonly ref?: string },
  detail: string,
): Deed {
  return async (tx) => {
    const ids = (await liveJobs(tx, key, of)).map(({ id }) => id)
    const stopped = await cancelJobs(tx, ids, { problem: 'cancelled', detail })
    const decided = stopped.length === 0 ? 'nothing was going on' : `stopped, because ${detail}`
    return { decided, jobId: stopped.at(-1) ?? null, replies: [] }
  }
}

/** The button of a check: the same job once more. */
async function rerequested(
  { sql, github }: Expanding,
  { event, ask, deliveryId, key }: Asking<Of<'rerequested'>>,
): Promise<Deed> {
  const job = await findAskedJob(sql, key, ask)
  if (job === undefined) return nothing('no job of ours judged that commit')
  if (job.waitsFor === 'approval') return nothing('its pull request waits for /ok-to-test')
  const permission = await github.permission(event.repository, ask.login)
  if (!maySteer(permission, { isAuthor: ask.login === job.author }))
    return nothing(`${ask.login} may only ${permission} here`)
  return async (tx) => {
    const again = await askAgain(tx, { deliveryId, jobId: job.id, only: null, who: ask.login })
    return { decided: 'it runs again', jobId: again, replies: [] }
  }
}
