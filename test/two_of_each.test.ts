/** Two workers and two dequeuers at once: no task runs twice at the same time, and no status goes backwards. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeJob, until } from './crew.ts'
import { violations } from './queue/invariants.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

setDefaultTimeout(120_000)

const CREW = ['work', 'work', 'dequeue', 'dequeue', 'report', 'report'] as const
const SOURCES = 16

let shop: Workshop
let github: GitHub

beforeAll(async () => {
  shop = await openWorkshop()
  await writeFile(join(shop.served, 'trial.csv'), TRIAL_CSV)
  github = await startGitHub()
}, 60_000)

afterAll(async () => {
  await shop.tidy()
  await github.close()
  await shop.close()
})

test('share the tasks of a job, each done once, and tell GitHub in order', async () => {
  const repository = await github.repository()
  const commitSha = await github.commit(repository, { files: { 'README.md': 'two' }, message: 'Two of each' })
  const sources = Array.from({ length: SOURCES }, (_, at) => [
    `sources/xx/source_${at}.json`,
    // The last has no data, so that there is a verdict to come to.
    trialSource({ data: `${shop.web.url}/${at === SOURCES - 1 ? 'missing' : 'trial'}.csv?${at}` }),
  ])
  const id = await makeJob(shop.sql, Object.fromEntries(sources), { repository: repository.name, commitSha })
  // Leases as long as in life: a worker that is only slow here is not to be taken for lost.
  const env = { GITHUB_API_URL: github.url, LEASE_SECONDS: '300', BEAT_SECONDS: '30' }
  for (const command of CREW) shop.hire(command, env)

  await until('the job to end and GitHub to hear of it', 90_000, async () => {
    const [row] = await shop.sql`
      select j.datetime_end is not null and o.said_version = o.version as done
      from jobs j join outbox o on o.job_id = j.id
      where j.id = ${id}`
    return row?.['done'] === true
  })
  const twice = await shop.sql`
    select a.task_id
    from runs a join runs b on b.task_id = a.task_id and b.id > a.id
    where b.datetime_start < coalesce(a.abandoned_at, a.datetime_tz)`
  const workers = await shop.sql`select worker_id, count(*)::int as n from runs group by worker_id`
  const settled = await shop.sql`select task_id from runs where status is not null`

  expect(twice).toHaveLength(0)
  expect(settled).toHaveLength(SOURCES)
  expect(workers).toHaveLength(2)
  expect(await violations(shop.sql)).toEqual([])
  const states = github.statuses(repository, commitSha).map(({ state }) => state)
  expect(states.at(-1)).toBe('failure')
  expect(states.lastIndexOf('pending')).toBeLessThan(states.indexOf('failure'))
})
