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
import { type Desk, type Newsroom, openNewsroom } from '../test/newsroom.ts'
import type { Comment } from '../test/standins/github_hub.ts'

setDefaultTimeout(30_000)

let room: Newsroom
let desk: Desk
let comment: Comment

beforeAll(async () => {
  room = await openNewsroom()
})

beforeEach(async () => {
  desk = await room.open()
  await room.hub.commit(desk.repo, { branch: 'patch', files: { b: 'b' } })
  const pull = await room.hub.openPull(desk.repo, { branch: 'patch' })
  comment = room.hub.comment(desk.repo, { number: pull.number, body: '/retest', author: 'ann' })
})

afterEach(() => desk.stop())

afterAll(() => room.close())

/** What was decided about the comment. */
async function decide(...replies: (readonly ['reaction' | 'answer', string])[]): Promise<void> {
  for (const [kind, content] of replies)
    await room.db.sql`
      insert into replies (owner, repository, pull_number, comment_id, kind, content)
      values (${desk.repo.owner}, ${desk.repo.name}, ${comment.number}, ${comment.id}, ${kind}, ${content})`
}

function untilSaid(n: number) {
  return until(`${n} said`, 10_000, async () => {
    const rows = await room.db.sql`
      select said_id::float8, last_error, dropped_at is not null as dropped from replies
      where comment_id = ${comment.id} and (said_at is not null or dropped_at is not null) order by id`
    return rows.length >= n && rows
  })
}

const reactions = () => comment.reactions.map(({ content }) => content)

const answers = () =>
  room.hub.comments(desk.repo, comment.number).filter(({ body }) => body.includes('<!-- machine:reply:'))

describe('a command', () => {
  test('is answered with eyes, and then a thumb', async () => {
    await decide(['reaction', 'eyes'], ['reaction', '+1'])
    desk.startReporter()

    await untilSaid(2)
    expect(reactions()).toEqual(['eyes', '+1'])
  })

  test('that is not obeyed is answered in one line with a mark that nobody sees', async () => {
    await decide(['reaction', 'eyes'], ['answer', '@ann nothing runs.'])
    desk.startReporter()

    const said = await untilSaid(2)
    expect(answers().map(({ body }) => body.split('\n')[0])).toEqual(['@ann nothing runs.'])
    expect(said[1]?.['said_id']).toBe(answers()[0]?.id as number)
  })

  test('whose answer was heard, and broke off, is not answered twice', async () => {
    room.hub.misbehave({ method: 'POST', path: /\/issues\/\d+\/comments$/, done: true, status: 502 })
    await decide(['answer', '@ann nothing runs.'])
    desk.startReporter()
    await until('the failure', 10_000, async () => {
      const [row] = await room.db.sql`
        update replies set not_before = null where comment_id = ${comment.id} and failures = 1 returning id`
      return row
    })

    await untilSaid(1)
    expect(answers()).toHaveLength(1)
  })

  test('whose comment is gone is let go, and the next is answered', async () => {
    room.hub.misbehave({ method: 'POST', path: /reactions$/, status: 404, json: { message: 'Not Found' } })
    await decide(['reaction', 'eyes'], ['reaction', '+1'])
    desk.startReporter()

    expect((await untilSaid(2)).map(({ dropped }) => dropped)).toEqual([true, false])
    expect(reactions()).toEqual(['+1'])
  })

  test('waits as long as GitHub asks, in order', async () => {
    const headers = { 'retry-after': '1' }
    room.hub.misbehave({ method: 'POST', path: /reactions$/, status: 429, headers, json: {} })
    await decide(['reaction', 'eyes'], ['reaction', '+1'])
    desk.startReporter()

    await untilSaid(2)
    expect(reactions()).toEqual(['eyes', '+1'])
  })

  test('is not answered by a silenced reporter', async () => {
    await decide(['reaction', 'eyes'])
    desk.startReporter({ gagged: true })

    expect(await untilSaid(1)).toMatchObject([{ dropped: true, said_id: null }])
    expect(reactions()).toEqual([])
  })
})
