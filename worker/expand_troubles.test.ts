import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { jobStatus } from '../shared/status.ts'
import { until } from '../test/crew.ts'
import { type Expanding, openExpanding, source } from '../test/expanding.ts'

setDefaultTimeout(60_000)

let ground: Expanding
beforeAll(async () => {
  ground = await openExpanding()
})
afterAll(() => ground.close())

describe('when GitHub fails', () => {
  const rateLimit = {
    status: 403,
    headers: { 'retry-after': '77' },
    json: { message: 'secondary rate limit' },
  }

  test('the event is tried again, later or as GitHub asks, and after the last failure the job says why', async () => {
    const cases = [
      [await ground.repository(), { status: 502 }, /502/],
      [await ground.repository(), { hang: true }, /no answer within 700 ms/],
      [await ground.repository(), rateLimit, /secondary rate limit/],
    ] as const
    const ids: string[] = []
    for (const [repo, trouble] of cases) {
      const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
      const after = await ground.hub.commit(repo, { files: { 'sources/a.json': source('city') } })
      ground.hub.misbehave({ path: new RegExp(`/${repo.name}/`), times: 1_000, ...trouble })
      ids.push(await ground.push(repo, { before, after }))
    }

    const waiting = await until('a failure of each', 30_000, async () => {
      const rows = await ground.db.sql<{ failures: number; wait: number; last_error: string }[]>`
        select failures, extract(epoch from schedule_at - clock_timestamp())::float8 as wait, last_error
        from queue.items where data->>'job_id' in ${ground.db.sql(ids)} and failures > 0 order by enqueued_at`
      return rows.length === 3 && rows
    })
    expect(waiting.map(({ failures }) => failures)).toEqual([1, 1, 1])
    expect(waiting[2]?.wait).toBeWithin(60, 77.5)
    for (const [at, [, , pattern]] of cases.entries()) expect(waiting[at]?.last_error).toMatch(pattern)

    await ground.db
      .sql`update queue.items set failures = 9, schedule_at = null where data->>'job_id' in ${ground.db.sql(ids)}`
    for (const [at, [, , pattern]] of cases.entries()) {
      const { job, sources } = await ground.expanded(ids[at] ?? '', 30_000)
      expect(job).toMatchObject({ status: false, problem: 'internal', endedAt: expect.any(Date) })
      expect(job.problemDetail).toMatch(pattern)
      expect(jobStatus(job, sources).state).toBe('error')
    }
    const [dead] = await ground.db
      .sql`select count(*)::int from queue.dead where data->>'job_id' in ${ground.db.sql(ids)}`
    expect(dead).toEqual({ count: 3 })
  })

  test('one bad minute costs nothing', async () => {
    const repo = await ground.repository()
    const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
    const after = await ground.hub.commit(repo, { files: { 'sources/a.json': source('city') } })
    ground.hub.misbehave({ path: new RegExp(`/${repo.name}/compare/`), status: 500 })
    ground.hub.misbehave({ path: new RegExp(`/${repo.name}/contents/`), cut: true })

    const { names } = await ground.expanded(await ground.push(repo, { before, after }))

    expect(names).toEqual(['sources/a.json addresses/city'])
  })
})

test('expand that is told to stop gives the event back at once, and the next one takes it', async () => {
  await ground.stopLoops()
  const repo = await ground.repository()
  const before = await ground.hub.commit(repo, { files: { 'notes.md': 'x' } })
  const after = await ground.hub.commit(repo, { files: { 'sources/a.json': source('city') } })
  ground.hub.misbehave({ path: new RegExp(`/${repo.name}/`), times: 1_000, hang: true })
  const own = new AbortController()
  const loop = ground.startLoop('kim', own.signal)
  const id = await ground.push(repo, { before, after })
  await until('the call that hangs', 5_000, () =>
    ground.hub.calls.some(({ path }) => path.includes(`/${repo.name}/`)),
  )
  const began = performance.now()

  own.abort()
  await loop

  expect(performance.now() - began).toBeLessThan(6_000)
  const [item] = await ground.db.sql`
    select dequeued_at, failures, schedule_at <= now() as ready from queue.items where data->>'job_id' = ${id}`
  expect(item).toMatchObject({ dequeued_at: null })
})
