/** The ground for tests of `expand`: a database, the stand-in GitHub, and three loops between them. */
import { type Job, type JobSource, readJob, readJobSources } from '../shared/db/jobs.ts'
import { wakeOn } from '../shared/db/wake.ts'
import type { Repositories } from '../shared/repositories.ts'
import { expand } from '../worker/expand.ts'
import { github } from '../worker/io/github.ts'
import { deliver, until } from './crew.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import type { Repository } from './standins/github_hub.ts'
import { pushPayload } from './standins/github_payloads.ts'

/** The side of a branch that is not there. */
const NO_SHA = '0'.repeat(40)

/** A job whose data sources are known, or that never will have any. */
export interface Expanded {
  readonly job: Job
  readonly sources: JobSource[]
  /** `path layer/name`, in order. */
  readonly names: string[]
}

export interface Expanding {
  readonly db: TestDatabase
  readonly hub: GitHub
  readonly log: readonly string[]
  /** One more loop; it ends with the others when no signal is given. */
  startLoop(worker: string, signal?: AbortSignal): Promise<void>
  /** End the loops that are there from the start. */
  stopLoops(): Promise<unknown>
  repository(files?: Record<string, string>): Promise<Repository>
  /** Push a commit to a branch, as GitHub tells of it. Gives the job. */
  push(repo: Repository, given: { before?: string; after: string; branch?: string }): Promise<string>
  expanded(id: string, ms?: number): Promise<Expanded>
  close(): Promise<void>
}

/** A source file with data sources of layer addresses, in which nothing is wrong. */
export function source(...names: string[]): string {
  return JSON.stringify({
    schema: 2,
    coverage: { country: 'us' },
    layers: { addresses: names.map(entry) },
  })
}

/** A data source in which nothing is wrong. */
export function entry(name: string): object {
  return {
    name,
    data: `https://data.example/${encodeURIComponent(name)}.csv`,
    protocol: 'http',
    conform: { format: 'csv', lon: 'X', lat: 'Y', number: 'N', street: 'S' },
  }
}

export interface ExpandingOptions {
  readonly repositories?: Repositories
  /** Time limit of a call of GitHub. */
  readonly callMs?: number
}

/** Lay the ground; close it in the end. */
export async function openExpanding({
  repositories,
  callMs = 700,
}: ExpandingOptions = {}): Promise<Expanding> {
  const db = await testDatabase()
  const hub = await startGitHub()
  const told = new AbortController()
  const log: string[] = []
  let made = 0

  function startLoop(worker: string, signal = told.signal): Promise<void> {
    const adapter = github({ token: 'secret', apiUrl: hub.url, callMs })
    const wait = wakeOn(db.sql, ['events'])
    return expand(
      {
        sql: db.sql,
        github: adapter,
        repositories,
        worker,
        leaseSeconds: 30,
        log: (line) => log.push(line),
        wait,
      },
      signal,
    )
  }

  const loops = Promise.all([startLoop('ann'), startLoop('bob'), startLoop('eve')])
  async function stopLoops(): Promise<void> {
    told.abort()
    await loops
  }

  return {
    db,
    hub,
    log,
    startLoop,
    stopLoops,

    repository(files = {}) {
      made += 1
      return hub.repository({ name: `sources${made}`, files: { 'README.md': 'Sources\n', ...files } })
    },

    async push(repo, { before = NO_SHA, after, branch = 'main' }) {
      const payload = await pushPayload(hub.hub, repo, { ref: `refs/heads/${branch}`, before, after })
      return deliver(db.sql, 'push', payload)
    },

    async expanded(id, ms = 20_000) {
      const job = await until(`job ${id} to be expanded`, ms, async () => {
        const job = await readJob(db.sql, id)
        return job?.expandedAt || job?.endedAt ? job : undefined
      })
      const sources = await readJobSources(db.sql, id)
      return {
        job,
        sources,
        names: sources.map(({ sourcePath, layer, name }) => `${sourcePath} ${layer}/${name}`),
      }
    },

    async close() {
      await stopLoops()
      await hub.close()
      await db.drop()
    },
  }
}
