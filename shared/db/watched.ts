/** Repositories that send events: what they are called, where their branches are, and what reconcile makes up for. */
import type { RepositoryName } from '../event.ts'
import type { ISql } from './sql.ts'

/** A repository that sent events. */
export interface Watched extends RepositoryName {
  /** Its number, or its name where that is unknown. */
  readonly key: string
  readonly defaultBranch: string
  /** When the first event came: what is older was never promised. */
  readonly since: Date
  /** Its branches were never listed. */
  readonly isNew: boolean
}

/** Every name under which a repository made jobs, newest first. */
export async function namesOf(sql: ISql, repositoryId: number): Promise<RepositoryName[]> {
  return sql<RepositoryName[]>`
    select github_owner as owner, github_repository as name
    from jobs
    where repository_key = ${String(repositoryId)}
    group by github_owner, github_repository
    order by max(sequence) desc`
}

/** The repository to look at next. Undefined when all were looked at within the pause. */
export async function claimWatch(sql: ISql, pauseSeconds: number): Promise<Watched | undefined> {
  const [row] = await sql<Watched[]>`
    select repository_key as key, owner, name, default_branch as "defaultBranch", since,
      known_since is null as "isNew"
    from machine.claim_watch(make_interval(secs => ${pauseSeconds}))`
  return row
}

/** Every repository that is watched, as it is called now. */
export async function watchedNames(sql: ISql): Promise<RepositoryName[]> {
  return sql<RepositoryName[]>`select owner, name from watched_repositories`
}

/** Watch a repository that has not sent anything yet. */
export async function watchRepository(
  sql: ISql,
  {
    id,
    owner,
    name,
    defaultBranch,
  }: RepositoryName & { readonly id: number; readonly defaultBranch: string },
): Promise<void> {
  await sql`
    select machine.watch(${sql.json({ repository_id: id, owner, name, default_branch: defaultBranch })})`
}

/** Where all branches are: what reconcile begins with. */
export async function knowBranches(
  sql: ISql,
  key: string,
  branches: ReadonlyMap<string, string>,
): Promise<void> {
  const heads = [...branches].map(([branch, sha]) => ({ ref: `refs/heads/${branch}`, sha }))
  await sql`
    with known as (
      insert into branch_heads (repository_key, ref, sha)
      select ${key}, ref, sha
      from jsonb_to_recordset(${sql.json(heads)}) as listed (ref text, sha text)
      on conflict do nothing
    )
    update watched_repositories set known_since = queue.clock() where repository_key = ${key}`
}

/** Where its branches were when they were last heard of: ref → sha. */
export async function knownHeads(sql: ISql, key: string): Promise<Map<string, string>> {
  const rows = await sql<{ ref: string; sha: string }[]>`
    select ref, sha
    from branch_heads
    where repository_key = ${key}`
  return new Map(rows.map(({ ref, sha }) => [ref, sha]))
}

/** A branch is there now; null when it is gone. */
export async function knowHead(sql: ISql, key: string, ref: string, sha: string | null): Promise<void> {
  await sql`select machine.know_head(${key}, ${ref}, ${sha})`
}

/** The repository is called something else now. */
export async function renameWatched(
  sql: ISql,
  key: string,
  { owner, name, defaultBranch }: RepositoryName & { readonly defaultBranch: string },
): Promise<void> {
  await sql`
    update watched_repositories
    set owner = ${owner}, name = ${name}, default_branch = ${defaultBranch}
    where repository_key = ${key}`
}

/** A lost event was made up for. */
export async function countFound(sql: ISql, key: string): Promise<void> {
  await sql`select machine.found_lost(${key})`
}

/** Which of some heads of pull requests have a job, as `number sha base`. */
export async function pullsWithJobs(sql: ISql, key: string, shas: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ pull: string }[]>`
    select distinct concat_ws(' ', pull_number, commit_sha, base_ref) as pull
    from jobs
    where repository_key = ${key} and pull_number is not null and coalesce(problem, '') <> 'superseded'
      and commit_sha in (select jsonb_array_elements_text(${sql.json([...shas])}))`
  return new Set(rows.map(({ pull }) => pull))
}

/** Whether a push of a branch at a commit has a job. */
export async function hasPushJob(
  sql: ISql,
  key: string,
  { ref, sha }: { readonly ref: string; readonly sha: string },
): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (
      select from jobs
      where repository_key = ${key} and commit_sha = ${sha} and (ref = ${ref} or pull_number is not null)) as found`
  return row.found
}

/** Pull requests with jobs that still go: their numbers. */
export async function livePulls(sql: ISql, key: string): Promise<number[]> {
  const rows = await sql<{ number: number }[]>`
    select distinct pull_number as number
    from jobs
    where repository_key = ${key} and pull_number is not null and datetime_end is null
    order by number`
  return rows.map(({ number }) => number)
}

/** Deliveries and jobs that lost their event get another one. Gives how many. */
export async function resumeEvents(sql: ISql): Promise<number> {
  const [row] = await sql<[{ resumed: number }]>`select machine.resume_events() as resumed`
  return row.resumed
}

/** Jobs of which nobody knows whether they are merged. */
export async function jobsMergedUnknown(
  sql: ISql,
  n: number,
): Promise<{ readonly id: string; readonly owner: string; readonly name: string; readonly sha: string }[]> {
  return sql<{ id: string; owner: string; name: string; sha: string }[]>`
    select id, github_owner as owner, github_repository as name, commit_sha as sha
    from jobs
    where is_merged is null and expanded_at is not null
    order by sequence desc
    limit ${n}`
}

/** Whether the commit of a job is on the default branch; null when that is unknown. */
export async function setMerged(sql: ISql, jobId: string, isMerged: boolean | null): Promise<void> {
  await sql`select machine.set_merged(${jobId}, ${isMerged})`
}

/** Commits were taken off the default branch: their jobs are to be asked about again. Gives how many. */
export async function doubtMerged(sql: ISql, key: string, commits: readonly string[]): Promise<number> {
  const [row] = await sql<[{ doubted: number }]>`
    select machine.doubt_merged(
      ${key}, array(select jsonb_array_elements_text(${sql.json([...commits])}))) as doubted`
  return row.doubted
}
