/** What operators see of the whole, and what they may do; each deed leaves a row of the audit. */
import type { DeadItem, MachineStatus, Present, Scheduled, Unsaid } from '../machine_status.ts'
import { depth } from './queue.ts'
import type { ISql } from './sql.ts'

/** Who decides, and why. */
export interface Decision {
  readonly who: string
  readonly why: string
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

/** How many items of each queue are dead. */
export async function countDead(sql: ISql): Promise<{ readonly queue: string; readonly items: number }[]> {
  return sql<{ queue: string; items: number }[]>`
    select q_name as queue, count(*)::int as items from reports.dead group by q_name order by q_name`
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
