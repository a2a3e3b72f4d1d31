import { afterAll, beforeAll, describe, expect, spyOn, test } from 'bun:test'
import { claim } from '../../shared/db/queue.ts'
import { handIn, settleDone, tellProgress } from '../../shared/db/runs.ts'
import { until } from '../../test/crew.ts'
import { type Cast, goodDetails, later, play } from '../../test/gallery.ts'
import { ownPool, type Site, siteOver, testSite, textOf } from '../../test/site.ts'

const MINUTE_AGO = later(new Date(), -65)
const A: Cast = ['sources/a.json', 'addresses', 'city', { is: 'running' }]

let site: Site

beforeAll(async () => {
  site = await testSite()
})

afterAll(() => site.close())

describe('a job is followed', () => {
  test('as it changes, until it has settled', async () => {
    const [run] = await play(site.sql, { id: 'followed', startedAt: MINUTE_AGO, cast: [A] })
    const response = await site.ask('/jobs/followed/live')
    expect(response.headers.get('Content-Type')).toBe('text/event-stream')
    expect(response.headers.get('Cache-Control')).toBe('no-cache')
    const events = listen(response)

    const first = await next(events)
    expect(first.event).toBe('facts')
    expect(first.retry).toBe('2000')
    expect(textOf(first.data)).toContain('0 of 1 data source good, 1 still going')
    expect(textOf(first.data)).toContain('Starting')

    await tellProgress(site.sql, run!, { stage: 'conform', rows: 12_480 })
    expect(textOf((await next(events)).data)).toContain('Conforming 12,480 rows')

    await finish('followed', run!)
    expect(textOf((await next(events)).data)).toContain('✓ good')
    expect(await next(events)).toMatchObject({ event: 'end', data: 'settled' })
    expect((await events.next()).done).toBe(true)
  }, 15_000)

  test('as JSON, for who likes that better', async () => {
    const [run] = await play(site.sql, { id: 'followed-json', startedAt: MINUTE_AGO, cast: [A] })
    const events = listen(await site.ask('/jobs/followed-json/live?as=json'))

    expect(JSON.parse((await next(events)).data)).toMatchObject({
      id: 'followed-json',
      status: null,
      sources: [{ runId: run }],
    })

    await finish('followed-json', run!)
    expect(JSON.parse((await next(events)).data)).toMatchObject({
      status: true,
      sources: [{ status: true, rows: 1542 }],
    })
  }, 15_000)

  test('no longer than it goes on: one that has settled is told once', async () => {
    await play(site.sql, { id: 'over', startedAt: MINUTE_AGO, cast: [] })

    const events = listen(await site.ask('/jobs/over/live'))

    expect(textOf((await next(events)).data)).toContain('Nothing to check')
    expect((await next(events)).event).toBe('end')
    expect((await events.next()).done).toBe(true)
  })

  test('only where there is one', async () => {
    expect((await site.ask('/jobs/nothing/live')).status).toBe(404)
    expect((await site.ask('/runs/999999/live')).status).toBe(404)
  })
})

describe('a run is followed', () => {
  test('until it has settled', async () => {
    const [run] = await play(site.sql, { id: 'of-a-run', startedAt: MINUTE_AGO, cast: [A] })
    const events = listen(await site.ask(`/runs/${run}/live`))

    expect(textOf((await next(events)).data)).toContain('→ running')
    await finish('of-a-run', run!)

    expect(textOf((await next(events)).data)).toContain('Rows 1,542')
    expect((await next(events)).event).toBe('end')
  }, 15_000)
})

describe('a reader that goes away', () => {
  test('is not looked for any longer, and neither is one who only asked for the head', async () => {
    const pool = ownPool(site.url, 'test of readers')
    const far = siteOver({ sql: pool, url: site.url }, site.folder)
    await play(site.sql, { id: 'left', startedAt: MINUTE_AGO, cast: [A] })
    for (let n = 0; n < 5; n += 1) {
      const reader = (await far.ask('/jobs/left/live')).body!.getReader()
      await reader.read()
      await reader.cancel()
    }
    await far.ask('/jobs/left/live', { method: 'HEAD' })

    // Who was asleep when they were left looks up once more.
    await Bun.sleep(1_500)
    const before = await lastStatement()
    await Bun.sleep(2_500)

    expect(await lastStatement()).toBe(before)
    await pool.end({ timeout: 1 })
  }, 15_000)
})

describe('when the database goes away', () => {
  test('the stream ends, so that the browser asks again', async () => {
    const log = spyOn(console, 'error').mockImplementation(() => {})
    const pool = ownPool(site.url, 'test of a lost database')
    const far = siteOver({ sql: pool, url: site.url }, site.folder)
    await play(site.sql, { id: 'lost', startedAt: MINUTE_AGO, cast: [A] })
    const events = listen(await far.ask('/jobs/lost/live'))
    await next(events)

    await pool.end({ timeout: 0 })

    expect((await events.next()).done).toBe(true)
    log.mockRestore()
  }, 15_000)
})

interface Event {
  readonly event: string
  readonly data: string
  readonly retry?: string
}

/** Events as a browser would hear them. */
async function* listen(response: Response): AsyncGenerator<Event> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(
    new TextDecoderStream() as never,
  ) as ReadableStream<string>) {
    const blocks = `${text}${chunk}`.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) yield readBlock(block)
  }
}

function readBlock(block: string): Event {
  const fields = block
    .split('\n')
    .map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)] as const)
  const of = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value)
  const [retry] = of('retry')
  return {
    event: of('event')[0] ?? '',
    data: of('data').join('\n'),
    ...(retry === undefined ? {} : { retry }),
  }
}

async function next(events: AsyncGenerator<Event>): Promise<Event> {
  const { value, done } = await events.next()
  if (done) throw new Error('the stream ended')
  return value
}

/** The run of a job ends well. */
async function finish(job: string, runId: number): Promise<void> {
  const [task] = await site.sql<[{ taskId: string; attempt: number }]>`
    select task_id as "taskId", attempt from runs where id = ${runId}`
  const nothing = { ok: true, problem: null, state: null, sample: null, result: null }
  await handIn(site.sql, { ...task, runId } as never, { ...nothing, ...goodDetails(1542) })
  for (const item of await claim(site.sql, 'done', { worker: 'dequeuer', n: 10 }))
    await settleDone(site.sql, item)
  await until(`job ${job} to end`, 2_000, async () => {
    const [row] = await site.sql<[{ ended: boolean }]>`
      select datetime_end is not null as ended from jobs where id = ${job}`
    return row.ended
  })
}

/** When one of the readers' connections last began a statement. */
async function lastStatement(): Promise<string> {
  const [row] = await site.sql<[{ at: string }]>`
    select max(query_start)::text as at from pg_stat_activity where application_name = 'test of readers'`
  return row.at
}
