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
import { until } from '../test/crew.ts'
import { type Desk, type Newsroom, openNewsroom, outboxOf, settleNext } from '../test/newsroom.ts'

setDefaultTimeout(60_000)

let room: Newsroom
let desk: Desk
let pull: number

beforeAll(async () => {
  room = await openNewsroom()
})

beforeEach(async () => {
  desk = await room.open()
  await room.hub.commit(desk.repo, { branch: 'patch', files: { b: 'b' } })
  pull = (await room.hub.openPull(desk.repo, { branch: 'patch' })).number
})

afterEach(() => desk.stop())

afterAll(() => room.close())

async function pullJob(...names: string[]): Promise<string> {
  const id = await desk.job(...names)
  await room.db.sql`update jobs set pull_number = ${pull} where id = ${id}`
  return id
}

async function find(id: string, n: number): Promise<void> {
  await room.db.sql`
    insert into job_findings (job_id, position, path, layer, name, level, code, pointer, line, col, message)
    select ${id}, i, 'a.json', '', '', 'warning', 'source-invalid', '', i + 1, 1, 'a word'
    from generate_series(0, ${n - 1}) i`
}

const comments = () => room.hub.comments(desk.repo, pull)

const checks = () => room.hub.checkRuns(desk.repo, desk.sha)

const untilComment = (word: string) =>
  until(`comment ${word}`, 10_000, () => comments().find(({ body }) => body.includes(word)))

const untilQuiet = (id: string) =>
  until('quiet', 10_000, async () => (await outboxOf(room.db.sql, id))?.['quiet'])

describe('a pull request', () => {
  test('has one comment when all is done, edited by the next job, whoever writes it', async () => {
    const first = await pullJob('a')
    await settleNext(room.db.sql, false)
    desk.startReporter()
    desk.startReporter()
    await untilComment('0 of 1 good, 1 failed')
    await untilQuiet(first)

    const second = await pullJob('b')
    await settleNext(room.db.sql, true)
    await untilComment('The data source is good')
    await untilQuiet(second)
    // What comes late of the first says nothing over it.
    await room.db.sql`select machine.note(${first})`
    await untilQuiet(first)

    expect(comments().map(({ body }) => body.split('\n')[0])).toEqual(['**The data source is good**'])
  })

  test('has one comment when GitHub breaks off after it was written', async () => {
    room.hub.misbehave({ method: 'POST', path: /\/issues\/\d+\/comments$/, done: true, status: 502 })
    const id = await pullJob('a')
    await settleNext(room.db.sql, true)
    desk.startReporter()
    await until('the failure', 10_000, async () => {
      const [row] = await room.db
        .sql`update outbox set not_before = null where job_id = ${id} and failures = 1 returning job_id`
      return row
    })
    await untilQuiet(id)

    expect(comments()).toHaveLength(1)
    expect(desk.heard()).toHaveLength(1)
  })

  test('that takes no comments is told by its status all the same', async () => {
    room.hub.misbehave({ method: 'POST', path: /\/comments$/, status: 403, json: { message: 'locked' } })
    const id = await pullJob('a')
    await settleNext(room.db.sql, true)
    desk.startReporter()
    await untilQuiet(id)

    expect(desk.heard()).toEqual(['success: Succeeded on a addresses/city'])
    const posts = await room.db.sql`select channel, is_taken from posts where job_id = ${id} order by id`
    expect([...posts]).toEqual([
      { channel: 'status', is_taken: true },
      { channel: 'comment', is_taken: false },
    ])
  })

  test('has no second comment when somebody deletes it, until there is something to say', async () => {
    const id = await pullJob('a')
    await settleNext(room.db.sql, true)
    desk.startReporter()
    await untilComment('good')
    await untilQuiet(id)
    room.hub.hub.comments.set(desk.repo, [])
    await room.db.sql`select machine.note(${id})`
    await untilQuiet(id)
    expect(comments()).toEqual([])

    await pullJob('b')
    await settleNext(room.db.sql, false)
    await untilComment('failed')
    expect(comments()).toHaveLength(1)
  })
})

describe('an App', () => {
  test('makes one check run, and completes it', async () => {
    const id = await desk.job('a', 'b')
    desk.startReporter({ asApp: true })
    await until('the check', 10_000, () => checks().length === 1)
    expect(checks()[0]).toMatchObject({ status: 'in_progress', output: { title: '0 of 2 done' } })

    await settleNext(room.db.sql, true)
    await settleNext(room.db.sql, false)
    // Progress that was just said holds the next word back for up to 15 s.
    await until('the end', 30_000, () => checks()[0]?.status === 'completed')

    expect(checks()).toHaveLength(1)
    expect(checks()[0]).toMatchObject({
      name: 'openaddresses/hooked',
      external_id: id,
      details_url: `https://machine.example/jobs/${id}`,
      conclusion: 'failure',
      output: { title: '1 of 2 good, 1 failed' },
    })
    expect(desk.heard()).toEqual([])
  })

  test('sends 120 annotations in portions, each once, though an answer is lost', async () => {
    const id = await desk.job('a')
    await find(id, 120)
    room.hub.misbehave({ method: 'PATCH', path: /\/check-runs\/\d+$/, done: true, status: 502 })
    desk.startReporter({ asApp: true })
    await until('the failure', 10_000, async () => {
      const [row] = await room.db
        .sql`update outbox set not_before = null where job_id = ${id} and failures = 1 returning job_id`
      return row
    })
    await untilQuiet(id)

    expect(checks()[0]?.annotations.map(({ start_line }) => start_line)).toEqual(
      Array.from({ length: 120 }, (_, i) => i + 1),
    )
  })

  test('whose check run was made while the answer was lost makes no second', async () => {
    room.hub.misbehave({ method: 'POST', path: /\/check-runs$/, done: true, status: 502 })
    const id = await desk.job('a')
    desk.startReporter({ asApp: true })
    await until('the failure', 10_000, async () => {
      const [row] = await room.db
        .sql`update outbox set not_before = null where job_id = ${id} and failures = 1 returning job_id`
      return row
    })
    await untilQuiet(id)

    expect(checks()).toHaveLength(1)
  })
})
