import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { makeJob, until } from '../test/crew.ts'
import { type Desk, type Newsroom, openNewsroom, outboxOf, settleNext } from '../test/newsroom.ts'
import { github } from './io/github.ts'

setDefaultTimeout(30_000)

let room: Newsroom
let desk: Desk

beforeAll(async () => {
  room = await openNewsroom()
})

beforeEach(async () => {
  desk = await room.open()
})

afterEach(() => desk.stop())

afterAll(() => room.close())

describe('when GitHub', () => {
  test('fails or hangs, it is told later, of what is true then', async () => {
    desk.misbehave({ status: 502 })
    desk.misbehave({ hang: true })
    const id = await desk.job('a')
    desk.startReporter()
    for (const failures of [1, 2]) {
      const row = await until(`failure ${failures}`, 8_000, async () => {
        const row = await outboxOf(room.db.sql, id)
        return row?.['failures'] === failures && row
      })
      expect(row['wait']).toBeWithin(3, 10.5)
      if (failures === 2) await settleNext(room.db.sql, true)
      await room.db.sql`update outbox set not_before = null where job_id = ${id}`
    }

    expect(await desk.untilHeard(1)).toEqual(['success: Succeeded on a addresses/city'])
    // GitHub has heard it before the reporter has noted so.
    const row = await until('the note', 8_000, async () => {
      const row = await outboxOf(room.db.sql, id)
      return row?.['quiet'] === true && row
    })
    expect(row).toMatchObject({ failures: 0, last_error: null })
  })

  for (const [status, headers] of [
    [403, { 'retry-after': '3' }],
    [429, { 'retry-after': '3' }],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': `${Math.floor(Date.now() / 1000) + 400}` }],
  ] as const) {
    test(`asks to wait by ${status} and ${Object.keys(headers).at(-1)}, it is given the time`, async () => {
      desk.misbehave({ status, headers, json: { message: 'You have exceeded a rate limit' } })
      desk.startReporter()
      const id = await desk.job('a')

      const row = await until('the wait', 5_000, async () => {
        const row = await outboxOf(room.db.sql, id)
        return row?.['last_error'] !== null && row
      })

      const asked = 'retry-after' in headers ? 3 : Number(headers['x-ratelimit-reset']) - Date.now() / 1000
      expect(row['wait']).toBeWithin(asked - 2, asked + 2)
      expect(row['failures']).toBe(0)
      // What is new does not end a wait that GitHub asked for.
      await settleNext(room.db.sql, true)
      expect((await outboxOf(room.db.sql, id))?.['wait']).toBeGreaterThan(0)
      if ('retry-after' in headers)
        expect(await desk.untilHeard(1)).toEqual(['success: Succeeded on a addresses/city'])
    })
  }

  test('refuses one post (422), that one is dropped and the next is made', async () => {
    desk.misbehave({ status: 422, json: { message: 'maximum number of statuses' } })
    const id = await desk.job('a')
    desk.startReporter()
    const row = await until('quiet', 5_000, async () => {
      const row = await outboxOf(room.db.sql, id)
      return row?.['quiet'] && row
    })
    expect(row).toMatchObject({ dropped_at: null, last_error: expect.stringContaining('maximum number') })

    await settleNext(room.db.sql, true)

    expect(await desk.untilHeard(1)).toEqual(['success: Succeeded on a addresses/city'])
  })

  for (const status of [404, 410, 451]) {
    test(`does not have the commit any more (${status}), nothing more is said of it`, async () => {
      desk.misbehave({ status, json: { message: 'Gone' } })
      desk.startReporter()
      const id = await desk.job('a')
      await until('the end', 5_000, async () => (await outboxOf(room.db.sql, id))?.['dropped_at'])

      await settleNext(room.db.sql, true)
      await Bun.sleep(1_500)

      expect(desk.heard()).toEqual([])
      expect(room.hub.calls.filter(({ path }) => path.includes(desk.repo.name))).toHaveLength(1)
    })
  }

  test('refuses one job, another is heard', async () => {
    const other = await room.hub.repository({ name: `${desk.repo.name}b` })
    const otherSha = await room.hub.commit(other, { files: { 'a.json': '{}' } })
    desk.misbehave({ times: 100, status: 500 })
    desk.startReporter()

    await desk.job('a')
    await makeJob(room.db.sql, { 'sources/b.json': 'b' }, { repository: other.name, commitSha: otherSha })

    await until('the other job', 8_000, () => room.hub.statuses(other, otherSha).length === 1)
  })

  test('is slow, two reporters never go back', async () => {
    for (const delayMs of [900, 50, 700, 0, 400, 600, 0, 300, 800, 100]) desk.misbehave({ delayMs })
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
    const id = await desk.job(...names)
    desk.startReporter()
    desk.startReporter()

    for (const _ of names) {
      await Bun.sleep(400)
      // As if the last word were long ago, so that each step is worth a post.
      await room.db.sql`update outbox set said_at = said_at - interval '1 minute' where job_id = ${id}`
      await settleNext(room.db.sql, true)
    }
    await until('the verdict', 15_000, () => desk.heard().at(-1)?.startsWith('success'))
    await Bun.sleep(1_500)

    const steps = desk.heard().map((line) => Number(/\((\d) of 8 done\)/.exec(line)?.[1] ?? 8))
    expect(steps.length).toBeGreaterThan(3)
    expect(steps).toEqual(steps.toSorted((one, other) => one - other))
    expect(new Set(steps).size).toBe(steps.length)
    expect(desk.heard().at(-1)).toStartWith('success: ')
  })

  test('hangs while the reporter is told to stop, it goes, and its lease keeps others from overtaking', async () => {
    desk.misbehave({ hang: true })
    const id = await desk.job('a')
    desk.startReporter({ github: github({ token: 'secret', apiUrl: room.hub.url }) })
    await until('the call', 5_000, () => room.hub.calls.some(({ path }) => path.includes(desk.repo.name)))
    const began = performance.now()

    await desk.stop()

    expect(performance.now() - began).toBeLessThan(6_000)
    const [row] = await room.db
      .sql`select lease_until > clock_timestamp() as held from outbox where job_id = ${id}`
    expect(row).toEqual({ held: true })
  })
})
