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
import { deliver, until } from '../test/crew.ts'
import { type Desk, type Newsroom, openNewsroom, outboxOf, settleNext } from '../test/newsroom.ts'
import { pushPayload } from '../test/standins/github_payloads.ts'

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

describe('report', () => {
  test('says pending, then the verdict at once, under one address and one context', async () => {
    const id = await desk.job('us/ca/oakville', 'us/ca/elmville')
    desk.startReporter()
    await desk.untilHeard(1)

    await settleNext(room.db.sql, true)
    await Bun.sleep(1_500)
    const meanwhile = desk.heard()
    await settleNext(room.db.sql, true)

    const pending =
      'pending: Checking us/ca/oakville addresses/city, us/ca/elmville addresses/city (0 of 2 done)'
    expect(meanwhile).toEqual([pending])
    expect(await desk.untilHeard(2, 4_000)).toEqual([
      pending,
      'success: Succeeded on us/ca/oakville addresses/city, us/ca/elmville addresses/city',
    ])
    expect(
      room.hub.statuses(desk.repo, desk.sha).map(({ target_url, context }) => [target_url, context]),
    ).toEqual([1, 2].map(() => [`https://machine.example/jobs/${id}`, 'openaddresses/hooked']))
  })

  test('says a failure as soon as there is one, and how it ended', async () => {
    await desk.job('a', 'b')
    desk.startReporter()
    await desk.untilHeard(1)

    await settleNext(room.db.sql, false)
    await desk.untilHeard(2)
    await settleNext(room.db.sql, true)

    expect(await desk.untilHeard(3)).toEqual([
      'pending: Checking a addresses/city, b addresses/city (0 of 2 done)',
      'failure: Failed on a addresses/city (1 of 2 done)',
      'failure: Failed on a addresses/city (1 of 2 succeeded)',
    ])
  })

  test('says how far it is every 15 seconds at most', async () => {
    const id = await desk.job('a', 'b', 'c')
    desk.startReporter()
    await desk.untilHeard(1)

    await settleNext(room.db.sql, true)
    const waits = await until('our own patience', 5_000, async () => {
      const row = await outboxOf(room.db.sql, id)
      return row?.['wait'] !== null && row
    })
    await settleNext(room.db.sql, true)
    await Bun.sleep(1_500)
    const meanwhile = desk.heard().length
    await room.db
      .sql`update outbox set said_at = said_at - interval '15 seconds', not_before = null where job_id = ${id}`

    expect(waits).toMatchObject({ failures: 0, last_error: null, quiet: false })
    expect(waits?.['wait']).toBeWithin(10, 15)
    expect(meanwhile).toBe(1)
    expect((await desk.untilHeard(2))[1]).toBe('pending: Checking c addresses/city (2 of 3 done)')
  })

  test('never says the same twice', async () => {
    const id = await desk.job('a')
    desk.startReporter()
    await desk.untilHeard(1)

    for (const _ of [1, 2, 3]) {
      await room.db.sql`select machine.note(${id})`
      await until('quiet', 5_000, async () => (await outboxOf(room.db.sql, id))?.['quiet'])
    }

    expect(desk.heard()).toHaveLength(1)
  })

  test('keeps within 140 characters, none cut in half', async () => {
    await desk.job('🏔'.repeat(100), 'b')
    desk.startReporter()

    const [said] = await desk.untilHeard(1)
    const description = said?.replace('pending: ', '') ?? ''
    expect([...description]).toHaveLength(140)
    expect(description.isWellFormed()).toBe(true)
  })

  test('says nothing when it is gagged, and logs what it would have said', async () => {
    const id = await desk.job('a')
    desk.startReporter({ gagged: true })

    await until('quiet', 5_000, async () => (await outboxOf(room.db.sql, id))?.['quiet'])

    expect(desk.heard()).toEqual([])
    expect(desk.log.find((line) => line.startsWith('gagged'))).toBe(
      `gagged, would say of job ${id}: pending: Checking a addresses/city (0 of 1 done)`,
    )
  })

  test('says that an event could not be looked into', async () => {
    desk.startReporter()
    const payload = await pushPayload(room.hub.hub, desk.repo, { ref: 'refs/heads/main', after: desk.sha })
    const id = await deliver(room.db.sql, 'push', payload)
    await desk.untilHeard(1)

    await room.db.sql`select machine.end_job(${id}, 'internal', 'GitHub answered 502')`

    expect(await desk.untilHeard(2)).toEqual([
      'pending: Looking for sources that changed',
      'error: Could not read source files: GitHub answered 502',
    ])
  })
})
