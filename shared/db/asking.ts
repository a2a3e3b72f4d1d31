/** What people ask for in pull requests: decided, done and answered in one transaction. */
import type { Item } from './queue.ts'
import { type ISql, type Sql, storable } from './sql.ts'

/** A word for somebody, to be said by the reporter. */
export interface Reply {
  readonly owner: string
  readonly repository: string
  readonly pull_number: number
  readonly comment_id: number
  readonly kind: 'reaction' | 'answer'
  /** `eyes`, `+1`, `-1` or `confused`; or the text of the answer. */
  readonly content: string
}

/** What was decided about an event that asked for something. */
export interface Decided {
  /** One sentence. */
  readonly decided: string
  /** The job that it is about; null when there is none. */
  readonly jobId: string | null
  readonly replies: readonly Reply[]
}

/** The loan was over: nothing was done. */
class Lost extends Error {}

/**
 * Do what an event asks for, write it down and answer it: all of it, once, or nothing.
 *
 * @param deed  does it, in the transaction, and says what was decided
 * @returns what was decided; undefined when the lease was lost
 */
export async function decideAsk(
  sql: Sql,
  { id, attempt }: Item<unknown>,
  { deliveryId, deed }: { readonly deliveryId: string; readonly deed: (tx: ISql) => Promise<Decided> },
): Promise<Decided | undefined> {
  try {
    return (await sql.begin(async (tx) => {
      const decided = await deed(tx)
      const [row] = await tx<[{ kept: boolean }]>`
        select machine.finish_ask(
          ${id}, ${attempt}, ${deliveryId}, ${storable(decided.decided)}, ${decided.jobId},
          ${tx.json(storable(decided.replies) as never)}) as kept`
      if (!row.kept) throw new Lost()
      return decided
    })) as Decided
  } catch (error) {
    if (error instanceof Lost) return undefined
    throw error
  }
}

/** Say at once that it was heard. */
export async function reply(sql: ISql, deliveryId: string, replies: readonly Reply[]): Promise<void> {
  await sql`select machine.reply(${deliveryId}, null, ${sql.json(storable(replies) as never)})`
}

/**
 * Whether the commands of a comment were heard before.
 *
 * @param again  the delivery that has them now, and what the comment says: only an earlier one with the same words counts
 */
export async function wasHeard(
  sql: ISql,
  commentId: number,
  again?: { readonly deliveryId: string; readonly body: string },
): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`
    select exists (
      select from deliveries d
      where d.event = 'issue_comment' and d.asks and d.payload->'comment'->>'id' = ${String(commentId)}
        and (${again === undefined} or (
          (d.received_at, d.id) < (select received_at, id from deliveries where id = ${again?.deliveryId ?? ''})
          and d.payload->'comment'->>'body' = ${storable(again?.body ?? '')}))) as found`
  return row.found
}

/** A pull request is approved for good. Gives the jobs that go on because of it. */
export async function approve(
  sql: ISql,
  { key, pullNumber, who, deliveryId }: { key: string; pullNumber: number; who: string; deliveryId: string },
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from machine.approve(${key}, ${pullNumber}, ${who}, ${deliveryId}) as went (id)`
  return rows.map(({ id }) => id)
}

/** The same as a job, once more; `only` some of its sources, or all. Gives the new job. */
export async function askAgain(
  sql: ISql,
  { deliveryId, jobId, only, who }: { deliveryId: string; jobId: string; only: string[] | null; who: string },
): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    select machine.ask_again(
      ${deliveryId}, ${jobId},
      case when ${only !== null} then array(select jsonb_array_elements_text(${sql.json(storable(only ?? []))})) end,
      ${who}) as id`
  return row.id
}

/** A job that somebody asks about. */
export interface AskedJob {
  readonly id: string
  readonly key: string
  readonly author: string
  readonly waitsFor: 'approval' | 'rate' | null
  readonly paths: readonly string[]
}

/** The newest job of a commit, in a pull request where one is named; or the very job. */
export async function findAskedJob(
  sql: ISql,
  key: string,
  asked: {
    readonly commitSha: string
    readonly pullNumber?: number | null
    readonly jobId?: string | null
  },
): Promise<AskedJob | undefined> {
  const { commitSha, pullNumber = null, jobId = null } = asked
  const [job] = await sql<AskedJob[]>`
    select j.id, j.repository_key as key, coalesce(j.author, '') as author, j.waits_for as "waitsFor",
      coalesce((select jsonb_agg(distinct s.source_path) from job_sources s where s.job_id = j.id), '[]') as paths
    from jobs j
    where j.repository_key = ${key} and j.commit_sha = ${commitSha}
      and (${pullNumber}::int is null or j.pull_number = ${pullNumber}::int)
      and coalesce(j.problem, '') <> 'superseded'
    order by (j.id = ${jobId}) desc nulls last, j.sequence desc
    limit 1`
  return job
}

/** What became of the runs of one source that are to be accepted. */
export interface Accepted {
  readonly path: string
  /** How many held runs were accepted. */
  readonly accepted: number
}

/** A person takes the held runs of some sources of a job for good. */
export async function acceptHeld(
  sql: ISql,
  { jobId, paths, who, why }: { jobId: string; paths: readonly string[]; who: string; why: string },
): Promise<Accepted[]> {
  return sql<Accepted[]>`
    select path, machine.accept_held(${jobId}, path, ${who}, ${why}) as accepted
    from jsonb_array_elements_text(${sql.json(storable([...paths]))}) with ordinality as t (path, n)
    order by n`
}
