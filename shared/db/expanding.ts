/** What expand knows of a job before it looks at GitHub, and how it lets one wait or stops it. */
import type { RepositoryName } from '../event.ts'
import type { ProblemCode } from '../problem.ts'
import type { Item, Ref } from './queue.ts'
import { type ISql, storable } from './sql.ts'

/** A job to look into. */
export interface JobToExpand {
  readonly id: string
  readonly event: string
  readonly repository: RepositoryName
  /** What all jobs of the repository have in common, whatever it is called. */
  readonly repositoryKey: string
  readonly headRepository: RepositoryName
  readonly commitSha: string
  readonly ref: string | null
  readonly pullNumber: number | null
  /** Null in jobs older than this column. */
  readonly defaultBranch: string | null
  readonly baseRef: string | null
  readonly baseSha: string | null
  /** What it was compared with before, when it is asked for again. */
  readonly mergeBase: string | null
  readonly author: string
  readonly rerun: boolean
  readonly onlyPaths: readonly string[] | null
  readonly isExpanded: boolean
  /** Nothing is said to GitHub about it. */
  readonly isSilent: boolean
}

/** A job. Undefined when there is none. */
export async function readJobToExpand(sql: ISql, id: string): Promise<JobToExpand | undefined> {
  const [job] = await sql<JobToExpand[]>`
    select id, event, jsonb_build_object('owner', github_owner, 'name', github_repository) as repository,
      repository_key as "repositoryKey",
      jsonb_build_object('owner', coalesce(head_owner, github_owner), 'name', coalesce(head_repository, github_repository))
        as "headRepository",
      commit_sha as "commitSha", ref, pull_number as "pullNumber", default_branch as "defaultBranch",
      base_ref as "baseRef", base_sha as "baseSha", merge_base as "mergeBase", coalesce(asked_by, author, '') as author,
      rerun, to_jsonb(only_paths) as "onlyPaths", expanded_at is not null as "isExpanded", github_status_url is null as "isSilent"
    from jobs
    where id = ${id}`
  return job
}

/** Of all jobs of a pull request, or branch, the youngest goes on; the others end here. */
export async function supersede(sql: ISql, id: string): Promise<'newest' | 'superseded' | 'ended'> {
  const [row] = await sql<[{ standing: 'newest' | 'superseded' | 'ended' }]>`
    select machine.supersede(${id}) as standing`
  return row.standing
}

/** Stop jobs, each with a problem and a sentence. Gives those that had not ended before. */
export async function cancelJobs(
  sql: ISql,
  ids: readonly string[],
  {
    problem,
    detail,
    by = null,
  }: { readonly problem: ProblemCode; readonly detail: string; readonly by?: string | null },
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id
    from machine.cancel_jobs(
      array(select jsonb_array_elements_text(${sql.json([...ids])})), ${problem}, ${storable(detail)}, ${by}) as stopped (id)`
  return rows.map(({ id }) => id)
}

/** What still goes for a pull request, or, without a number, by pushes to a branch. */
export async function liveJobs(
  sql: ISql,
  key: string,
  { pullNumber = null, ref = null }: { readonly pullNumber?: number | null; readonly ref?: string | null },
): Promise<{ readonly id: string; readonly commitSha: string }[]> {
  return sql<{ id: string; commitSha: string }[]>`
    select id, commit_sha as "commitSha"
    from jobs
    where repository_key = ${key} and datetime_end is null
      and case when ${pullNumber}::int is not null then pull_number = ${pullNumber}::int
          else pull_number is null and ref = ${ref} end
    order by id`
}

/** How many jobs of a head had to give way to others. */
export async function countSuperseded(
  sql: ISql,
  key: string,
  { number, headSha }: { readonly number: number; readonly headSha: string },
): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int
    from jobs
    where repository_key = ${key} and pull_number = ${number} and commit_sha = ${headSha} and problem = 'superseded'`
  return row.count
}

/** An item of queue events has nothing to do any more. False when its lease was lost. */
export async function finishEvent(sql: ISql, { id, attempt }: Ref): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`select queue.finish(${id}, ${attempt}) as kept`
  return row.kept
}

/** A job waits; `seconds` is null where only a person can let it go on. False when the lease was lost. */
export async function waitJob(
  sql: ISql,
  { id, attempt }: Item<unknown>,
  wait: {
    readonly jobId: string
    readonly for: 'approval' | 'rate'
    readonly why: string
    readonly seconds: number | null
  },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.wait_job(
      ${id}, ${attempt}, ${wait.jobId}, ${wait.for}, ${storable(wait.why)},
      make_interval(secs => ${wait.seconds}::float8)) as kept`
  return row.kept
}

/** Whether somebody with write access said /ok-to-test to a pull request. */
export async function isApproved(sql: ISql, key: string, pullNumber: number): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from approvals where repository_key = ${key} and pull_number = ${pullNumber}) as found`
  return row.found
}

/** What an author, or a pull request, has made run within the last hour. */
export interface Rate {
  readonly jobs: number
  /** Until the oldest of them is an hour old; 0 when there is none. */
  readonly seconds: number
}

/**
 * Count the jobs of the last hour that a worker had something of, by an author and of a pull request. What was superseded
 * before that has cost nothing.
 */
export async function readRates(
  sql: ISql,
  { repositoryKey, author, pullNumber }: JobToExpand,
): Promise<{ readonly author: Rate; readonly pull: Rate }> {
  const [row] = await sql<[{ author: Rate; pull: Rate }]>`
    with ran as (
      select coalesce(j.asked_by, j.author) = ${author} as by_author, j.pull_number = ${pullNumber} as of_pull,
        extract(epoch from min(r.datetime_start) + interval '1 hour' - queue.clock()) as seconds
      from jobs j
      join runs r on r.job_id = j.id
      where j.repository_key = ${repositoryKey} and j.pull_number is not null
        and j.datetime_start > queue.clock() - interval '2 days'
        and r.worker_id is not null and r.datetime_start > queue.clock() - interval '1 hour'
      group by j.id
    )
    select jsonb_build_object('jobs', count(*) filter (where by_author),
        'seconds', coalesce(min(seconds) filter (where by_author), 0)) as author,
      jsonb_build_object('jobs', count(*) filter (where of_pull),
        'seconds', coalesce(min(seconds) filter (where of_pull), 0)) as pull
    from ran`
  return row
}

/** A data source at its bytes, as it was found. */
export interface SourceAt {
  readonly source_path: string
  readonly source_id: string
  readonly layer: string
  readonly name: string
}

/** Another job that has, or had, the same data source with the same bytes. */
export interface SameRun extends SourceAt {
  readonly jobId: string
  readonly pullNumber: number | null
  readonly commitSha: string
}

/**
 * Data sources of pull requests and branches with the very bytes that are on the default branch now: the newest job of
 * each. Failures that may pass do not count, and jobs that were stopped.
 */
export async function findSameRuns(
  sql: ISql,
  job: JobToExpand,
  { sources, passing }: { readonly sources: readonly SourceAt[]; readonly passing: readonly ProblemCode[] },
): Promise<SameRun[]> {
  return sql<SameRun[]>`
    select distinct on (s.source_path, s.layer, s.name)
      s.source_path, s.source_id, s.layer, s.name, j.id as "jobId", j.pull_number as "pullNumber",
      j.commit_sha as "commitSha"
    from jsonb_to_recordset(${sql.json(storable(sources) as never)})
      as t (source_path text, source_id text, layer text, name text)
    join job_sources s using (source_path, source_id, layer, name)
    join jobs j on j.id = s.job_id
    left join runs r on r.id = s.run_id
    where j.repository_key = ${job.repositoryKey} and j.id <> ${job.id}
      and (j.pull_number is not null or j.ref <> ${`refs/heads/${job.defaultBranch}`})
      and coalesce(j.problem, '') not in ('superseded', 'cancelled')
      and (s.status is distinct from false
        or r.problem not in (select jsonb_array_elements_text(${sql.json([...passing])})))
    order by s.source_path, s.layer, s.name, j.sequence desc`
}

/**
 * Results of before, for what is not asked for again: of the same commit, bytes and pull request (or branch), the newest.
 */
export async function findEarlierResults(
  sql: ISql,
  job: JobToExpand,
  sources: readonly SourceAt[],
): Promise<(SourceAt & { readonly jobId: string })[]> {
  return sql<(SourceAt & { jobId: string })[]>`
    select distinct on (s.source_path, s.layer, s.name)
      s.source_path, s.source_id, s.layer, s.name, j.id as "jobId"
    from jsonb_to_recordset(${sql.json(storable(sources) as never)})
      as t (source_path text, source_id text, layer text, name text)
    join job_sources s using (source_path, source_id, layer, name)
    join jobs j on j.id = s.job_id
    join runs r on r.id = s.run_id
    where j.repository_key = ${job.repositoryKey} and j.id <> ${job.id} and j.commit_sha = ${job.commitSha}
      and j.pull_number is not distinct from ${job.pullNumber} and j.ref is not distinct from ${job.ref}
      and s.status is not null and coalesce(r.problem, '') not in ('superseded', 'cancelled')
    order by s.source_path, s.layer, s.name, j.sequence desc`
}
