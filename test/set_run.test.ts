/** A set from `enqueue-sources` to its end, while a worker and a dequeuer are killed and somebody pushes. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readCurrent } from '../shared/db/current.ts'
import { readSet } from '../shared/db/sets.ts'
import { makeJob, ranMachine, until } from './crew.ts'
import { violations } from './queue/invariants.ts'
import { type GitHub, startGitHub } from './standins/github.ts'
import { TRIAL_CSV, trialSource } from './trial.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

setDefaultTimeout(120_000)

const SOURCES = 10

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

test('ends by itself, whole, and behind what was pushed', async () => {
  const source = (at: number) =>
    trialSource({ data: `${shop.web.url}/${at === 3 ? 'missing' : 'trial'}.csv?${at}` })
  const files = Object.fromEntries(
    Array.from({ length: SOURCES }, (_, at) => [`sources/xx/source_${at}.json`, source(at)]),
  )
  await github.repository({ files: { ...files, 'sources/xx/broken.json': '{' } })
  const env = { ...shop.environment, GITHUB_API_URL: github.url }
  const made = await ranMachine(['enqueue-sources', '--json'], { env })
  const { set } = JSON.parse(made.lines.at(-1) ?? '{}') as { set: number }
  const crew = ['work', 'work', 'dequeue', 'dequeue'].map((command) => shop.hire(command, env))
  await until('the first runs to settle', 60_000, async () => ((await readSet(shop.sql, set))?.good ?? 0) > 1)

  for (const victim of [crew[0]!, crew[2]!]) {
    victim.kill('SIGKILL')
    await victim.ended
  }
  const job = await makeJob(shop.sql, {
    'sources/xx/pushed.json': trialSource({ data: `${shop.web.url}/trial.csv?push` }),
  })
  await until('the set to end', 90_000, async () => (await readSet(shop.sql, set))?.endedAt ?? false)

  expect(await readSet(shop.sql, set)).toMatchObject({ sources: SOURCES + 1, good: SOURCES - 1, failed: 2 })
  const [pushed] = await shop.sql<[{ at: Date; behind: number }]>`
    select j.datetime_end as at,
      (select count(*)::int from set_sources where set_id = ${set} and released_at between j.datetime_start and r.datetime_start)
        as behind
    from jobs j join runs r on r.job_id = j.id and r.status
    where j.id = ${job}`
  expect(pushed.at).toBeInstanceOf(Date)
  // Nothing of the set was given to the queue while the push waited there.
  expect(pushed.behind).toBeLessThanOrEqual(1)
  const current = await readCurrent(shop.sql, 'openaddresses', 'openaddresses')
  expect(current.map(({ sourcePath }) => sourcePath)).toEqual(
    [0, 1, 2, 4, 5, 6, 7, 8, 9]
      .map((at) => `sources/xx/source_${at}.json`)
      .concat('sources/xx/pushed.json')
      .sort(),
  )
  expect(await violations(shop.sql)).toEqual([])
})
