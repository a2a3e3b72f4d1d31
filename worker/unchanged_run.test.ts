/** The same source runs again when its last result is too old to be reused at once: real worker, child, web and Postgres. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJob } from '../shared/db/jobs.ts'
import { type Run, readRun } from '../shared/db/runs.ts'
import { type Member, machine, makeJob, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { startWeb, type Web } from '../test/standins/web.ts'
import { TRIAL_CSV, trialSource } from '../test/trial.ts'

setDefaultTimeout(120_000)

const PATH = 'sources/us/ca/oakville.json'

let db: TestDatabase
let web: Web
let folder: string
let members: Member[]

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-unchanged-'))
  web = await startWeb({ folder })
  const env = {
    DATABASE_URL: db.url,
    STORAGE_DIR: join(folder, 'storage'),
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LEASE_SECONDS: '30',
    BEAT_SECONDS: '1',
  }
  members = [machine(['dequeue'], { env }), machine(['work'], { env })]
})

afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()))
  await web.close()
  await rm(folder, { recursive: true })
  await db.drop()
})

/** Run the source; what ran before is eleven days old by then. */
async function run(source: string): Promise<Run> {
  await db.sql`update runs set datetime_tz = datetime_tz - interval '11 days'`
  const job = await makeJob(db.sql, { [PATH]: source })
  await until(`the end of job ${job}`, 90_000, async () => (await readJob(db.sql, job))?.endedAt ?? false)
  const [row] = await db.sql<[{ id: number }]>`select run_id as id from job_sources where job_id = ${job}`
  return (await readRun(db.sql, row.id)) as Run
}

describe('data that has not changed', () => {
  test('is not worked on again: the result of the run that has it is used, and says since when', async () => {
    await writeFile(join(folder, 'a.csv'), TRIAL_CSV)
    const source = trialSource({ data: `${web.url}/a.csv` })
    const first = await run(source)

    const second = await run(source)

    expect(second).toMatchObject({ status: true, copyOf: first.id, state: first.state })
    expect(second.result?.artifacts).toEqual(first.result!.artifacts)
    expect(second.result?.logTail).toContain('is what it was: the server says so by 304')
    expect(second.result?.logTail).toContain('the data is what it was: nothing is made of it again')
    const days = (Date.now() - Date.parse(second.result?.unchangedSince ?? '')) / 86_400_000
    expect(Math.round(days)).toBe(11)
    expect(await readdir(join(folder, 'storage/runs'))).toEqual([`${first.id}`])
    const third = await run(source)
    expect(third.copyOf).toBe(first.id)

    await writeFile(join(folder, 'a.csv'), `${TRIAL_CSV}4,-122.2,37.6,18,Fir St\n`)
    const changed = await run(source)
    expect([changed.copyOf, changed.result?.rows?.written]).toEqual([null, 4])
    expect(changed.result?.diff).toMatchObject({ before: 3, now: 4, added: 1, unchanged: 3 })

    const other = await run(trialSource({ data: `${web.url}/a.csv`, note: 'another file' }))
    expect([other.copyOf, other.result?.rows?.written]).toEqual([null, 4])
  })
})
