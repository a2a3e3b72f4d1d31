/** A good run, then one of which most rows are gone: real workers, real children, real Postgres, from push to command. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { readJob } from '../shared/db/jobs.ts'
import { readRun } from '../shared/db/runs.ts'
import { readLastAccepted, readVerdict } from '../shared/db/verdicts.ts'
import { type Member, machine, makeJob, ranMachine, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { startWeb, type Web } from '../test/standins/web.ts'
import { trialSource } from '../test/trial.ts'

setDefaultTimeout(120_000)

const PATH = 'sources/us/ca/oakville.json'
const KEY = {
  owner: 'openaddresses',
  repository: 'openaddresses',
  sourcePath: PATH,
  layer: 'addresses',
  name: 'city',
}

let db: TestDatabase
let web: Web
let folder: string
let members: Member[] = []
let made = 0

beforeAll(async () => {
  db = await testDatabase()
  folder = await mkdtemp(join(tmpdir(), 'machine-hold-'))
  web = await startWeb({ folder })
  const env = environment()
  members = [machine(['dequeue'], { env }), machine(['work'], { env })]
})

afterEach(async () => {
  await db.sql`truncate verdicts, job_sources, jobs, deliveries, runs, outbox, audit, queue.items cascade`
})

afterAll(async () => {
  await Promise.all(members.map((member) => member.stop()))
  await web.close()
  await rm(folder, { recursive: true })
  await db.drop()
})

function environment() {
  return {
    DATABASE_URL: db.url,
    STORAGE_DIR: join(folder, 'storage'),
    ALLOW_PRIVATE_ADDRESSES: 'yes',
    LEASE_SECONDS: '30',
    BEAT_SECONDS: '1',
  }
}

/** The table of the town with so many rows. */
function table(rows: number, street = 'Oak St'): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const [lon, lat] = [-122.5 + (row % 200) / 1000, 37.4 + (row % 150) / 1000]
    return `${row},${lon},${lat},${row + 1},${street} ${row % 71}`
  })
  return ['id,lon,lat,num,name', ...lines].join('\n')
}

/** Run the source on these data; the source says so, which is why no earlier run is used again. */
async function push(csv: string): Promise<{ readonly job: string; readonly runId: number }> {
  made += 1
  await writeFile(join(folder, `data${made}.csv`), `${csv}\n`)
  const source = trialSource({ data: `${web.url}/data${made}.csv` })
  const job = await makeJob(db.sql, { [PATH]: source })
  await until(`the end of job ${job}`, 90_000, async () => (await readJob(db.sql, job))?.endedAt ?? false)
  const [row] = await db.sql<[{ id: number }]>`select run_id as id from job_sources where job_id = ${job}`
  return { job, runId: row.id }
}

function command(...args: string[]) {
  return ranMachine(args, { env: { DATABASE_URL: db.url } })
}

describe('a run of 30 rows after one of 20,000', () => {
  test('is held with its numbers, changes nothing that is current, and counts when somebody accepts it', async () => {
    const good = await push(table(20_000))
    expect(await readVerdict(db.sql, good.runId)).toMatchObject({
      verdict: 'accept',
      against: null,
      reasons: [],
    })
    const bad = await push(table(30))

    const held = await readRun(db.sql, bad.runId)
    const why = 'rows fell from 20,000 to 30 (−99.8 %, limit 10 %)'
    expect([held?.status, held?.problem]).toEqual([false, 'regression-held'])
    expect(held?.problemDetail).toContain(why)
    expect(held?.state?.['problem code']).toBe('regression-held')
    expect(held?.state?.['feat count']).toBe(30)
    const verdict = await readVerdict(db.sql, bad.runId)
    expect(verdict?.against).toBe(good.runId)
    expect(verdict?.fields[0]).toEqual({ field: 'rows', before: 20_000, now: 30, change: -0.9985 })
    expect(held?.result?.diff).toMatchObject({
      before: 20_000,
      now: 30,
      added: 0,
      unchanged: 30,
      removed: 19_970,
    })
    expect((await readJob(db.sql, bad.job))?.status).toBe(false)
    expect((await readLastAccepted(db.sql, KEY))?.runId).toBe(good.runId)
    const stored = join(folder, 'storage/runs', `${bad.runId}`)
    expect(await readFile(join(stored, 'output.txt'), 'utf8')).toContain(`${why}`)
    expect(await readFile(join(stored, 'index.json'), 'utf8')).toContain('"regression-held"')
    const [counts, first] = gunzipSync(await readFile(join(stored, 'diff.ndjson.gz')))
      .toString()
      .split('\n')
    expect([JSON.parse(counts!).removed, JSON.parse(first!).change]).toEqual([19_970, 'removed'])

    const listed = await command('accept', 'us/ca/oakville', '--list')
    expect(listed.lines.join()).toContain(`run ${bad.runId} addresses/city: rows fell from 20,000 to 30`)
    expect((await command('accept', 'us/ca/oakville', '--who', 'anna')).code).toBe(2)
    expect((await readLastAccepted(db.sql, KEY))?.runId).toBe(good.runId)
    const accepted = await command(
      'accept',
      'us/ca/oakville',
      '--who',
      'anna',
      '--why',
      'the county was split',
    )
    expect([accepted.code, accepted.lines]).toEqual([
      0,
      [`run ${bad.runId} is accepted: its data is the last good data now`],
    ])

    expect(await readRun(db.sql, bad.runId)).toMatchObject({ status: true, problem: null })
    expect((await readLastAccepted(db.sql, KEY))?.runId).toBe(bad.runId)
    expect((await readJob(db.sql, bad.job))?.status).toBe(true)
    const [decided] = await db.sql`select who, what, about, why, facts from audit`
    expect(decided).toMatchObject({
      who: 'anna',
      what: 'accept',
      about: `run ${bad.runId}`,
      why: 'the county was split',
    })
    expect(decided?.['facts'].reasons[0].code).toBe('rows-fell')
    const [word] = await db.sql`select version > said_version as wanted from outbox where job_id = ${bad.job}`
    expect(word?.['wanted']).toBe(true)
    const again = await command('accept', `${bad.runId}`, '--who', 'bob', '--why', 'me too')
    expect([again.code, again.lines]).toEqual([1, [`run ${bad.runId} was accepted before`]])
  })

  test('is superseded by a later run that is fine, and cannot be accepted any more', async () => {
    const good = await push(table(20_000))
    const bad = await push(table(30))
    const fine = await push(table(19_000))

    expect(await readVerdict(db.sql, fine.runId)).toMatchObject({ verdict: 'accept', against: good.runId })
    expect(await readVerdict(db.sql, bad.runId)).toMatchObject({ verdict: 'hold', supersededBy: fine.runId })
    expect((await readLastAccepted(db.sql, KEY))?.runId).toBe(fine.runId)
    const late = await command('accept', `${bad.runId}`, '--who', 'anna', '--why', 'late')
    expect([late.code, late.lines.join()]).toEqual([
      1,
      `run ${bad.runId} was superseded by a later run that is fine: its data would be older than what is published`,
    ])
    expect((await command('accept', 'us/ca/oakville', '--list')).lines).toEqual([`no run of ${PATH} is held`])
    expect((await db.sql`select from audit`).length).toBe(0)
  })
})

describe('a run whose rows break a rule', () => {
  test('is held though it is the first', async () => {
    const { runId } = await push('id,lon,lat,num,name\n1,0,0,1,Oak St\n2,0,0,2,Oak St')

    expect(await readRun(db.sql, runId)).toMatchObject({
      status: false,
      problem: 'quality-limit',
      problemDetail:
        'rows lie at 0, 0 (100 %, limit 10 %); rows lie outside the coverage that the source declares (100 %, limit 50 %)',
    })
    expect(await readLastAccepted(db.sql, KEY)).toBeUndefined()
  })
})
