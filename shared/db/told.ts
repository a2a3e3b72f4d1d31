/** What is told of a job, what GitHub has heard of it, and what it answered. */
import type { Told, ToldFinding, ToldJob, ToldSource } from '../told.ts'
import type { Say } from './outbox.ts'
import { type ISql, storable } from './sql.ts'

/** A job with where it is told. */
export interface TellJob extends ToldJob {
  readonly owner: string
  readonly repository: string
  readonly repositoryKey: string
  readonly commitSha: string
  readonly statusUrl: string | null
  readonly pullNumber: number | null
  readonly sequence: number
  readonly endedAt: Date | null
  /** A later job of the same commit has the word on that commit. */
  readonly isReplaced: boolean
}

/** Everything to tell of a job; undefined when there is none. */
export async function readTold(
  sql: ISql,
  id: string,
): Promise<(Omit<Told, 'baseUrl' | 'job'> & { readonly job: TellJob }) | undefined> {
  const [job] = await sql<TellJob[]>`
    select j.id, to_jsonb(j.notes) as notes, j.expanded_at as "expandedAt", j.problem, j.problem_detail as "problemDetail",
      j.waits_for as "waitsFor", j.waits_why as "waitsWhy", j.github_owner as owner,
      j.github_repository as repository, j.repository_key as "repositoryKey", j.commit_sha as "commitSha",
      j.github_status_url as "statusUrl", j.pull_number as "pullNumber", j.sequence, j.datetime_end as "endedAt",
      exists (select from jobs n where n.id = j.superseded_by and n.commit_sha = j.commit_sha) as "isReplaced"
    from jobs j
    where j.id = ${id}`
  if (job === undefined) return undefined
  const sources = await sql<ToldSource[]>`
    select s.source_path as "sourcePath", s.layer, s.name, s.status, coalesce(r.copy_of, s.run_id) as "runId",
      r.problem, r.problem_detail as "problemDetail", (r.state->>'feat count')::int as rows,
      (select (f->>'before')::float8 from verdicts v, jsonb_array_elements(v.fields) f
       where v.run_id = r.id and f->>'field' = 'rows' limit 1) as "rowsBefore",
      coalesce(r.result->'artifacts' @> '[{"name": "preview.png"}]', false) as "hasPicture"
    from job_sources s
    left join runs r on r.id = s.run_id
    where s.job_id = ${id}
    order by s.position`
  const findings = await sql<ToldFinding[]>`
    select path, level, code, line, col, message from job_findings where job_id = ${id} order by position`
  return { job, sources, findings }
}

/** What GitHub has heard on a channel. */
export interface Heard {
  readonly number: number | null
  readonly digest: string
  readonly annotated: number
}

/** A channel on which a job is told. */
export type Channel = 'status' | 'check'

/** What was heard on a channel; undefined when nothing was. */
export async function readHeard(sql: ISql, jobId: string, channel: Channel): Promise<Heard | undefined> {
  const [heard] = await sql<Heard[]>`
    select number::float8, digest, annotated from told where job_id = ${jobId} and channel = ${channel}`
  return heard
}

/** It was heard. */
export async function markHeard(
  sql: ISql,
  { jobId, channel }: { readonly jobId: string; readonly channel: Channel },
  { number, digest, annotated }: Heard,
): Promise<void> {
  await sql`
    insert into told (job_id, channel, number, digest, annotated)
    values (${jobId}, ${channel}, ${number}, ${digest}, ${annotated})
    on conflict (job_id, channel) do update
    set number = excluded.number, digest = excluded.digest, annotated = excluded.annotated`
}

/** The loan of a word lasts longer. False when it was lost. */
export async function holdSay(sql: ISql, { jobId, attempt }: Say, seconds: number): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.hold_say(${jobId}, ${attempt}, make_interval(secs => ${seconds})) as kept`
  return row.kept
}

/** One thing that was said to GitHub, and what it answered. */
export interface Post {
  readonly at: Date
  readonly channel: Channel | 'comment' | 'reply'
  readonly said: string
  readonly body: string | null
  readonly answer: string
  readonly isTaken: boolean
}

/** Write down a post. */
export async function writePost(sql: ISql, jobId: string, post: Omit<Post, 'at'>): Promise<void> {
  await sql`
    insert into posts (job_id, channel, said, body, answer, is_taken)
    values (${jobId}, ${post.channel}, ${storable(post.said)}, ${storable(post.body)}, ${storable(post.answer)}, ${post.isTaken})`
}

/** All posts of a job, in order. */
export function listPosts(sql: ISql, jobId: string): Promise<Post[]> {
  return sql<Post[]>`
    select at, channel, said, body, answer, is_taken as "isTaken" from posts where job_id = ${jobId} order by id`
}
