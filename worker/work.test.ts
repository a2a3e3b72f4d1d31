import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRun } from '../shared/db/runs.ts'
import { processesWith, until } from '../test/crew.ts'
import { openWorkshop, type Workshop } from '../test/workshop.ts'

setDefaultTimeout(60_000)

let shop: Workshop

beforeAll(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.tidy())
afterAll(() => shop.close())

describe('work', () => {
  test('runs a source, publishes its files and hands in the result, under Bun and under Node', async () => {
    shop.hire('dequeue')
    for (const node of [false, true]) {
      const worker = shop.hire('work', {}, { node })
      const { id } = await shop.slowJob({})

      const source = await shop.untilSettled(id)

      expect(source).toMatchObject({ status: true, rows: 3, attempt: 1 })
      const files = await readdir(join(shop.storage, 'runs', `${source.runId}`))
      expect(files).toContain('output.txt')
      expect(files).toContain('out.geojson.gz')
      const run = await readRun(shop.sql, source.runId ?? 0)
      expect(run?.result?.artifacts.map(({ name }) => name).toSorted()).toEqual(files.toSorted())
      worker.kill('SIGTERM')
      expect((await worker.ended).code).toBe(0)
    }
  })

  test('that is told to go gives its task back, ends its child, and exits with 0 within seconds', async () => {
    const worker = shop.hire('work')
    const slow = await shop.slowJob({ hang: true })
    const child = await shop.childAt(slow)
    const began = performance.now()

    worker.kill('SIGTERM')
    const { code } = await worker.ended

    expect(code).toBe(0)
    expect(performance.now() - began).toBeLessThan(5_000)
    expect(processesWith('process-one', slow.path)).not.toContain(child)
    expect(worker.lines.at(-1)).toMatch(/ work gave back run \d+$/)
    const [item] = await shop.sql`
      select dequeued_at, lease_until, failures, schedule_at from queue.items where q_name = 'tasks'`
    expect(item).toEqual({ dequeued_at: null, lease_until: null, failures: 0, schedule_at: null })
    expect(await shop.attempts(slow.id)).toMatchObject([
      { status: null, abandoned_why: 'its worker was told to go' },
    ])

    shop.web.behave()
    shop.hire('work')
    shop.hire('dequeue')
    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })
  })

  test('that is killed takes its child with it, and its task goes to another', async () => {
    const worker = shop.hire('work')
    const slow = await shop.slowJob({ hang: true })
    await shop.childAt(slow)

    worker.kill('SIGKILL')
    await worker.ended
    await until('the child to end', 5_000, () => processesWith('process-one', slow.path).length === 0)
    shop.web.behave()
    shop.hire('work')
    shop.hire('dequeue')

    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })
    expect(await shop.attempts(slow.id)).toMatchObject([
      { status: null, abandoned_why: 'worker-lost: its lease ran out' },
      { status: true, abandoned_why: null },
    ])
  })

  test('tries once more when its child is killed, then fails the run, with its log and a state', async () => {
    shop.hire('work')
    shop.hire('dequeue')
    const slow = await shop.slowJob({ hang: true })

    for (const asked of [0, 1]) {
      await shop.hurry()
      process.kill(await shop.childAt(slow, asked), 'SIGKILL')
      await until('the attempt to be over', 5_000, () => processesWith('process-one', slow.path).length === 0)
      await Bun.sleep(300)
    }

    const source = await shop.untilSettled(slow.id)
    const runs = await shop.attempts(slow.id)
    const killed = 'process-one was ended by SIGKILL'
    expect(source).toMatchObject({ status: false, problem: 'killed', problemDetail: killed, attempt: 2 })
    expect(runs.map(({ status, abandoned_why }) => [status, abandoned_why])).toEqual([
      [null, `killed: ${killed}`],
      [false, null],
    ])
    for (const { id } of runs) {
      const log = await readFile(join(shop.storage, 'runs', `${id}`, 'output.txt'), 'utf8')
      expect(log).toContain(slow.name)
      expect(log).toContain(`failed: The process of the run was killed: ${killed}`)
      const run = await readRun(shop.sql, id)
      expect(run?.result?.logTail).toBe(log)
      expect(run?.result?.artifacts.map(({ name }) => name).toSorted()).toEqual([
        'index.json',
        'index.txt',
        'output.txt',
      ])
      expect(run?.result?.usage?.peakMb).toBeGreaterThan(0)
    }
    const last = await readRun(shop.sql, source.runId ?? 0)
    expect(last?.state).toMatchObject({
      'problem code': 'killed',
      'problem sentence': `The process of the run was killed: ${killed}`,
      'source problem': null,
    })
  })

  test('ends its child when the lease is lost, and hands nothing in', async () => {
    const worker = shop.hire('work')
    const slow = await shop.slowJob({ hang: true })
    await shop.childAt(slow)

    // As if another worker had it meanwhile.
    await shop.sql`update queue.items set attempt = attempt + 1 where q_name = 'tasks'`
    await worker.says('lost run', 5_000)

    expect(processesWith('process-one', slow.path)).toEqual([])
    const [done] = await shop.sql`select count(*)::int from queue.items where q_name = 'done'`
    expect(done).toEqual({ count: 0 })
    expect(await shop.attempts(slow.id)).toMatchObject([{ status: null }])
  })

  test('fails a run that takes longer than it may, with what it has left so far', async () => {
    shop.hire('work', { RUN_TIMEOUT_HOURS: `${2 / 3_600}` })
    shop.hire('dequeue')
    const slow = await shop.slowJob({ hang: true })

    const source = await shop.untilSettled(slow.id)

    expect(source).toMatchObject({
      status: false,
      problem: 'timed-out',
      problemDetail: 'no result after 2 s',
      attempt: 1,
    })
    const run = await readRun(shop.sql, source.runId ?? 0)
    expect(run?.result?.artifacts.map(({ name }) => name)).toContain('output.txt')
    expect(run?.result?.logTail).toContain(slow.name)
  })

  test('tries again when the files cannot be stored', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'machine-broken-'))
    await writeFile(join(broken, 'runs'), 'a file where a folder should be')
    const worker = shop.hire('work', { STORAGE_DIR: broken, STORAGE_PATIENCE_SECONDS: '0' })
    const { id } = await shop.slowJob({})
    await worker.says('failed run')
    expect(await shop.attempts(id)).toMatchObject([
      { status: null, abandoned_why: expect.stringContaining('storage-failed: ') },
    ])

    await rm(join(broken, 'runs'))
    shop.hire('dequeue')
    await shop.hurry()

    expect(await shop.untilSettled(id)).toMatchObject({ status: true, attempt: 2 })
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
    shop.hire('work', secrets, { cwd: folder })
    const slow = await shop.slowJob({ hang: true })

    const child = await shop.childAt(slow)

    const environment = (await readFile(`/proc/${child}/environ`, 'utf8')).split('\0').filter(Boolean)
    const names = environment.map((line) => line.split('=')[0] ?? '')
    const harmless = [
      'PATH',
      'HOME',
      'TMPDIR',
      'LANG',
      'LC_ALL',
      'TZ',
      'PROJ_DATA',
      'GDAL_DATA',
      'HOST_MANNERS',
    ]
    expect(names.filter((name) => !harmless.includes(name))).toEqual([])
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8')
    expect(command).not.toMatch(/secret|postgres:/)
    expect(command).toContain('--no-env-file')
    await rm(folder, { recursive: true })
  })

  test('keeps its run when every connection to Postgres breaks, again and again', async () => {
    const worker = shop.hire('work')
    shop.hire('dequeue')
    const slow = await shop.slowJob({ dripBytesPerSecond: 40 })
    await shop.childAt(slow)

    for (const _ of [1, 2, 3]) {
      await shop.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid()`
      await Bun.sleep(400)
    }

    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 1 })
    worker.kill('SIGTERM')
    expect((await worker.ended).code).toBe(0)
  })
})
