/**
 * The ground for scenarios of events: a history made by git, events as GitHub sends them, and what came of them.
 *
 * One database, one stand-in and three loops a file of tests; every scenario has branches, and mostly a repository, of its
 * own, so that they can go side by side.
 */
import { acceptDelivery, heardOf, jobOf } from '../../shared/db/deliveries.ts'
import { readEvent } from '../../shared/event.ts'
import type { Repositories } from '../../shared/repositories.ts'
import { rulesOf } from '../../shared/repositories.ts'
import { until } from '../crew.ts'
import { type Expanding, openExpanding } from '../expanding.ts'
import type { Files } from '../standins/github_commits.ts'
import { NO_SHA } from '../standins/github_git.ts'
import type { CheckRun, Comment, Pull, Repository } from '../standins/github_hub.ts'
import {
  checkRunPayload,
  issueCommentPayload,
  pullRequestPayload,
  pushPayload,
} from '../standins/github_payloads.ts'

let begun = 0

/** A repository of its own, and its first commit. */
export async function beginRepository(
  { hub }: Pick<Ground, 'hub'>,
  files: Files = {},
): Promise<{ repo: Repository; first: string }> {
  begun += 1
  const repo = await hub.repository({ name: `scenario${begun}` })
  const first = await hub.commit(repo, { files: { 'README.md': 'x', ...files } })
  return { repo, first }
}

/** What is known of a job when it was looked into. */
export interface Seen {
  readonly id: string
  readonly event: string
  readonly commit: string
  readonly status: boolean | null
  readonly problem: string | null
  readonly detail: string | null
  readonly waitsFor: string | null
  readonly isMerged: boolean | null
  readonly isOver: boolean
  readonly supersededBy: string | null
  /** `path layer/name` of what runs, in order. */
  readonly runs: readonly string[]
  /** The same of what failed at once, with its code. */
  readonly fails: readonly string[]
  /** The same of what follows another job. */
  readonly follows: readonly string[]
  readonly notes: readonly string[]
  /** `path:line:col code pointer`, of errors. */
  readonly findings: readonly string[]
}

export interface Ground extends Expanding {
  readonly repositories: Repositories
  /** An event, as the hook accepts it. Gives the delivery, and the job, when there is one. */
  hear(event: string, payload: unknown, id?: string): Promise<Heard>
  heardPush(
    repo: Repository,
    given: { branch?: string; before?: string; after: string; ref?: string },
  ): Promise<Heard>
  heardPull(
    pull: Pull,
    action: string,
    more?: { before?: string; sender?: string; changes?: object },
  ): Promise<Heard>
  heardComment(comment: Comment, repo: Repository, more?: { action?: string; from?: string }): Promise<Heard>
  heardCheck(repo: Repository, given: { jobId: string; sha: string; sender: string }): Promise<Heard>
  /** A branch with a commit, and a pull request from it; of a fork of somebody where `by` is said. */
  pull(
    repo: Repository,
    given: { branch: string; files: Files; by?: string; into?: string; draft?: boolean },
  ): Promise<Pull>
  /** A comment by somebody. */
  say(repo: Repository, number: number, author: string, body: string): Comment
  /** A job once it was looked into, waits, or is over. */
  seen(id: string | null): Promise<Seen>
  /** What was decided about a delivery, once it was. */
  decided(delivery: string): Promise<{ readonly decided: string; readonly jobId: string | null }>
  /** `kind content` of the replies to a comment, in order. */
  replies(comment: Comment): Promise<string[]>
  /** `event commit status` of all jobs of a repository, oldest first. */
  jobsOf(repo: Repository): Promise<Seen[]>
}

export interface Heard {
  readonly delivery: string
  readonly jobId: string | null
  readonly created: boolean
  readonly ignored: string | null
}

/** Lay the ground; close it in the end. */
export async function openGround({ repositories }: { repositories?: Repositories } = {}): Promise<Ground> {
  const expanding = await openExpanding({ repositories, callMs: 10_000 })
  const { db, hub } = expanding
  const { sql } = db

  async function hear(name: string, payload: unknown, id: string = crypto.randomUUID()): Promise<Heard> {
    const event = readEvent(name, payload)
    const rules = event.kind === 'ignored' ? undefined : rulesOf(repositories, event.repository)
    const ignored = event.kind === 'ignored' ? event.why : null
    const { jobId, created } = await acceptDelivery(sql, {
      id,
      event: name,
      action: null,
      payload,
      ignored,
      job:
        event.kind === 'job'
          ? jobOf(event, { id: crypto.randomUUID(), isSilent: rules?.silent ?? false })
          : null,
      ...(event.kind === 'ignored' ? {} : { heard: heardOf(event) }),
    })
    return { delivery: id, jobId, created, ignored }
  }

  async function look(id: string): Promise<Seen> {
    const [row] = await sql<[Omit<Seen, 'runs' | 'fails' | 'follows' | 'findings'>]>`
      select id, event, commit_sha as commit, status, problem, problem_detail as detail, waits_for as "waitsFor",
        is_merged as "isMerged", datetime_end is not null as "isOver", superseded_by as "supersededBy",
        to_jsonb(notes) as notes
      from jobs where id = ${id}`
    const sources = await sql<{ name: string; kind: string }[]>`
      select concat_ws(' ', s.source_path, nullif(s.layer || '/' || s.name, '/'), r.problem) as name,
        case when s.follows is not null then 'follows' when r.task_id is null and r.problem is not null then 'fails'
          else 'runs' end as kind
      from job_sources s left join runs r on r.id = s.run_id
      where s.job_id = ${id} order by s.position`
    const findings = await sql<{ line: string }[]>`
      select format('%s:%s:%s %s %s', path, line, col, code, pointer) as line
      from job_findings where job_id = ${id} and level = 'error' order by position`
    const of = (kind: string) => sources.filter((source) => source.kind === kind).map(({ name }) => name)
    return {
      ...row,
      runs: of('runs'),
      fails: of('fails'),
      follows: of('follows'),
      findings: findings.map(({ line }) => line),
    }
  }

  return {
    ...expanding,
    repositories,
    hear,

    async heardPush(repo, { branch = 'main', ref = `refs/heads/${branch}`, before = NO_SHA, after }) {
      return hear('push', await pushPayload(hub.hub, repo, { ref, before, after }))
    },

    async heardPull(pull, action, { changes, ...more } = {}) {
      const payload = await pullRequestPayload(hub.hub, pull, { action, ...more })
      return hear('pull_request', { ...payload, ...(changes === undefined ? {} : { changes }) })
    },

    heardComment(comment, repository, { action = 'created', from } = {}) {
      const payload = issueCommentPayload(hub.hub, { repository, comment, action })
      return hear('issue_comment', {
        ...payload,
        ...(from === undefined ? {} : { changes: { body: { from } } }),
      })
    },

    heardCheck(repository, { jobId, sha, sender }) {
      const check: CheckRun = {
        id: 1,
        head_sha: sha,
        name: 'openaddresses/hooked',
        status: 'completed',
        conclusion: 'failure',
        details_url: null,
        external_id: jobId,
        started_at: null,
        completed_at: null,
        output: { title: null, summary: null, text: null },
        annotations: [],
        actions: [],
      }
      return hear('check_run', checkRunPayload(hub.hub, { repository, check, action: 'rerequested', sender }))
    },

    async pull(repo, { branch, files, by, into, draft }) {
      const head = by === undefined ? repo : await hub.fork(repo, by)
      await hub.commit(head, { branch, files })
      const more = { ...(into === undefined ? {} : { into }), ...(draft === undefined ? {} : { draft }) }
      return hub.openPull(repo, { branch, head, ...more })
    },

    say(repo, number, author, body) {
      return hub.comment(repo, { number, body, author })
    },

    async seen(id) {
      if (id === null) throw new Error('there is no job')
      await until(`job ${id} to be looked into`, 30_000, async () => {
        const [row] = await sql<[{ done: boolean }]>`
          select (expanded_at is not null or datetime_end is not null or waits_for is not null)
            and not exists (select from queue.items where q_name = 'events' and data->>'job_id' = ${id}
              and coalesce(schedule_at <= now() + interval '10 seconds', true)) as done
          from jobs where id = ${id}`
        return row.done
      })
      return look(id)
    },

    decided(delivery) {
      return until(`delivery ${delivery} to be decided`, 30_000, async () => {
        const [row] = await sql<[{ decided: string | null; jobId: string | null }]>`
          select decided, job_id as "jobId" from deliveries where id = ${delivery}`
        return row.decided === null ? undefined : { decided: row.decided, jobId: row.jobId }
      })
    },

    async replies({ id }) {
      const rows = await sql<{ said: string }[]>`
        select kind || ' ' || content as said from replies where comment_id = ${id} order by id`
      return rows.map(({ said }) => said)
    },

    async jobsOf({ id }) {
      const rows = await sql<{ id: string }[]>`
        select id from jobs where repository_id = ${id} order by sequence`
      return Promise.all(rows.map((row) => look(row.id)))
    },
  }
}

/** A source of one layer, whose data sources differ in one tag only. */
export function sourceOf(entries: Readonly<Record<string, string>>, more: object = {}): string {
  const addresses = Object.entries(entries).map(([name, field]) => ({
    name,
    data: `https://data.example/${encodeURIComponent(name)}.csv`,
    protocol: 'http',
    conform: { format: 'csv', lon: 'X', lat: 'Y', number: field, street: 'S' },
  }))
  return `${JSON.stringify({ schema: 2, coverage: { country: 'us' }, ...more, layers: { addresses } }, null, 2)}\n`
}
