/** Reporters that speak to the GitHub stand-in, and jobs for them to speak of: the ground for tests of `report`. */
import { claim } from '../shared/db/queue.ts'
import { claimRun, handIn, type SettlingItem, settleDone } from '../shared/db/runs.ts'
import type { Sql } from '../shared/db/sql.ts'
import { wakeOn } from '../shared/db/wake.ts'
import { github } from '../worker/io/github.ts'
import { type Reporting, report } from '../worker/report.ts'
import { makeJob, until } from './crew.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import type { Repository } from './standins/github_hub.ts'
import type { Trouble } from './standins/trouble.ts'

/** One GitHub and one database for a file of tests. */
export interface Newsroom {
  readonly db: TestDatabase
  readonly hub: GitHub
  /** A commit of its own for a test, with nobody who speaks of it yet. */
  open(): Promise<Desk>
  close(): Promise<void>
}

/** What one test has. */
export interface Desk {
  readonly repo: Repository
  readonly sha: string
  readonly log: string[]
  /** A job of the commit, with data sources of these names. */
  job(...names: string[]): Promise<string>
  startReporter(more?: Partial<Reporting>): void
  /** Make the next posts for the commit go wrong. */
  misbehave(trouble: Trouble): void
  /** What GitHub was told of the commit, in order. */
  heard(): string[]
  untilHeard(count: number, ms?: number): Promise<string[]>
  /** Tell the reporters to stop, and wait until they have. */
  stop(): Promise<unknown>
}

export async function openNewsroom(): Promise<Newsroom> {
  const db = await testDatabase()
  const hub = await startGitHub()
  return {
    db,
    hub,
    open: () => openDesk(db, hub),
    async close() {
      await hub.close()
      await db.drop()
    },
  }
}

async function openDesk(db: TestDatabase, hub: GitHub): Promise<Desk> {
  const told = new AbortController()
  const loops: Promise<void>[] = []
  const log: string[] = []
  const repo = await hub.repository({ name: `r${crypto.randomUUID().slice(0, 8)}` })
  const sha = await hub.commit(repo, { files: { 'a.json': '{}' } })
  const heard = () => hub.statuses(repo, sha).map(({ state, description }) => `${state}: ${description}`)
  return {
    repo,
    sha,
    log,
    heard,
    untilHeard: (count, ms = 10_000) =>
      until(`${count} statuses`, ms, () => heard().length >= count && heard()),
    job(...names) {
      const sources = Object.fromEntries(names.map((name) => [`sources/${name}.json`, name]))
      return makeJob(db.sql, sources, { repository: repo.name, commitSha: sha })
    },
    startReporter(more = {}) {
      const reporting = {
        sql: db.sql,
        github: github({ token: 'secret', apiUrl: hub.url, callMs: 2_000 }),
        worker: crypto.randomUUID(),
        baseUrl: 'https://machine.example',
        context: 'openaddresses/hooked',
        gagged: false,
        log: (line: string) => void log.push(line),
        wait: wakeOn(db.sql, ['outbox']),
        ...more,
      }
      loops.push(report(reporting, told.signal))
    },
    misbehave: (trouble) =>
      void hub.misbehave({ method: 'POST', path: new RegExp(`/${repo.name}/statuses/`), ...trouble }),
    async stop() {
      told.abort()
      await Promise.all(loops)
      await db.sql`delete from queue.items`
      await db.sql`update outbox set said_version = version`
    },
  }
}

/** The next data source that waits comes to its end. */
export async function settleNext(sql: Sql, ok: boolean): Promise<void> {
  const terms = { version: '1', leaseSeconds: 60, timeoutSeconds: 600, laneMax: 9, reuseDays: 0 }
  const claimed = await claimRun(sql, { worker: 'test', ...terms })
  if (claimed === undefined) throw new Error('nothing waits')
  const problem = ok ? null : { code: 'download-not-found' as const, detail: '404' }
  const state = ok ? ({ source: 'x' } as never) : null
  await handIn(sql, claimed, { ok, problem, state, sample: null, result: null })
  for (const item of await claim<SettlingItem>(sql, 'done', { worker: 'test', n: 10 }))
    await settleDone(sql, item)
}

/** Where the word on a job stands. */
export async function outboxOf(sql: Sql, id: string) {
  const [row] = await sql`
    select failures, last_error, dropped_at, version = said_version as quiet,
      extract(epoch from not_before - clock_timestamp())::float8 as wait
    from outbox where job_id = ${id}`
  return row
}
