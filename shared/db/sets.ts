/** Sets: the runs of one batch over a whole repository, and the manifest they are released from. */
import type { ProblemCode } from '../problem.ts'
import type { Entry, SetCounts } from '../set.ts'
import type { Task } from '../task.ts'
import { type ISql, type Sql, storable } from './sql.ts'

/** Rows of a manifest in one statement; their tasks hold whole source files. */
const PORTION = 500

/** What a set is made of. */
export interface NewSet {
  readonly owner: string
  readonly repository: string
  /** The branch that was asked for; null for the default branch. */
  readonly ref: string | null
  readonly commitSha: string
  readonly isMerged: boolean
  /** Since when the commit is known, by the clock of the database. */
  readonly readAt: Date
  /** In order of release. */
  readonly sources: readonly SetSource[]
}

/** A data source of a set: with its task, or with what is wrong with its file. */
export type SetSource = {
  readonly source_path: string
  readonly source_id: string
  readonly layer: string
  readonly name: string
  readonly expected_seconds: number | null
} & (
  | { readonly task: Omit<Task, 'set_id' | 'job_id'> & { readonly job_id: null } }
  | { readonly problem: ProblemCode; readonly detail: string }
)

/** A set was made; or it was not, because one of the same repository still goes. */
export type Made = { readonly id: number } | { readonly running: number }

/**
 * Make a set, whole or not at all: one transaction.
 *
 * @param anyway  also beside one of the same repository that still goes
 */
export async function makeSet(
  sql: Sql,
  set: NewSet,
  { anyway }: { readonly anyway: boolean },
): Promise<Made> {
  return (await sql.begin(async (tx): Promise<Made> => {
    const { owner, repository, ref, commitSha, isMerged, readAt, sources } = set
    const [opened] = await tx<[{ id: number | null; running: number | null }]>`
      select id, running
      from machine.open_set(${owner}, ${repository}, ${ref}, ${commitSha}, ${isMerged}, ${anyway})`
    if (opened.id === null) return { running: opened.running ?? 0 }

    for (let at = 0; at < sources.length; at += PORTION) {
      const some = tx.json(storable(sources.slice(at, at + PORTION)) as never)
      await tx`select machine.add_set_sources(${opened.id}, ${at}, ${some})`
    }
    await tx`select machine.start_set(${opened.id}, ${readAt})`
    return { id: opened.id }
  })) as Made
}

/** What time the database has. */
export async function readClock(sql: ISql): Promise<Date> {
  const [row] = await sql<[{ now: Date }]>`select queue.clock() as now`
  return row.now
}

/** The set of a repository that still goes, the oldest of several. */
export async function readRunningSet(
  sql: ISql,
  owner: string,
  repository: string,
): Promise<number | undefined> {
  const [row] = await sql<{ id: number }[]>`
    select id
    from sets
    where owner = ${owner} and repository = ${repository} and datetime_end is null
    order by id
    limit 1`
  return row?.id
}

/** How long the last real run of each took, in the order of the question; null when there was none. */
export async function readKnownSeconds(
  sql: ISql,
  asked: readonly ({ readonly source_path: string } & Entry)[],
): Promise<(number | null)[]> {
  const listed = asked.map(({ source_path, layer, name }) => ({ source_path, layer, name }))
  const rows = await sql<{ key: string; seconds: number }[]>`
    select source_path || ' ' || layer || ' ' || name as key, seconds
    from machine.known_seconds(${sql.json(storable(listed) as never)})`
  const known = new Map(rows.map(({ key, seconds }) => [key, seconds]))
  return listed.map(({ source_path, layer, name }) => known.get(`${source_path} ${layer} ${name}`) ?? null)
}

/** A set as pages and commands show it. */
export interface SetFacts extends SetCounts {
  readonly id: number
  readonly owner: string
  readonly repository: string
  readonly ref: string | null
  readonly commitSha: string | null
  readonly isMerged: boolean
  readonly startedAt: Date
  readonly endedAt: Date | null
  readonly pausedAt: Date | null
  readonly cancelledAt: Date | null
  /** Addresses of its maps; null where there is none. */
  readonly renders: {
    readonly world: string | null
    readonly europe: string | null
    readonly usa: string | null
    readonly geojson: string | null
  }
}

/** Sets, newest first. @param before  only sets with a lower id; undefined for the newest */
export async function listSets(sql: ISql, before: number | undefined, n: number): Promise<SetFacts[]> {
  return sql<SetFacts[]>`
    with page as (
      select id from sets where id < ${before ?? 2147483647} order by id desc limit ${n}
    )
    select ${columns(sql)}
    from page
    join reports.sets s using (id)
    order by id desc`
}

/** Sets that have not ended. */
export async function listOpenSets(sql: ISql): Promise<SetFacts[]> {
  return sql<SetFacts[]>`select ${columns(sql)} from reports.sets s where s.datetime_end is null order by id`
}

/** One set. */
export async function readSet(sql: ISql, id: number): Promise<SetFacts | undefined> {
  const [set] = await sql<SetFacts[]>`select ${columns(sql)} from reports.sets s where id = ${id}`
  return set
}

function columns(sql: ISql) {
  return sql`
    s.id, s.owner, s.repository, s.ref, s.commit_sha as "commitSha", s.is_merged as "isMerged",
    s.datetime_start as "startedAt", s.datetime_end as "endedAt", s.paused_at as "pausedAt",
    s.cancelled_at as "cancelledAt",
    json_build_object('world', s.render_world, 'europe', s.render_europe, 'usa', s.render_usa, 'geojson', s.render_geojson)
      as renders, s.sources, s.good, s.failed, s.reused, s.skipped, s.running, s.queued, s.parked,
    s.expected_done as "expectedDone", s.expected_open as "expectedOpen"`
}

/** How often a problem came up in a set. */
export interface SetProblem {
  readonly code: string
  readonly count: number
}

/** The problems of a set, the most frequent first. */
export async function readSetProblems(sql: ISql, id: number): Promise<SetProblem[]> {
  return sql<SetProblem[]>`
    select r.problem as code, count(*)::int as count
    from set_sources s
    join runs r on r.id = s.run_id
    where s.set_id = ${id} and not s.status
    group by r.problem
    order by count(*) desc, r.problem`
}

/** A data source of a set that failed, or that a worker has now. */
export interface SetLine {
  readonly sourcePath: string
  readonly layer: string
  readonly name: string
  readonly runId: number
  readonly problem: ProblemCode | null
  readonly problemDetail: string | null
  readonly startedAt: Date
}

/** Data sources of a set that failed, by path. @param code  only with this problem */
export async function listSetFailed(
  sql: ISql,
  id: number,
  { code, n }: { readonly code: string | undefined; readonly n: number },
): Promise<SetLine[]> {
  return sql<SetLine[]>`
    select s.source_path as "sourcePath", s.layer, s.name, r.id as "runId", r.problem, r.problem_detail as "problemDetail",
      r.datetime_start as "startedAt"
    from set_sources s
    join runs r on r.id = s.run_id
    where s.set_id = ${id} and not s.status and r.problem = coalesce(${code ?? null}, r.problem)
    order by s.source_path, s.layer, s.name
    limit ${n}`
}

/** Data sources of a set that workers have now, the longest first. */
export async function listSetRunning(sql: ISql, id: number, n: number): Promise<SetLine[]> {
  return sql<SetLine[]>`
    select s.source_path as "sourcePath", s.layer, s.name, r.id as "runId", r.problem, r.problem_detail as "problemDetail",
      r.datetime_start as "startedAt"
    from set_sources s
    join runs r on r.id = s.run_id
    where s.set_id = ${id} and s.status is null and r.status is null and r.abandoned_at is null
    order by r.datetime_start, r.id
    limit ${n}`
}

/** What may be done to a set that goes. */
export type SetDeed = 'pause' | 'resume' | 'cancel'

/** Who did it, and why; kept in the audit. */
export interface Decision {
  readonly who: string
  readonly why: string
}

/** Do something to a set, and write down who did and why. Gives whether it changed anything. */
export async function changeSet(
  sql: Sql,
  id: number,
  { deed, who, why }: Decision & { readonly deed: SetDeed },
): Promise<boolean> {
  return (await sql.begin(async (tx) => {
    const [row] = await DEEDS[deed](tx, id)
    if (row.changed) await tx`select machine.audit(${who}, ${deed}, ${`set ${id}`}, ${why})`
    return row.changed
  })) as boolean
}

const DEEDS: Record<SetDeed, (tx: ISql, id: number) => PromiseLike<[{ changed: boolean }]>> = {
  pause: (tx, id) => tx<[{ changed: boolean }]>`select machine.pause_set(${id}) as changed`,
  resume: (tx, id) => tx<[{ changed: boolean }]>`select machine.resume_set(${id}) as changed`,
  cancel: (tx, id) => tx<[{ changed: boolean }]>`select machine.cancel_set(${id}) as changed`,
}

/** The tasks of cancelled sets leave the queue, and the sets are over. Gives how many waited, and how many were worked on. */
export async function endCancelled(
  sql: ISql,
): Promise<{ readonly waiting: number; readonly running: number }> {
  const [row] = await sql<[{ waiting: number; running: number }]>`
    select waiting, running from machine.end_cancelled()`
  return row
}
