/** Runs: taken, beaten for, handed in, settled, read. */
import type { RunDiff } from '../diff.ts'
import type { ProblemCode } from '../problem.ts'
import type { Progress, RunResult, RunState } from '../run.ts'
import type { Task } from '../task.ts'
import type { Verdict } from '../verdict.ts'
import type { Failed, Ref } from './queue.ts'
import { type ISql, storable } from './sql.ts'

/** A run that a worker has taken: its task on loan, and the run reserved for this attempt. */
export interface Claimed {
  readonly taskId: string
  readonly attempt: number
  readonly runId: number
  readonly task: Task
}

/** Who claims, and on what terms. */
export interface ClaimRunOptions {
  readonly worker: string
  /** Code version: a result of another version is not reused. */
  readonly version: string
  readonly leaseSeconds: number
  readonly timeoutSeconds: number
  readonly laneMax: number
  readonly reuseDays: number
}

/** Take the next task that needs work; recent good results are reused on the way. Undefined when nothing waits. */
export async function claimRun(sql: ISql, options: ClaimRunOptions): Promise<Claimed | undefined> {
  const [claimed] = await sql<Claimed[]>`
    select task_id as "taskId", attempt, run_id as "runId", data as task
    from machine.claim_run(
      ${options.worker}, ${options.version}, make_interval(secs => ${options.leaseSeconds}),
      make_interval(secs => ${options.timeoutSeconds}), ${options.laneMax},
      make_interval(secs => ${options.reuseDays * 86_400}))`
  return claimed
}

/** Renew the lease of a run. False when it is no longer ours. */
export async function beat(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  { worker, version, leaseSeconds }: { worker: string; version: string; leaseSeconds: number },
): Promise<boolean> {
  const [row] = await sql<[{ ours: boolean }]>`
    select machine.beat(${worker}, ${version}, ${taskId}, ${attempt}, ${runId}, make_interval(secs => ${leaseSeconds})) as ours`
  return row.ours
}

/** Say where a run stands. */
export async function tellProgress(sql: ISql, runId: number, progress: Progress): Promise<void> {
  await sql`select machine.tell_progress(${runId}, ${sql.json({ ...progress })})`
}

/** What a worker hands in, and what a settled run keeps. */
export interface HandedIn {
  readonly ok: boolean
  readonly problem: { readonly code: ProblemCode; readonly detail: string } | null
  readonly state: RunState | null
  readonly sample: RunResult['sample']
  readonly result: RunDetails | null
  /** The run whose result this is, as the data has not changed since; absent where the work was done. */
  readonly copy_of?: number
  /** What was decided about a result; absent where there is none. */
  readonly verdict?: Verdict
}

/** What a settled run keeps beside its state. */
export interface RunDetails {
  readonly artifacts: RunResult['artifacts']
  readonly rows: RunResult['rows'] | null
  readonly bounds: RunResult['bounds']
  readonly seconds: RunResult['seconds'] | null
  /** Rows that changed since the last accepted run; absent where there is nothing to compare with. */
  readonly diff?: RunDiff
  /** When the data was known that has not changed since, ISO 8601; absent where the work was done. */
  readonly unchangedSince?: string
  /** The end of the log. */
  readonly logTail: string
}

/** The work is done: the task is finished and the result put into queue done. False when the lease was lost. */
export async function handIn(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  result: HandedIn,
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.hand_in(${taskId}, ${attempt}, ${runId}, ${sql.json(storable(result) as never)}) as kept`
  return row.kept
}

/** The worker is told to go: the task is ready at once for another. */
export async function giveBack(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  why: string,
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.give_back(${taskId}, ${attempt}, ${runId}, ${why}) as kept`
  return row.kept
}

/** This house failed at a run: another attempt later, or after the last a failed run. `details`: what it left. */
export async function failRun(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  failure: { readonly code: ProblemCode; readonly detail: string; readonly details?: RunDetails | null },
): Promise<Failed> {
  const { code, detail } = failure
  const details = failure.details ? sql.json(storable(failure.details) as never) : null
  const [row] = await sql<[{ outcome: Failed }]>`
    select machine.fail_run(${taskId}, ${attempt}, ${runId}, ${code}, ${storable(detail)}, null, ${details}) as outcome`
  return row.outcome
}

/** An item of queue done, or of queue due. */
export interface SettlingItem {
  readonly run_id: number
  readonly task_id: string
}

/** Settle from an item of queue done that was claimed before. */
export async function settleDone(sql: ISql, { id, attempt }: Ref): Promise<'settled' | 'late' | 'fenced'> {
  const [row] = await sql<[{ outcome: 'settled' | 'late' | 'fenced' }]>`
    select machine.settle_done(${id}, ${attempt}) as outcome`
  return row.outcome
}

/** Settle from an item of queue due that was claimed before. */
export async function settleDue(sql: ISql, { id, attempt }: Ref): Promise<'overdue' | 'already' | 'fenced'> {
  const [row] = await sql<[{ outcome: 'overdue' | 'already' | 'fenced' }]>`
    select machine.settle_due(${id}, ${attempt}) as outcome`
  return row.outcome
}

/** An item of done or due could not be dealt with; after the last time its run fails. `runId` is null where it names none. */
export async function failSettling(
  sql: ISql,
  { id, attempt }: Ref,
  runId: number | null,
  error: string,
): Promise<Failed> {
  const [row] = await sql<[{ outcome: Failed }]>`
    select machine.fail_settling(${id}, ${attempt}, ${runId}, ${storable(error)}) as outcome`
  return row.outcome
}

/** A run as a page shows it. */
export interface Run {
  readonly id: number
  readonly copyOf: number | null
  readonly sourcePath: string
  readonly sourceId: string
  readonly layer: string
  readonly name: string
  readonly jobId: string | null
  readonly setId: number | null
  readonly commitSha: string | null
  readonly attempt: number | null
  readonly workerId: string | null
  readonly codeVersion: string | null
  readonly startedAt: Date
  readonly settledAt: Date | null
  readonly abandonedAt: Date | null
  readonly abandonedWhy: string | null
  readonly status: boolean | null
  readonly problem: ProblemCode | null
  readonly problemDetail: string | null
  readonly state: RunState | null
  readonly sample: RunResult['sample']
  readonly result: RunDetails | null
  readonly progress: Progress | null
}

/** One run. */
export async function readRun(sql: ISql, id: number): Promise<Run | undefined> {
  const [run] = await sql<Run[]>`
    select r.id, r.copy_of as "copyOf", r.source_path as "sourcePath", r.source_id as "sourceId", r.layer, r.name,
      r.job_id as "jobId", r.set_id as "setId", r.commit_sha as "commitSha", r.attempt, r.worker_id as "workerId",
      r.code_version as "codeVersion", r.datetime_start as "startedAt",
      case when r.status is not null then r.datetime_tz end as "settledAt",
      r.abandoned_at as "abandonedAt", r.abandoned_why as "abandonedWhy", r.status, r.problem,
      r.problem_detail as "problemDetail", r.state, r.sample, r.result, p.progress
    from runs r
    left join run_progress p on p.run_id = r.id
    where r.id = ${id}`
  return run
}
