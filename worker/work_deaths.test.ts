/** Whatever dies while a worker works: each death is real, and each has its own end. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startFauxqs } from 'fauxqs'
import { readRun } from '../shared/db/runs.ts'
import { announce } from '../shared/db/workers.ts'
import { processesWith, until } from '../test/crew.ts'
import { startLine } from '../test/line.ts'
import { startEc2Metadata } from '../test/standins/ec2_metadata.ts'
import { openWorkshop, type Workshop } from '../test/workshop.ts'
import { selfCommand, start } from './system/spawn.ts'

setDefaultTimeout(60_000)

/** Whether a small disk can be had: a mount of our own. */
const hasMounts = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
if (!hasMounts) console.log('skipped: a full disk, as this computer lets us make no small one (unshare -rm)')

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.tidy())
afterAll(() => shop.close())

describe('a child', () => {
  test('that takes more memory than it may goes on at once to a bigger worker', async () => {
    await announce(shop.sql, { worker: 'big/1/x', loop: 'work', workerClass: 2, version: '1' })
    shop.hire('dequeue')
    // Nothing that Bun can do fits into so little.
    const small = shop.hire('work', { RUN_MEMORY_MB: '20' })
    const slow = await shop.slowJob({ hang: true })
    await small.says('out-of-memory: it took ')
    shop.web.behave()
    shop.hire('work', { WORKER_CLASS: '2' })

    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })

    const [first] = await shop.attempts(slow.id)
    expect(first?.abandoned_why).toMatch(/^out-of-memory: it took \d+ MB, and it may take 20 MB$/)
    const run = await readRun(shop.sql, first?.id ?? 0)
    expect(run?.result?.usage?.peakMb).toBeGreaterThan(20)
  })

  test('that stands still is ended, and tried once more', async () => {
    shop.hire('dequeue')
    const worker = shop.hire('work', { RUN_STALL_MINUTES: '0.03' })
    const slow = await shop.slowJob({ hang: true })
    await worker.says('stalled: no progress for 1.8 s: retry')
    await shop.hurry()

    expect(await shop.untilSettled(slow.id)).toMatchObject({
      problem: 'stalled',
      problemDetail: 'no progress for 1.8 s',
      attempt: 2,
    })
  })

  test('may take as long as its source asks for, and its due item waits as long', async () => {
    shop.hire('dequeue')
    shop.hire('work')
    const slow = await shop.slowJob({ hang: true, tags: { timeout: 2 } })

    expect(await shop.untilSettled(slow.id)).toMatchObject({
      problem: 'timed-out',
      problemDetail: 'no result after 2 s',
    })
  })

  test.skipIf(!hasMounts)(
    'that finds the disk full is tried on a bigger worker, with what it said',
    async () => {
      await announce(shop.sql, { worker: 'big/1/x', loop: 'work', workerClass: 2, version: '1' })
      shop.hire('dequeue')
      const small = await mkdtemp(join(tmpdir(), 'machine-small-'))
      const [command, ...words] = selfCommand(join(import.meta.dirname, 'cli.ts'))
      const mount = `mount -t tmpfs -o size=4m tmpfs ${small} && exec "$0" "$@"`
      const lines: string[] = []
      const worker = start('unshare', ['-rm', 'sh', '-c', mount, command, ...words, 'work'], {
        env: { ...shop.environment, TMPDIR: small },
        onErrorLine: (line) => void lines.push(line),
      })
      const slow = await shop.slowJob({})
      await until('the disk to be full', 20_000, () => lines.some((line) => line.includes('disk-full: ')))
      await worker.stop()
      await rm(small, { recursive: true })
      shop.hire('work', { WORKER_CLASS: '2' })

      expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 2 })
      const [first] = await shop.attempts(slow.id)
      expect(first?.abandoned_why).toMatch(/^disk-full: .* are free$/)
    },
  )
})

describe('a computer of EC2', () => {
  test('that Spot takes back, or its group lets go, gives its work back at once', async () => {
    const [spot, group] = [await startEc2Metadata(), await startEc2Metadata()]
    const workers = [spot, group].map(({ url }) => shop.hire('work', { EC2_METADATA_URL: url }))
    const jobs = [await shop.slowJob({ hang: true }), await shop.slowJob({ hang: true })]
    for (const job of jobs) await shop.childAt(job)

    spot.spot({ action: 'terminate', time: '2026-11-25T10:12:00Z' })
    group.lifecycle('Terminated')

    await workers[0]?.says(
      'this computer is to go: Spot: the instance is to terminate at 2026-11-25T10:12:00Z',
    )
    await workers[1]?.says('this computer is to go: auto scaling: the instance is to be Terminated')
    for (const worker of workers) await worker.says('gave back run')
    for (const job of jobs) {
      expect(await shop.attempts(job.id)).toMatchObject([{ abandoned_why: 'its worker was told to go' }])
      expect(processesWith('process-one', job.path)).toEqual([])
    }
    const items = await shop.sql`select dequeued_at, failures from queue.items where q_name = 'tasks'`
    expect(Array.from(items, (item) => ({ ...item }))).toEqual([
      { dequeued_at: null, failures: 0 },
      { dequeued_at: null, failures: 0 },
    ])

    // Started again before the computer is gone, it takes nothing.
    const again = shop.hire('work', { EC2_METADATA_URL: spot.url })
    await again.says('this computer is to go')
    await Bun.sleep(1_500)
    expect(again.lines.filter((line) => line.includes('taken run'))).toEqual([])
    await spot.close()
    await group.close()
  })
})

describe('Postgres', () => {
  test('that is away for longer than a lease fails no run: what is done meanwhile is handed in afterwards', async () => {
    const { port } = new URL(shop.url)
    const line = await startLine(Number(port))
    const through = { DATABASE_URL: shop.url.replace(`:${port}/`, `:${line.port}/`) }
    shop.hire('dequeue', through)
    const worker = shop.hire('work', through)
    const slow = await shop.slowJob({ dripBytesPerSecond: 40 })
    await shop.childAt(slow)

    await line.cut()
    await until('the child to end', 20_000, () => processesWith('process-one', slow.path).length === 0)
    // More than the lease of three seconds.
    await Bun.sleep(4_000)
    await line.mend()

    expect(await shop.untilSettled(slow.id)).toMatchObject({ status: true, attempt: 1 })
    expect(worker.lines.some((said) => said.includes('Postgres is away, trying again'))).toBe(true)
    await shop.tidy()
    await line.close()
  })
})

describe('the storage', () => {
  test('that is away for a while costs no run its work', async () => {
    const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
    server.createBucket('machine')
    const line = await startLine(Number(new URL(server.address).port))
    shop.hire('dequeue')
    const worker = shop.hire('work', {
      AWS_S3_BUCKET: 'machine',
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${line.port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    })
    await line.cut()
    const slow = await shop.slowJob({})
    await worker.says('again in 0.5 s: put runs/')
    await line.mend()

    const source = await shop.untilSettled(slow.id)

    expect(source).toMatchObject({ status: true, attempt: 1 })
    const run = await readRun(shop.sql, source.runId ?? 0)
    for (const { name, bytes } of run?.result?.artifacts ?? []) {
      const there = await fetch(`${server.address}/machine/runs/${source.runId}/${encodeURIComponent(name)}`)
      expect((await there.arrayBuffer()).byteLength).toBe(bytes)
    }
    expect(run?.result?.artifacts.length).toBeGreaterThan(3)
    await line.close()
    await server.stop()
  })
})
