/** Deliveries: what GitHub sent, stored once; and the events that wait to be looked into. */
import type { AskEvent, JobEvent } from '../event.ts'
import type { Failed, Ref } from './queue.ts'
import { type ISql, storable } from './sql.ts'

/** A delivery as the edge understood it: a job follows from it, or it asks for something, or it is said why neither. */
export interface Delivery {
  /** X-GitHub-Delivery */
  readonly id: string
  /** X-GitHub-Event */
  readonly event: string
  readonly action: string | null
  readonly payload: unknown
  readonly job: NewJob | null
  readonly ignored: string | null
  /** Where it came from, and what it says; absent where the payload does not even tell that. */
  readonly heard?: Heard
}

/** What is understood of an event besides its job. */
export interface Heard {
  /** One sentence. */
  readonly understood: string
  /** It asks for something that needs a look at GitHub. */
  readonly asks: boolean
  readonly repository_id: number | null
  readonly owner: string
  readonly name: string
  readonly default_branch: string
  /** The branch that moved, and where it is now; null when it is gone. */
  readonly ref?: string
  readonly sha?: string | null
}

/** A job as it is accepted. */
export interface NewJob {
  readonly id: string
  readonly event: string
  readonly owner: string
  readonly repository: string
  readonly status_url: string | null
  readonly comments_url: string | null
  readonly commit_sha: string
  readonly ref: string | null
  readonly pull_number: number | null
  readonly repository_id?: number | null
  readonly head_owner?: string
  readonly head_repository?: string
  readonly default_branch?: string
  readonly base_ref?: string | null
  readonly base_sha?: string | null
  readonly author?: string
}

/** The job that an event makes. A silent repository has no address to which anything is said. */
export function jobOf(event: JobEvent, { id, isSilent = false }: { id: string; isSilent?: boolean }): NewJob {
  return {
    id,
    event: event.event,
    owner: event.repository.owner,
    repository: event.repository.name,
    status_url: isSilent ? null : event.statusUrl,
    comments_url: isSilent ? null : event.commentsUrl,
    commit_sha: event.commitSha,
    ref: event.ref,
    pull_number: event.pullNumber,
    repository_id: event.repositoryId,
    head_owner: event.headRepository.owner,
    head_repository: event.headRepository.name,
    default_branch: event.defaultBranch,
    base_ref: event.baseRef,
    base_sha: event.baseSha,
    author: event.author,
  }
}

/** What an event says besides its job. */
export function heardOf(event: JobEvent | AskEvent): Heard {
  const { understood, repositoryId, repository, defaultBranch } = event
  const at = {
    understood,
    asks: event.kind === 'ask',
    repository_id: repositoryId,
    owner: repository.owner,
    name: repository.name,
    default_branch: defaultBranch,
  }
  if (event.kind === 'ask')
    return event.ask.what === 'deleted' ? { ...at, ref: event.ask.ref, sha: null } : at
  return event.event === 'push' && event.ref !== null ? { ...at, ref: event.ref, sha: event.commitSha } : at
}

/**
 * Store a delivery, its job and its event: one statement. The same delivery again gives the first job, and so does another
 * one about the same commit.
 */
export async function acceptDelivery(
  sql: ISql,
  { id, event, action, payload, job, ignored, heard }: Delivery,
): Promise<{ readonly jobId: string | null; readonly created: boolean }> {
  const [row] = await sql<[{ jobId: string | null; created: boolean }]>`
    select job_id as "jobId", created
    from machine.accept_delivery(
      ${id}, ${event}, ${action}, ${sql.json(storable(payload) as never)},
      ${job === null ? null : sql.json(storable({ ...job }))}, ${ignored},
      ${sql.json(storable({ ...heard }) as never)})`
  return row
}

/** An item of queue events. */
export interface EventItem {
  readonly delivery_id: string
  /** The job to look into; null when the delivery only asks for something. */
  readonly job_id: string | null
}

/** The event and body of a delivery. */
export async function readDelivery(
  sql: ISql,
  id: string,
): Promise<{ readonly event: string; readonly payload: unknown } | undefined> {
  const [row] = await sql<{ event: string; payload: unknown }[]>`
    select event, payload
    from deliveries
    where id = ${id}`
  return row
}

/**
 * An event could not be looked into. After the last time its job ends, and says why.
 *
 * @param retryInSeconds  when to try again; a growing pause when not said
 */
export async function failEvent(
  sql: ISql,
  { id, attempt }: Ref,
  failure: {
    readonly jobId: string | null
    readonly deliveryId?: string
    readonly error: string
    readonly retryInSeconds?: number
  },
): Promise<Failed> {
  const [row] = await sql<[{ outcome: Failed }]>`
    select machine.fail_event(
      ${id}, ${attempt}, ${failure.jobId}, ${storable(failure.error)},
      make_interval(secs => ${failure.retryInSeconds ?? null}::float8), ${failure.deliveryId ?? null}) as outcome`
  return row.outcome
}
