/** What operators see of the whole, and what they may do; each deed leaves a row of the audit. */
import type { Progress } from '../run.ts'
import { type Depth, depth } from './queue.ts'
import type { ISql } from './sql.ts'

/** Who decides, and why. */
export interface Decision {
  readonly who: string
  readonly why: string
}

/** A loop that is there, or was not long ago. */
export interface Present {
  readonly worker: string
  readonly loop: string
  readonly workerClass: number
  readonly version: string | null
  readonly state: 'working' | 'idle' | 'draining' | 'silent'
  readonly silentSeconds: number
  readonly upSeconds: number
  readonly runId: number | null
  readonly sourcePath: string | null
  readonly layer: string | null
  readonly name: string | null
  readonly busySeconds: number | null
  readonly progress: Progress | null
}

/** An item that failed as often as it may. */
export interface DeadItem {
  readonly id: string
  readonly queue: string
  readonly attempt: number
  readonly diedAt: Date
  readonly error: string | null
  readonly about: string | null
}

/** A job of which GitHub has yet to hear. */
export interface Unsaid {
  readonly jobId: string
  readonly waitingSeconds: number
  readonly failures: number
  readonly error: string | null
  readonly givenUp: boolean
}

/** Something that is started by the clock. */
export interface Scheduled {
  readonly name: string
  readonly state: string
  readonly outcome: string | null
  /** When it last ended well or badly; `outcome` says which. */
  readonly lastEnd: Date | null
  readonly nextStart: Date | null
  readonly failures: number
}

/** Everything that an operator asks first. */
export interface MachineStatus {
  readonly queues: readonly Depth[]
  readonly workers: readonly Present[]
  readonly dead: readonly DeadItem[]
  readonly deadCount: number
  readonly unsaid: readonly Unsaid[]
  readonly scheduled: readonly Scheduled[]
  /** When lost leases were last looked for; null when never. */
  readonly sweptAt: Date | null
}

/** So many dead items and unsaid words are listed; the rest is counted. */
const LISTED_MAX = 50

/** The whole at a glance. */
export async function readStatus(sql: ISql): Promise<MachineStatus> {
  const [queues, workers, dead, unsaid, scheduled, [counts]] = await Promise.all([
    depth(sql),
    sql<Present[]>`
      select worker_id as worker, loop, class as "workerClass", version, state, silent_s as "silentSeconds",
        up_s as "upSeconds", run_id as "runId", source_path as "sourcePath", layer, name, busy_s as "busySeconds", progress
      from reports.present
      order by loop, worker_id`,
    sql<DeadItem[]>`
      select id, q_name as queue, attempt, died_at as "diedAt", last_error as error, about
      from reports.dead
      order by died_at desc
      limit ${LISTED_MAX}`,
    sql<Unsaid[]>`
      select job_id as "jobId", waiting_s as "waitingSeconds", failures, last_error as error, given_up as "givenUp"
      from reports.outbox
      order by waiting_s desc
      limit ${LISTED_MAX}`,
    sql<Scheduled[]>`
      select name, state, outcome, last_end as "lastEnd", next_start as "nextStart", failures
      from reports.schedule
      order by name`,
    sql<[{ dead: number; sweptAt: Date | null }]>`
      select (select count(*) from queue.dead)::int as dead,
        (select nullif(at, '-infinity') from queue.sweeps) as "sweptAt"`,
  ])
  return { queues, workers, dead, deadCount: counts.dead, unsaid, scheduled, sweptAt: counts.sweptAt }
}

/** How many runs ended with each problem. */
export async function countProblems(sql: ISql): Promise<{ readonly code: string; readonly runs: number }[]> {
  return sql<{ code: string; runs: number }[]>`select code, runs from reports.problems order by code`
}

/** What came of trying something again. */
export type Retried = { readonly jobId: string; readonly sources: number } | 'not-found' | 'still-going'

/** Try a job again: what was good is reused, what failed is run. */
export async function retryJob(
  sql: ISql,
  { jobId, newId, who, why }: Decision & { readonly jobId: string; readonly newId: string },
): Promise<Retried> {
  const [row] = await sql<[{ sources: number | null }]>`
    select machine.retry_job(${jobId}, ${newId}, null, ${who}, ${why}) as sources`
  return retried(newId, row.sources)
}

/** Try a run again, good or bad: with its whole job, or alone where it belongs to a set. */
export async function retryRun(
  sql: ISql,
  { runId, newId, who, why }: Decision & { readonly runId: number; readonly newId: string },
): Promise<Retried> {
  const [row] = await sql<[{ sources: number | null }]>`
    select machine.retry_run(${runId}, ${newId}, ${who}, ${why}) as sources`
  return retried(newId, row.sources)
}

function retried(jobId: string, sources: number | null): Retried {
  if (sources === null) return 'not-found'
  return sources < 0 ? 'still-going' : { jobId, sources }
}

/** End a run now. False when it had ended before, or is not there. */
export async function cancelRun(
  sql: ISql,
  { runId, who, why }: Decision & { readonly runId: number },
): Promise<boolean> {
  const [row] = await sql<[{ done: boolean }]>`select machine.cancel_run(${runId}, ${who}, ${why}) as done`
  return row.done
}

/** End a job now. False when it had ended before, or is not there. */
export async function cancelJob(
  sql: ISql,
  { jobId, who, why }: Decision & { readonly jobId: string },
): Promise<boolean> {
  const [row] = await sql<
    [{ done: boolean }]
  >`select machine.cancel_one_job(${jobId}, ${who}, ${why}) as done`
  return row.done
}

/** What came of a dead item. */
export type Redriven = 'back' | 'retried' | 'no-such-item' | 'no-run'

/** Give a dead item another chance. `newId`: of the job that is made where its run has ended. */
export async function redrive(
  sql: ISql,
  { id, newId, who, why }: Decision & { readonly id: string; readonly newId: string },
): Promise<Redriven> {
  const [row] = await sql<[{ outcome: Redriven }]>`
    select machine.redrive(${id}, ${newId}, ${who}, ${why}) as outcome`
  return row.outcome
}

/** The ids of dead items, the oldest first; of one queue, or of all. */
export async function deadIds(sql: ISql, queue: string | undefined): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from queue.dead where q_name = coalesce(${queue ?? null}, q_name) order by died_at, id`
  return rows.map(({ id }) => id)
}

/** Tell workers to take nothing more and to end after what they have. `about`: a worker, a host, or `*`. Gives their names. */
export async function drainWorkers(
  sql: ISql,
  { about, who, why }: Decision & { readonly about: string },
): Promise<string[]> {
  const rows = await sql<{ worker: string }[]>`
    select worker from machine.drain(${about}, ${who}, ${why}) as drained (worker)`
  return rows.map(({ worker }) => worker)
}
