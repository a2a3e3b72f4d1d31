/** Jobs: the runs of one GitHub event, and the data sources its verdict is made of. */
import type { ProblemCode } from '../problem.ts'
import type { Progress } from '../run.ts'
import type { Task } from '../task.ts'
import type { Ref } from './queue.ts'
import { type ISql, storable } from './sql.ts'

/** A job. */
export interface Job {
  readonly id: string
  readonly sequence: number
  /** null open, true all good, false at least one failed. */
  readonly status: boolean | null
  readonly event: string
  readonly owner: string
  readonly repository: string
  readonly statusUrl: string | null
  readonly commitSha: string
  readonly ref: string | null
  readonly pullNumber: number | null
  readonly startedAt: Date
  readonly expandedAt: Date | null
  readonly endedAt: Date | null
  readonly problem: ProblemCode | null
  readonly problemDetail: string | null
}

/** A data source of a job, with where its run stands. */
export interface JobSource {
  readonly position: number
  readonly sourcePath: string
  readonly layer: string
  readonly name: string
  /** null open, true good, false failed. */
  readonly status: boolean | null
  /** The newest attempt; null while it waits. */
  readonly runId: number | null
  /** Which attempt that is; null while it waits, or where none was needed. */
  readonly attempt: number | null
  /** The run whose result is reused; null when the work was done. */
  readonly copyOf: number | null
  readonly problem: ProblemCode | null
  readonly problemDetail: string | null
  /** Why the newest attempt was given up, while the next is waited for. */
  readonly abandonedWhy: string | null
  readonly rows: number | null
  readonly startedAt: Date | null
  readonly settledAt: Date | null
  readonly progress: Progress | null
}

/** One line of the list of jobs. */
export interface JobLine extends Job {
  readonly sources: number
  readonly good: number
  readonly bad: number
}

/** One job. */
export async function readJob(sql: ISql, id: string): Promise<Job | undefined> {
  const [job] = await sql<Job[]>`
    select id, sequence, status, event, github_owner as owner, github_repository as repository,
      github_status_url as "statusUrl", commit_sha as "commitSha", ref, pull_number as "pullNumber",
      datetime_start as "startedAt", expanded_at as "expandedAt", datetime_end as "endedAt",
      problem, problem_detail as "problemDetail"
    from jobs
    where id = ${id}`
  return job
}

/** The data sources of a job, in order. */
export async function readJobSources(sql: ISql, id: string): Promise<JobSource[]> {
  return sql<JobSource[]>`
    select s.position, s.source_path as "sourcePath", s.layer, s.name, s.status, s.run_id as "runId",
      r.attempt, r.copy_of as "copyOf", r.problem, r.problem_detail as "problemDetail",
      r.abandoned_why as "abandonedWhy", (r.state->>'feat count')::int as rows,
      r.datetime_start as "startedAt", case when r.status is not null then r.datetime_tz end as "settledAt",
      p.progress
    from job_sources s
    left join runs r on r.id = s.run_id
    left join run_progress p on p.run_id = r.id
    where s.job_id = ${id}
    order by s.position`
}

/**
 * A page of jobs, newest first.
 *
 * @param before  only jobs with a lower sequence; undefined for the first page
 */
export async function listJobs(sql: ISql, before: number | undefined, n: number): Promise<JobLine[]> {
  return sql<JobLine[]>`
    select j.id, j.sequence, j.status, j.event, j.github_owner as owner, j.github_repository as repository,
      j.github_status_url as "statusUrl", j.commit_sha as "commitSha", j.ref, j.pull_number as "pullNumber",
      j.datetime_start as "startedAt", j.expanded_at as "expandedAt", j.datetime_end as "endedAt",
      j.problem, j.problem_detail as "problemDetail",
      s.sources, s.good, s.bad
    from jobs j
    cross join lateral (
      select count(*)::int as sources,
             count(*) filter (where status)::int as good,
             count(*) filter (where not status)::int as bad
      from job_sources
      where job_id = j.id) as s
    where j.sequence < ${before ?? 2147483647}
    order by j.sequence desc
    limit ${n}`
}

/** A data source that an event touched: with its task, with what is wrong with it, or with the job whose run counts. */
export type ExpandedSource = {
  readonly source_path: string
  readonly source_id: string
  readonly layer: string
  readonly name: string
  readonly renamed_from?: string
} & (
  | { readonly task: Omit<Task, 'job_id'> }
  | { readonly problem: ProblemCode; readonly detail: string }
  | { readonly follows: string }
)

/** A file that differs, and what became of it. */
export interface ChangedSourceFile {
  readonly path: string
  readonly change: 'added' | 'modified' | 'renamed' | 'removed' | 'unchanged' | 'ignored'
  /** Of renamed files only. */
  readonly previous_path: string | null
  readonly source_id: string
  readonly data_sources: number
  readonly note: string | null
}

/** Something that is wrong on a line of a file. */
export interface JobFinding {
  readonly path: string
  readonly layer: string
  readonly name: string
  readonly level: 'error' | 'warning'
  readonly code: ProblemCode
  readonly pointer: string
  readonly line: number
  readonly col: number
  readonly message: string
}

/** What was found besides data sources. */
export interface JobFound {
  readonly merge_base?: string | null
  readonly notes?: readonly string[]
  readonly files?: readonly ChangedSourceFile[]
  readonly findings?: readonly JobFinding[]
  /** It is a push to the default branch: what it brings and takes away is so from now on. */
  readonly merges?: boolean
  /** Every data source that the touched files have now. */
  readonly known?: readonly {
    readonly source_path: string
    readonly source_id: string
    readonly layer: string
    readonly name: string
  }[]
  /** Data sources that those files have no more. */
  readonly gone?: readonly { readonly path: string; readonly layer: string; readonly name: string }[]
}

/** The data sources of a job are known: tasks, rows, and the event finished. False when its lease was lost. */
export async function expandJob(
  sql: ISql,
  { id, attempt }: Ref,
  job: {
    readonly id: string
    readonly sources: readonly ExpandedSource[]
    readonly isMerged: boolean | null
    readonly found?: JobFound
  },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.expand_job(
      ${id}, ${attempt}, ${job.id}, ${sql.json(storable(job.sources) as never)}, ${job.isMerged},
      ${sql.json(storable(job.found ?? {}) as never)}) as kept`
  return row.kept
}
