import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { setEntry } from '../../shared/db/schedule.ts'
import { changeSet } from '../../shared/db/sets.ts'
import { drip } from '../../shared/db/queue.ts'
import { until } from '../../test/crew.ts'
import { BAD, claimOne, clear, GOOD, makeSet, runNext, sources } from '../../test/queue/world.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'

let site: Site
beforeAll(async () => {
  site = await testSite()
})
beforeEach(async () => {
  await clear(site.sql)
  await site.sql`delete from schedule`
})
afterAll(() => site.close())

/** A set of ten: five good, two failed, one running, one in the queue, one to come. */
async function someSet(): Promise<number> {
  const set = await makeSet(site.sql, sources(1, 10))
  await drip(site.sql, 9)
  for (const result of [GOOD, GOOD, BAD, GOOD, GOOD, BAD, GOOD]) await runNext(site.sql, result)
  await claimOne(site.sql)
  return set
}

describe('/sets/', () => {
  test('says that there is none, and how to make one', async () => {
    expect(textOf(await site.html('/sets/'))).toContain('No set yet. machine enqueue-sources makes one.')
  })

  test('lists sets, newest first, a page at a time', async () => {
    const ids: number[] = []
    for (let n = 0; n < 27; n += 1) ids.push(await makeSet(site.sql, sources(1, 1)))

    const first = (await site.json('/sets.json')) as { sets: { id: number }[]; next: string }
    expect(first.sets.map(({ id }) => id)).toEqual(ids.slice(2).reverse())
    expect(first.next).toBe(`/sets/?past=${ids[2]}`)
    const rest = (await site.json(first.next)) as { sets: { id: number }[]; next: null }
    expect([rest.sets.map(({ id }) => id), rest.next]).toEqual([[ids[1]!, ids[0]!], null])
    expect((await site.ask('/sets/?past=x')).status).toBe(400)
    expect((await site.ask('/sets')).headers.get('location')).toBe('/sets/')
  })
})

describe('/sets/:id/', () => {
  test('says how far it is, what runs and what is wrong', async () => {
    const set = await someSet()

    const page = textOf(await site.html(`/sets/${set}/`))
    expect(page).toContain('5 of 10 data sources good, 2 failed, 3 to go')
    expect(page).toContain('5 good 2 failed 0 of the good reused, unchanged 1 running 2 to come')
    expect(page).toContain('left at this pace')
    expect(page).toMatch(/Problems .*download-not-found.* Failed/)
    expect(page).toContain('404 from http://example.com')

    const facts = (await site.json(`/sets/${set}.json`)) as Record<string, unknown>
    expect(facts).toMatchObject({
      id: set,
      commit_sha: null,
      datetime_end: null,
      good: 5,
      queued: 1,
      parked: 1,
    })
    expect(facts['problems']).toEqual([{ code: 'download-not-found', count: 2 }])
    expect(facts['render_world_url']).toBeNull()
  })

  test('links its maps where they have been drawn', async () => {
    const set = await someSet()
    await site.sql`update sets set render_usa = 'https://data.example/sets/1/render-usa.png'`

    expect(await site.html(`/sets/${set}/`)).toContain('href="https://data.example/sets/1/render-usa.png"')
    expect(await site.json(`/sets/${set}.json`)).toMatchObject({
      render_usa_url: 'https://data.example/sets/1/render-usa.png',
    })
  })

  test('lists what failed of one kind', async () => {
    const set = await someSet()

    const one = (await site.json(`/sets/${set}.json?problem=download-not-found`)) as { failed: unknown[] }
    const none = (await site.json(`/sets/${set}.json?problem=timed-out`)) as { failed: unknown[] }

    expect([one.failed.length, none.failed.length]).toEqual([2, 0])
  })

  test('says that it is paused, and that it was cancelled', async () => {
    const set = await someSet()
    await changeSet(site.sql, set, { deed: 'pause', who: 'ann', why: 'x' })
    expect(textOf(await site.html(`/sets/${set}/`))).toContain(`goes on with machine set resume ${set}`)

    await changeSet(site.sql, set, { deed: 'cancel', who: 'ann', why: 'x' })
    const page = textOf(await site.html(`/sets/${set}/`))
    expect(page).toContain('– cancelled')
    expect(page).toContain('3 never run')
  })

  test('is answered for what is there only', async () => {
    for (const path of ['/sets/99/', '/sets/x/', '/sets/99.json', '/sets/99999999999/', '/sets/99/live'])
      expect([path, (await site.ask(path)).status]).toEqual([path, 404])
  })

  test('moves while the set goes on, and ends with it', async () => {
    const set = await makeSet(site.sql, sources(1, 1))
    const stream = await site.ask(`/sets/${set}/live?as=json`)
    const reader = stream.body!.pipeThrough(new TextDecoderStream() as never).getReader()
    let said = ''
    const heard = (part: string) =>
      until(part, 20_000, async () => {
        if (!said.includes(part)) said += (await reader.read()).value ?? ''
        return said.includes(part)
      })
    await heard('"good":0')
    await drip(site.sql, 1)
    await runNext(site.sql)
    await heard('event: end')
    await reader.cancel()
  })
})

describe('/schedule', () => {
  test('says what is started when, what failed, and what is late', async () => {
    const at = new Date('2100-01-01T21:00:00Z')
    const entry = { cron: '0 21 * * 1,5', zone: 'UTC', command: ['enqueue-sources', '--json'], hoursMax: 60 }
    await setEntry(site.sql, { name: 'weekly', ...entry }, at)
    await setEntry(site.sql, { name: 'late', ...entry }, new Date('2026-01-01T00:00:00Z'))
    await site.sql`
      update schedule
      set last_start = now() - interval '1 hour', last_end = now(), outcome = 'failed', failures = 2, starts = 2,
          detail = 'GitHub is away <b>'
      where name = 'weekly'`

    const page = textOf(await site.html('/schedule'))
    expect(page).toContain('0 21 * * 1,5 UTC · machine enqueue-sources --json')
    expect(page).toContain('Next start 2100-01-01 21:00 UTC')
    expect(page).toContain('It failed, 2 times in a row. GitHub is away <b>')
    expect(page).toContain('! overdue')
    expect(await site.json('/schedule.json')).toMatchObject({
      entries: [{ name: 'late' }, { name: 'weekly', failures: 2 }],
    })
  })

  test('that is empty says how it is filled', async () => {
    expect(textOf(await site.html('/schedule'))).toContain('machine schedule defaults')
  })
})

describe('/metrics', () => {
  test('tells of sets that go, and of the schedule', async () => {
    const set = await someSet()
    const entry = { name: 'weekly', cron: '0 21 * * 1', zone: 'UTC', command: ['set'], hoursMax: null }
    await setEntry(site.sql, entry, new Date('2100-01-01T21:00:00Z'))
    await site.sql`update schedule set failures = 3`

    const lines = (await (await site.ask('/metrics')).text()).split('\n')

    expect(lines).toContain(`machine_set_open{set="${set}"} 3`)
    expect(lines).toContain('machine_schedule_failures{name="weekly"} 3')
    expect(lines).toContain('machine_schedule_overrun{name="weekly"} 0')
    expect(lines).toContain('machine_schedule_next_start_timestamp_seconds{name="weekly"} 4102520400')
    expect(lines.some((line) => line.startsWith('machine_schedule_last_end_timestamp_seconds{'))).toBe(false)
  })
})
