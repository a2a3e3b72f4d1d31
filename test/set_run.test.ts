/** A set from `enqueue-sources` to its end, while a worker and a dequeuer are killed and somebody pushes. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCurrent } from '../shared/db/current.ts'
import { readSet } from '../shared/db/sets.ts'
import { type Member, machine, makeJob, ranMachine, until } from './crew.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { violations } from './queue/invariants.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import { startWeb, type Web } from './standins/web.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'

setDefaultTimeout(120_000)

const SOURCES = 10

let db: TestDatabase
let folder: string
let web: Web
let github: GitHub
let crew: Member[] = []

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-set-'))
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

test('ends by itself, whole, and behind what was pushed', async () => {
  const source = (at: number) =>
    trialSource({ data: `${web.url}/${at === 3 ? 'missing' : 'trial'}.csv?${at}` })
  const files = Object.fromEntries(
    Array.from({ length: SOURCES }, (_, at) => [`sources/xx/source_${at}.json`, source(at)]),
  )
  await github.repository({ files: { ...files, 'sources/xx/broken.json': '{' } })
  const env = {
    DATABASE_URL: db.url,
    STORAGE_DIR: join(folder, 'storage'),
    GITHUB_API_URL: github.url,
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LEASE_SECONDS: '3',
    BEAT_SECONDS: '0.5',
    SWEEP_SECONDS: '1',
  }
  const made = await ranMachine(['enqueue-sources', '--json'], { env })
  const { set } = JSON.parse(made.lines.at(-1) ?? '{}') as { set: number }
  crew = ['work', 'work', 'dequeue', 'dequeue'].map((command) => machine([command], { env }))
  await until('the first runs to settle', 60_000, async () => ((await readSet(db.sql, set))?.good ?? 0) > 1)

  for (const victim of [crew[0]!, crew[2]!]) {
    victim.kill('SIGKILL')
    await victim.ended
  }
  const job = await makeJob(db.sql, {
    'sources/xx/pushed.json': trialSource({ data: `${web.url}/trial.csv?push` }),
  })
  await until('the set to end', 90_000, async () => (await readSet(db.sql, set))?.endedAt ?? false)

  expect(await readSet(db.sql, set)).toMatchObject({ sources: SOURCES + 1, good: SOURCES - 1, failed: 2 })
  const [pushed] = await db.sql<[{ at: Date; behind: number }]>`
    select j.datetime_end as at,
      (select count(*)::int from set_sources where set_id = ${set} and released_at between j.datetime_start and r.datetime_start)
        as behind
    from jobs j join runs r on r.job_id = j.id and r.status
    where j.id = ${job}`
  expect(pushed.at).toBeInstanceOf(Date)
  // Nothing of the set was given to the queue while the push waited there.
  expect(pushed.behind).toBeLessThanOrEqual(1)
  const current = await readCurrent(db.sql, 'openaddresses', 'openaddresses')
  expect(current.map(({ sourcePath }) => sourcePath)).toEqual(
    [0, 1, 2, 4, 5, 6, 7, 8, 9]
      .map((at) => `sources/xx/source_${at}.json`)
      .concat('sources/xx/pushed.json')
      .sort(),
  )
  expect(await violations(db.sql)).toEqual([])
})
