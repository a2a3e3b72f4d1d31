import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readJobSources } from '../shared/db/jobs.ts'
import { readRun } from '../shared/db/runs.ts'
import { type Member, machine, makeJob, processesWith, until } from '../test/crew.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { startWeb, type Web } from '../test/standins/web.ts'
import { TRIAL_CSV, trialSource } from '../test/trial.ts'

setDefaultTimeout(60_000)

let db: TestDatabase
let web: Web
let served: string
let storage: string
let members: Member[] = []
let made = 0

beforeAll(async () => {
  db = await testDatabase()
  served = await mkdtemp(join(tmpdir(), 'machine-served-'))
  storage = await mkdtemp(join(tmpdir(), 'machine-storage-'))
  web = await startWeb({ folder: served })
})

afterEach(async () => {
  await Promise.all(members.map((member) => member.stop()))
  members = []
  await db.sql`delete from queue.items`
})

afterAll(async () => {
  await web.close()
  await rm(served, { recursive: true })
  await rm(storage, { recursive: true })
  await db.drop()
})

/** A worker, or a dequeuer, with short leases. */
function hire(command: 'work' | 'dequeue', env: Record<string, string> = {}, options = {}): Member {
  const member = machine([command], {
    env: {
      DATABASE_URL: db.url,
      STORAGE_DIR: storage,
      ALLOW_PRIVATE_ADDRESSES: 'yes',
      RUN_REUSE_DAYS: '0',
      LEASE_SECONDS: '3',
      BEAT_SECONDS: '0.3',
      SWEEP_SECONDS: '0.5',
      ...env,
    },
    ...options,
  })
  members.push(member)
  return member
}

/** A job of one source whose data comes slowly, or not at all. */
async function slowJob(manners: { dripBytesPerSecond?: number; hang?: boolean }): Promise<Slow> {
  made += 1
  const name = `data${made}.csv`
  await writeFile(join(served, name), TRIAL_CSV)
  if (manners.hang) web.misbehave({ path: `/${name}`, times: 100, hang: true })
  else web.behaves(`/${name}`, manners)
  const path = `sources/us/ca/town${made}.json`
  const id = await makeJob(db.sql, { [path]: trialSource({ data: `${web.url}/${name}` }) })
  return { id, path, name }
}

interface Slow {
  readonly id: string
  readonly path: string
  readonly name: string
}

/** Settles when the child has asked for its data. Gives its process. */
async function childAt({ path, name }: Slow, after = 0): Promise<number> {
  await until(`the download of ${name}`, 15_000, () => asks(name) > after)
  return until('the child', 5_000, () => processesWith('process-one', path)[0])
}

function asks(name: string): number {
  return web.calls.filter(({ path }) => path === `/${name}`).length
}

/** Every attempt at the one source of a job, in order. */
function attempts(id: string) {
  return db.sql<
    { id: number; status: boolean | null; problem: string | null; abandoned_why: string | null }[]
  >`
    select id, status, problem, abandoned_why from runs where job_id = ${id} order by attempt`
}

function untilSettled(id: string) {
  return until(`job ${id}`, 30_000, async () => {
    const [source] = await readJobSources(db.sql, id)
    return source?.status !== null && source
  })
}

/** What failed is not to wait for its time. */
async function hurry(): Promise<void> {
  await db.sql`update queue.items set schedule_at = null where q_name = 'tasks'`
}

describe('work', () => {
  test('runs a source, publishes its files and hands in the result, under Bun and under Node', async () => {
    hire('dequeue')
    for (const node of [false, true]) {
      const worker = hire('work', {}, { node })
      const { id } = await slowJob({})

      const source = await untilSettled(id)

      expect(source).toMatchObject({ status: true, rows: 3, attempt: 1 })
      const files = await readdir(join(storage, 'runs', `${source.runId}`))
      expect(files).toContain('output.txt')
      expect(files).toContain('out.geojson.gz')
      const run = await readRun(db.sql, source.runId ?? 0)
      expect(run?.result?.artifacts.map(({ name }) => name).toSorted()).toEqual(files.toSorted())
      worker.kill('SIGTERM')
      expect((await worker.ended).code).toBe(0)
    }
  })

  test('that is told to go gives its task back, ends its child, and exits with 0 within seconds', async () => {
    const worker = hire('work')
    const slow = await slowJob({ hang: true })
    const child = await childAt(slow)
    const began = performance.now()

    worker.kill('SIGTERM')
    const { code } = await worker.ended

    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(processesWith('process-one', slow.path)).not.toContain(child)
    expect(worker.lines.at(-1)).toMatch(/ work gave back run \d+$/)
    const [item] = await db.sql`
      select dequeued_at, lease_until, failures, schedule_at from queue.items where q_name = 'tasks'`
    expect(item).toEqual({ dequeued_at: null, lease_until: null, failures: 0, schedule_at: null })
    expect(await attempts(slow.id)).toMatchObject([
      { status: null, abandoned_why: 'its worker was told to go' },
    ])

    web.behave()
    hire('work')
    hire('dequeue')
    expect(await untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })
  })

  test('that is killed takes its child with it, and its task goes to another', async () => {
    const worker = hire('work')
    const slow = await slowJob({ hang: true })
    await childAt(slow)

    worker.kill('SIGKILL')
    await worker.ended
    await until('the child to end', 5_000, () => processesWith('process-one', slow.path).length === 0)
    web.behave()
    hire('work')
    hire('dequeue')

    expect(await untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })
    expect(await attempts(slow.id)).toMatchObject([
      { status: null, abandoned_why: 'worker-lost: its lease ran out' },
      { status: true, abandoned_why: null },
    ])
  })

  test('tries again when its child is killed, and after the last time fails the run, with its log', async () => {
    hire('work')
    hire('dequeue')
    const slow = await slowJob({ hang: true })

    for (const asked of [0, 1, 2]) {
      await hurry()
      process.kill(await childAt(slow, asked), 'SIGKILL')
      await until('the attempt to be over', 5_000, () => processesWith('process-one', slow.path).length === 0)
      await Bun.sleep(300)
    }

    const source = await untilSettled(slow.id)
    const runs = await attempts(slow.id)
    const killed = 'process-one was ended by SIGKILL'
    expect(source).toMatchObject({ status: false, problem: 'killed', problemDetail: killed, attempt: 3 })
    expect(runs.map(({ status, abandoned_why }) => [status, abandoned_why])).toEqual([
      [null, `killed: ${killed}`],
      [null, `killed: ${killed}`],
      [false, null],
    ])
    for (const { id } of runs) {
      const log = await readFile(join(storage, 'runs', `${id}`, 'output.txt'), 'utf8')
      expect(log).toContain(slow.name)
      const run = await readRun(db.sql, id)
      expect(run?.result?.logTail).toBe(log)
      expect(run?.result?.artifacts).toEqual([
        { name: 'output.txt', type: 'text/plain; charset=utf-8', bytes: Buffer.byteLength(log) },
      ])
    }
  })

  test('ends its child when the lease is lost, and hands nothing in', async () => {
    const worker = hire('work')
    const slow = await slowJob({ hang: true })
    await childAt(slow)

    // As if another worker had it meanwhile.
    await db.sql`update queue.items set attempt = attempt + 1 where q_name = 'tasks'`
    await worker.says('lost run', 5_000)

    expect(processesWith('process-one', slow.path)).toEqual([])
    const [done] = await db.sql`select count(*)::int from queue.items where q_name = 'done'`
    expect(done).toEqual({ count: 0 })
    expect(await attempts(slow.id)).toMatchObject([{ status: null }])
  })

  test('fails a run that takes longer than it may, with what it has left so far', async () => {
    hire('work', { RUN_TIMEOUT_HOURS: `${2 / 3_600}` })
    hire('dequeue')
    const slow = await slowJob({ hang: true })

    const source = await untilSettled(slow.id)

    expect(source).toMatchObject({
      status: false,
      problem: 'timed-out',
      problemDetail: 'no result after 2 s',
      attempt: 1,
    })
    const run = await readRun(db.sql, source.runId ?? 0)
    expect(run?.result?.artifacts.map(({ name }) => name)).toEqual(['output.txt'])
    expect(run?.result?.logTail).toContain(slow.name)
  })

  test('tries again when the files cannot be stored', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'machine-broken-'))
    await writeFile(join(broken, 'runs'), 'a file where a folder should be')
    const worker = hire('work', { STORAGE_DIR: broken })
    const { id } = await slowJob({})
    await worker.says('failed run')
    expect(await attempts(id)).toMatchObject([
      { status: null, abandoned_why: expect.stringContaining('internal') },
    ])

    await rm(join(broken, 'runs'))
    hire('dequeue')
    await hurry()

    expect(await untilSettled(id)).toMatchObject({ status: true, attempt: 2 })
    await rm(broken, { recursive: true })
  })

  test('shows its child no credentials, nor the .env of its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'machine-env-'))
    const secrets = {
      GITHUB_TOKEN: 'ghp_secret',
      AWS_SECRET_ACCESS_KEY: 'aws_secret',
      WEBHOOK_SECRETS: 'hook_secret',
    }
    await writeFile(join(folder, '.env'), 'MAPBOX_KEY=map_secret\n')
    hire('work', secrets, { cwd: folder })
    const slow = await slowJob({ hang: true })

    const child = await childAt(slow)

    const environment = (await readFile(`/proc/${child}/environ`, 'utf8')).split('\0').filter(Boolean)
    const names = environment.map((line) => line.split('=')[0] ?? '')
    const harmless = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'PROJ_DATA', 'GDAL_DATA']
    expect(names.filter((name) => !harmless.includes(name))).toEqual([])
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8')
    expect(command).not.toMatch(/secret|postgres:/)
    expect(command).toContain('--no-env-file')
    await rm(folder, { recursive: true })
  })

  test('keeps its run when every connection to Postgres breaks, again and again', async () => {
    const worker = hire('work')
    hire('dequeue')
    const slow = await slowJob({ dripBytesPerSecond: 40 })
    await childAt(slow)

    for (const _ of [1, 2, 3]) {
      await db.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`
      await Bun.sleep(400)
    }

    expect(await untilSettled(slow.id)).toMatchObject({ status: true, attempt: 1 })
    worker.kill('SIGTERM')
    expect((await worker.ended).code).toBe(0)
  })
})
