/** The outbox: what GitHub has yet to hear, job by job. */
import { type ISql, storable } from './sql.ts'

/** A job to be told of, on loan. */
export interface Say {
  readonly jobId: string
  readonly attempt: number
  readonly version: number
  /** What was said last; null when nothing yet. */
  readonly said: Said | null
  readonly saidAt: Date | null
  /** How often it failed since something was last said. */
  readonly failures: number
}

/** What was said to GitHub. */
export interface Said {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  readonly description: string
  readonly target_url: string
}

/** The job that has waited longest. Undefined when nothing is to be said now. */
export async function claimSay(sql: ISql, worker: string, leaseSeconds: number): Promise<Say | undefined> {
  const [say] = await sql<Say[]>`
    select job_id as "jobId", attempt, version, said, said_at as "saidAt", failures
    from machine.claim_say(${worker}, make_interval(secs => ${leaseSeconds}))`
  return say
}

/** GitHub heard it. False when the lease was lost. */
export async function markSaid(sql: ISql, { jobId, attempt, version }: Say, said: Said): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.said(${jobId}, ${attempt}, ${version}, ${sql.json({ ...said })}) as kept`
  return row.kept
}

/** Not now. `why` is null when the wait is our own choice: then it ends as soon as there is something new. */
export async function sayLater(
  sql: ISql,
  { jobId, attempt }: Say,
  {
    seconds,
    why,
    failed,
  }: { readonly seconds: number; readonly why: string | null; readonly failed: boolean },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.say_later(${jobId}, ${attempt}, make_interval(secs => ${seconds}), ${storable(why)}, ${failed}) as kept`
  return row.kept
}

/** GitHub refuses: this version is not said, or, for ever, none will be. */
export async function dropSay(
  sql: ISql,
  { jobId, attempt, version }: Say,
  { why, forEver }: { readonly why: string; readonly forEver: boolean },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.drop_say(${jobId}, ${attempt}, ${version}, ${storable(why)}, ${forEver}) as kept`
  return row.kept
}
