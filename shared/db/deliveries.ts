/** Deliveries: what GitHub sent, stored once; and the events that wait to be looked into. */
import type { Failed, Ref } from './queue.ts'
import { type ISql, storable } from './sql.ts'

/** A delivery as the edge understood it: either a job follows from it, or it is said why not. */
export interface Delivery {
  /** X-GitHub-Delivery */
  readonly id: string
  /** X-GitHub-Event */
  readonly event: string
  readonly action: string | null
  readonly payload: unknown
  readonly job: NewJob | null
  readonly ignored: string | null
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
}

/** Store a delivery, its job and its event: one statement. The same delivery again gives the first job. */
export async function acceptDelivery(
  sql: ISql,
  { id, event, action, payload, job, ignored }: Delivery,
): Promise<{ readonly jobId: string | null; readonly created: boolean }> {
  const [row] = await sql<[{ jobId: string | null; created: boolean }]>`
    select job_id as "jobId", created
    from machine.accept_delivery(
      ${id}, ${event}, ${action}, ${sql.json(storable(payload) as never)},
      ${job === null ? null : sql.json({ ...job })}, ${ignored})`
  return row
}

/** An item of queue events. */
export interface EventItem {
  readonly delivery_id: string
  readonly job_id: string
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
  failure: { readonly jobId: string; readonly error: string; readonly retryInSeconds?: number },
): Promise<Failed> {
  const [row] = await sql<[{ outcome: Failed }]>`
    select machine.fail_event(
      ${id}, ${attempt}, ${failure.jobId}, ${storable(failure.error)},
      make_interval(secs => ${failure.retryInSeconds ?? null}::float8)) as outcome`
  return row.outcome
}
