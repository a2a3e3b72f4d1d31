/** Runs: taken, beaten for, handed in, settled, read. */
import type { RunDiff } from '../diff.ts'
import type { ProblemCode } from '../problem.ts'
import type { RetryRule } from '../problem_kind.ts'
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
  /** How big the worker is: it takes tasks of its class and of smaller ones; 1 when not said. */
  readonly workerClass?: number
}

/** Take the next task that needs work; recent good results are reused on the way. Undefined when nothing waits. */
export async function claimRun(sql: ISql, options: ClaimRunOptions): Promise<Claimed | undefined> {
  const [claimed] = await sql<Claimed[]>`
    select task_id as "taskId", attempt, run_id as "runId", data as task
    from machine.claim_run(
      ${options.worker}, ${options.version}, make_interval(secs => ${options.leaseSeconds}),
      make_interval(secs => ${options.timeoutSeconds}), ${options.laneMax},
      make_interval(secs => ${options.reuseDays * 86_400}), ${options.workerClass ?? 1})`
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
  /** What the process of the run took, where this can be seen; absent for what came to no process. */
  readonly usage?: RunUsage
  /** The end of the log. */
  readonly logTail: string
}

/** What a run took of the computer, with all the programs that it started. */
export interface RunUsage {
  readonly peakMb: number
  readonly cpuSeconds: number
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

/** A run may take so long, because its source says so. False when it is no longer ours. */
export async function grantTime(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  seconds: number,
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.grant_time(${taskId}, ${attempt}, ${runId}, make_interval(secs => ${seconds})) as kept`
  return row.kept
}

/** Why this house failed at a run, and what the attempt left. */
export interface RunFailure {
  readonly code: ProblemCode
  readonly detail: string
  /** Whether and where it is tried again; once more elsewhere when not said. */
  readonly retry?: RetryRule
  readonly details?: RunDetails | null
  readonly state?: RunState | null
}

/** This house failed at a run: another attempt later, or after the last a failed run. */
export async function failRun(
  sql: ISql,
  { taskId, attempt, runId }: Claimed,
  { code, detail, retry = 'another-worker', details, state }: RunFailure,
): Promise<Failed> {
  const left = details ? sql.json(storable(details) as never) : null
  const said = state ? sql.json(storable(state) as never) : null
  const [row] = await sql<[{ outcome: Failed }]>`
    select machine.fail_run(
      ${taskId}, ${attempt}, ${runId}, ${code}, ${storable(detail)}, null, ${left}, ${retry}, ${said}) as outcome`
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
