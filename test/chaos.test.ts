/**
 * Chaos: workers and dequeuers are killed at random and Postgres crashes while a hundred tasks run; every
 * accepted task settles exactly once all the same, and GitHub hears each verdict.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, type Sql } from '../shared/db/sql.ts'
import { migrate } from '../worker/migrate.ts'
import { freePort, type PostgresServer, startPostgres } from '../worker/system/postgres_server.ts'
import { type Member, machine, makeJob, processesWith, until } from './crew.ts'
import { violations } from './queue/invariants.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import type { Repository } from './standins/github_hub.ts'
import { startWeb, type Web } from './standins/web.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'

setDefaultTimeout(240_000)

const JOBS = 10
const SOURCES_A_JOB = 10
const CREW = ['work', 'work', 'work', 'dequeue', 'dequeue', 'report'] as const

/** Who is killed next, and when: the same each time, as far as a kill can be. */
const SEED = 20_261_125

const KILL_PAUSE_MS = 1_000

let folder: string
let port: number
let postgres: PostgresServer
let sql: Sql
let web: Web
let github: GitHub
let repository: Repository
let crew: Member[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-chaos-'))
  // Postgres runs as somebody else where we are root; in a closed folder it would keep its data away from here.
  await chmod(folder, 0o755)
  port = await freePort()
  await startDatabase()
  sql = connect(postgres.url, { max: 4, name: 'chaos' })
  await migrate(sql)
  await writeFile(join(folder, 'trial.csv'), TRIAL_CSV)
  web = await startWeb({ folder })
  github = await startGitHub()
  repository = await github.repository()
}, 60_000)

afterAll(async () => {
  await Promise.all(crew.map((member) => member.stop()))
  await sql.end({ timeout: 1 })
  await postgres.stop('immediate')
  await web.close()
  await github.close()
  await rm(folder, { recursive: true, force: true })
})

test(`every accepted task settles exactly once through kills and crashes (seed ${SEED})`, async () => {
  const jobs = await acceptJobs()
  crew = CREW.map(hire)

  const { kills, crashes } = await breakThingsUntilDone()

  await until('GitHub to hear of every job', 90_000, async () => {
    const [row] = await sql`select count(*)::int as unsaid from outbox where version > said_version`
    return row?.['unsaid'] === 0
  })
  console.log(`chaos: ${kills} kills, ${crashes} crashes of Postgres`)
  const outcomes =
    await sql`select status, count(*)::int as n from runs where abandoned_at is null group by status`
  const results = await sql`
    select task_id from runs where status is not null group by task_id having count(*) <> 1`
  const [tasks] = await sql`select count(distinct task_id)::int as n from runs where status is not null`

  expect(kills).toBeGreaterThan(5)
  expect(crashes).toBe(2)
  expect(results).toHaveLength(0)
  expect(tasks?.['n']).toBe(JOBS * SOURCES_A_JOB)
  expect(outcomes.map((row) => row['status'])).not.toContain(null)
  expect(await violations(sql)).toEqual([])

  const verdicts = await sql`select id, status, commit_sha from jobs`
  expect(verdicts).toHaveLength(JOBS)
  for (const { status, commit_sha } of verdicts) {
    const last = github.statuses(repository, commit_sha).at(-1)
    expect(last?.state).toBe(status ? 'success' : 'failure')
  }
  expect(jobs).toHaveLength(JOBS)

  await Promise.all(crew.map((member) => member.stop()))
  expect(processesWith('process-one', folder)).toEqual([])
})

/** Jobs over one repository, a commit each. */
async function acceptJobs(): Promise<string[]> {
  const jobs: string[] = []
  for (let job = 0; job < JOBS; job += 1) {
    const commitSha = await github.commit(repository, {
      files: { 'README.md': `${job}` },
      message: `Job ${job}`,
    })
    const sources = Array.from({ length: SOURCES_A_JOB }, (_, at) => [
      `sources/xx/job_${job}/source_${at}.json`,
      trialSource({ data: `${web.url}/trial.csv?${job}.${at}` }),
    ])
    jobs.push(await makeJob(sql, Object.fromEntries(sources), { repository: repository.name, commitSha }))
  }
  return jobs
}

async function breakThingsUntilDone(): Promise<{ kills: number; crashes: number }> {
  const random = mulberry(SEED)
  const crashAt = [0.25, 0.6]
  let kills = 0
  let crashes = 0
  const giveUpAt = performance.now() + 200_000
  for (;;) {
    const settled = await settledShare()
    if (settled === 1) return { kills, crashes }
    if (performance.now() > giveUpAt) throw new Error(`only ${settled} of the tasks have settled`)
    if (settled > (crashAt[crashes] ?? 2)) {
      crashes += 1
      await postgres.stop('immediate')
      await startDatabase()
    }
    const at = Math.floor(random() * crew.length)
    crew[at]?.kill('SIGKILL')
    await crew[at]?.ended
    crew[at] = hire(CREW[at] ?? 'work')
    kills += 1
    await pause(KILL_PAUSE_MS * (0.5 + random()))
  }
}

async function settledShare(): Promise<number> {
  const [row] = await sql`
    select count(*) filter (where status is not null)::float8 / count(*) as share from job_sources`.catch(
    () => [],
  )
  return row?.['share'] ?? 0
}

function hire(command: (typeof CREW)[number]): Member {
  return machine([command], {
    env: {
      DATABASE_URL: postgres.url,
      STORAGE_DIR: join(folder, 'storage'),
      GITHUB_API_URL: github.url,
      ALLOW_PRIVATE_ADDRESSES: 'yes',
      RUN_REUSE_DAYS: '0',
      LEASE_SECONDS: '3',
      BEAT_SECONDS: '0.5',
      SWEEP_SECONDS: '0.5',
    },
  })
}

/** Durable as delivered: what is shown is that a crash loses nothing. */
async function startDatabase(): Promise<void> {
  postgres = await startPostgres(join(folder, 'postgres'), { port, log: () => {} })
}

/** A small generator of chance with a seed. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
