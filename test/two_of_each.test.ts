/** Two workers and two dequeuers at once: no task runs twice at the same time, and no status goes backwards. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Member, machine, makeJob, until } from './crew.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { violations } from './queue/invariants.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import { startWeb, type Web } from './standins/web.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'

setDefaultTimeout(120_000)

const CREW = ['work', 'work', 'dequeue', 'dequeue', 'report', 'report'] as const
const SOURCES = 16

let db: TestDatabase
let folder: string
let web: Web
let github: GitHub
let crew: Member[] = []

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-two-'))
  await writeFile(join(folder, 'trial.csv'), TRIAL_CSV)
  web = await startWeb({ folder })
  github = await startGitHub()
}, 60_000)

afterAll(async () => {
  await Promise.all(crew.map((member) => member.stop()))
  await web.close()
  await github.close()
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

test('share the tasks of a job, each done once, and tell GitHub in order', async () => {
  const repository = await github.repository()
  const commitSha = await github.commit(repository, { files: { 'README.md': 'two' }, message: 'Two of each' })
  const sources = Array.from({ length: SOURCES }, (_, at) => [
    `sources/xx/source_${at}.json`,
    // The last has no data, so that there is a verdict to come to.
    trialSource({ data: `${web.url}/${at === SOURCES - 1 ? 'missing' : 'trial'}.csv?${at}` }),
  ])
  const id = await makeJob(db.sql, Object.fromEntries(sources), { repository: repository.name, commitSha })
  crew = CREW.map((command) =>
    machine([command], {
      env: {
        DATABASE_URL: db.url,
        STORAGE_DIR: join(folder, 'storage'),
        GITHUB_API_URL: github.url,
        ALLOW_PRIVATE_ADDRESSES: 'yes',
        RUN_REUSE_DAYS: '0',
      },
    }),
  )

  await until('the job to end and GitHub to hear of it', 90_000, async () => {
    const [row] = await db.sql`
      select j.datetime_end is not null and o.said_version = o.version as done
      from jobs j join outbox o on o.job_id = j.id
      where j.id = ${id}`
    return row?.['done'] === true
  })
  const twice = await db.sql`
    select a.task_id
    from runs a join runs b on b.task_id = a.task_id and b.id > a.id
    where b.datetime_start < coalesce(a.abandoned_at, a.datetime_tz)`
  const workers = await db.sql`select worker_id, count(*)::int as n from runs group by worker_id`
  const settled = await db.sql`select task_id from runs where status is not null`

  expect(twice).toHaveLength(0)
  expect(settled).toHaveLength(SOURCES)
  expect(workers).toHaveLength(2)
  expect(await violations(db.sql)).toEqual([])
  const states = github.statuses(repository, commitSha).map(({ state }) => state)
  expect(states.at(-1)).toBe('failure')
  expect(states.lastIndexOf('pending')).toBeLessThan(states.indexOf('failure'))
})
