/**
 * The queue, as functions: each is one call of a function in sql/functions, one round trip.
 *
 * Guarantees (each has a test): what is put is durable; a claim is a loan; who lost the loan can change
 * nothing (the fence is id and attempt together, never an id alone).
 */
import type { QueueLine } from '../machine_status.ts'
import type { ISql } from './sql.ts'

/** The receipt of a claim. Ids are bigint in Postgres, and text here. */
export interface Ref {
  readonly id: string
  readonly attempt: number
}

/** Something on loan. */
export interface Item<Data> extends Ref {
  readonly data: Data
  readonly lane: number
  readonly enqueuedAt: Date
}

/** How an item is put. */
export interface PutOptions {
  /** Lower goes first; 5 when not said. */
  readonly lane?: number
  /** Not before. */
  readonly at?: Date
  /** Place within the lane; does not delay. */
  readonly expectedAt?: Date
  /** At most one item with this key is in the queue. */
  readonly key?: string
  readonly maxFailures?: number
  /** The job or set, for reports. */
  readonly group?: string
}

/** Who claims, how much, and for how long. */
export interface ClaimOptions {
  readonly worker: string
  readonly n?: number
  readonly leaseSeconds?: number
  /** Take nothing from lanes beyond this. */
  readonly laneMax?: number
}

/** Put an item. Gives its id, or null when an item with its key is there already. */
export async function put(
  sql: ISql,
  queue: string,
  data: unknown,
  options: PutOptions = {},
): Promise<string | null> {
  const [row] = await sql<[{ id: string | null }]>`
    select queue.put(
      ${queue}, ${sql.json(data as never)}, ${options.lane ?? 5}, ${options.at ?? null}, ${options.expectedAt ?? null},
      ${options.key ?? null}, ${options.maxFailures ?? 3}, ${options.group ?? null}) as id`
  return row.id
}

/** Take up to n items that are ready, on loan, in order. */
export async function claim<Data>(
  sql: ISql,
  queue: string,
  { worker, n = 1, leaseSeconds = 300, laneMax = 32767 }: ClaimOptions,
): Promise<Item<Data>[]> {
  return sql<Item<Data>[]>`
    select id, attempt, data, lane, enqueued_at as "enqueuedAt"
    from queue.claim(${queue}, ${worker}, ${n}, make_interval(secs => ${leaseSeconds}), ${laneMax})`
}

/** Renew loans. Gives the ids that are still ours. */
export async function extend(
  sql: ISql,
  items: readonly Ref[],
  leaseSeconds: number,
): Promise<ReadonlySet<string>> {
  const rows = await sql<{ id: string }[]>`
    select id
    from queue.extend(
      ${array(items.map(({ id }) => id))}::bigint[], ${array(items.map(({ attempt }) => attempt))}::int[],
      make_interval(secs => ${leaseSeconds})) as kept (id)`
  return new Set(rows.map(({ id }) => id))
}

/** Numbers as Postgres writes an array: the driver knows array types only when it may ask for them first. */
function array(numbers: readonly (string | number)[]): string {
  return `{${numbers.join(',')}}`
}

/** It is done. False when the loan was over: then nothing that follows may be written. */
export async function finish(sql: ISql, { id, attempt }: Ref): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`select queue.finish(${id}, ${attempt}) as kept`
  return row.kept
}

/** It could not be done: back after a pause, or dead; fenced when the loan was over. */
export async function fail(
  sql: ISql,
  { id, attempt }: Ref,
  { error, retryInSeconds }: { readonly error: string; readonly retryInSeconds?: number },
): Promise<Failed> {
  const [row] = await sql<[{ outcome: Failed }]>`
    select queue.fail(${id}, ${attempt}, ${error}, make_interval(secs => ${retryInSeconds ?? null}::float8)) as outcome`
  return row.outcome
}

/** What became of an item that failed. */
export type Failed = 'retry' | 'dead' | 'fenced'

/** Give it back at once, not as a failure. */
export async function release(sql: ISql, { id, attempt }: Ref): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`select queue.release(${id}, ${attempt}) as kept`
  return row.kept
}

/** Look for lost leases. Gives how many there were. `graceSeconds`: how long after a start of Postgres nothing is swept. */
export async function sweep(sql: ISql, graceSeconds: number): Promise<number> {
  const [row] = await sql<[{ lost: number }]>`
    select machine.sweep(make_interval(secs => ${graceSeconds})) as lost`
  return row.lost
}

/** Keep up to `target` tasks of live sets ready. Gives how many were released. */
export async function drip(sql: ISql, target: number): Promise<number> {
  const [row] = await sql<[{ released: number }]>`select machine.drip(${target}) as released`
  return row.released
}

/** The depth of every queue and lane that has something. */
export async function depth(sql: ISql): Promise<QueueLine[]> {
  return sql<QueueLine[]>`
    select q_name, lane, waiting, delayed, in_flight, lease_expired, retried, oldest_waiting_s, longest_running_s
    from reports.queue_depth
    order by q_name, lane`
}
