/** A page in a real browser, while the database changes under it. Skipped where no Chromium is found. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { claim } from '../../shared/db/queue.ts'
import { type HandedIn, handIn, settleDone, tellProgress } from '../../shared/db/runs.ts'
import { findBrowser, openBrowser } from '../../test/browser.ts'
import { type Cast, goodDetails, later, play } from '../../test/gallery.ts'
import { type Line, startLine } from '../../test/line.ts'
import { type Site, testSite } from '../../test/site.ts'

setDefaultTimeout(60_000)

const CHROMIUM = await findBrowser()
if (CHROMIUM === undefined) console.warn('skipped: no Chromium is found here to look at live pages with')

const RUNNING = { is: 'running' } as const
const CAST: readonly Cast[] = [
  ['sources/us/ny/harlow_point.json', 'addresses', 'city', RUNNING],
  ['sources/us/or/stillwater_flats.json', 'addresses', 'city', RUNNING],
  ['sources/fr/07/valbrume.json', 'addresses', 'city', RUNNING],
]

describe.skipIf(CHROMIUM === undefined)('the page of a job in a browser', () => {
  let site: Site
  let server: ReturnType<typeof Bun.serve>
  let line: Line
  let browser: Browser
  let page: Page
  let runs: number[]
  let played = 0
  const complaints: string[] = []

  beforeAll(async () => {
    site = await testSite()
    server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      idleTimeout: 60,
      fetch: (request) => site.ask(new URL(request.url).pathname, request),
    })
    line = await startLine(server.port!)
    browser = await openBrowser(CHROMIUM!)
  })

  afterAll(async () => {
    await browser?.close()
    await line.close()
    await server.stop(true)
    await site.close()
  })

  beforeEach(async () => {
    await page?.close()
    await site.sql`delete from queue.items`
    await line.mend()
    played += 1
    runs = (
      await play(site.sql, { id: `live-${played}`, startedAt: later(new Date(), -65), cast: CAST })
    ).map(Number)
    complaints.length = 0
    page = await browser.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(`http://127.0.0.1:${line.port}/jobs/live-${played}`)
    // A mark that only a reload would take away.
    await page.evaluate('window.isTheSame = true')
  })

  test('changes without a reload, and follows no longer when all has settled', async () => {
    await says('h1', '0 of 3 data sources good, 3 still going')

    await tellProgress(site.sql, runs[0]!, { stage: 'download', bytes: 300, bytesTotal: 1000 })
    await says('#source-0 .moving', 'Downloading 300 bytes of 1.0 kB')
    expect(await page.getAttribute('#source-0 progress', 'value')).toBe('300')

    await settle(runs[0]!, goodDetails(1542))
    await says('h1', '1 of 3 data sources good, 2 still going')
    await says('#source-0 .numbers', /1,542 rows/)
    expect(await page.title()).toBe('… 1 of 3 data sources good, 2 still going · Machine')
    expect(await page.textContent('[role=status]')).toBe('1 of 3 data sources good, 2 still going')

    await settle(runs[1]!, {
      ok: false,
      problem: { code: 'download-not-found', detail: '404 from https://x.example' },
    })
    await says('#source-1 .what', 'The data is not at its address: 404 from https://x.example')
    expect(await page.$eval('.list', (list) => list.firstElementChild?.id)).toBe('source-1')

    await settle(runs[2]!, goodDetails(7))
    await says('h1', '2 of 3 data sources good, 1 failed')
    await page.waitForSelector('[data-live]', { state: 'detached', timeout: 5_000 })
    expect(await page.title()).toBe('✗ 2 of 3 data sources good, 1 failed · Machine')
    expect(await page.locator('.lost').isHidden()).toBe(true)

    // What is there now is what a reload would bring.
    const shown = await page.textContent('article')
    expect(await page.evaluate('window.isTheSame')).toBe(true)
    await page.reload()
    expect(await page.textContent('article')).toBe(shown)
    expect(complaints).toEqual([])
  })

  test('leaves alone what does not change: the focus, the selection, a bar that moves', async () => {
    await page.focus('#source-2 a')
    await page.evaluate(`
      window.link = document.activeElement
      window.bar = document.querySelector('#source-2 progress')
      getSelection().selectAllChildren(document.querySelector('#source-2 .base'))`)

    await settle(runs[1]!, { ok: false, problem: { code: 'download-not-found', detail: 'gone' } })
    await says('h1', '0 of 3 data sources good, 1 failed, 2 still going')

    expect(await page.evaluate('document.activeElement === window.link')).toBe(true)
    expect(await page.evaluate('document.querySelector("#source-2 progress") === window.bar')).toBe(true)
    expect(await page.evaluate('getSelection().toString()')).toBe('fr/07/valbrume')
  })

  test('says that the line is lost, and goes on when it is back', async () => {
    await says('h1', '0 of 3 data sources good, 3 still going')
    await line.cut()
    await page.waitForSelector('.lost', { state: 'visible', timeout: 10_000 })

    await settle(runs[0]!, goodDetails(1542))
    await line.mend()

    await says('h1', '1 of 3 data sources good, 2 still going', 20_000)
    expect(await page.locator('.lost').isHidden()).toBe(true)
    expect(await page.evaluate('window.isTheSame')).toBe(true)
  })

  test('goes on after the database was away for a while', async () => {
    await says('h1', '0 of 3 data sources good, 3 still going')
    // Its connection is ended under it, and its tables are gone for the next who asks.
    await site.sql`alter table job_sources rename to job_sources_away`
    await page.waitForSelector('.lost', { state: 'visible', timeout: 15_000 })
    await Bun.sleep(3_000)

    await site.sql`alter table job_sources_away rename to job_sources`
    await settle(runs[0]!, goodDetails(1542))

    await says('h1', '1 of 3 data sources good, 2 still going', 20_000)
    expect(await page.locator('.lost').isHidden()).toBe(true)
  })

  /** Wait until an element says something; what it said instead is in the error. */
  async function says(selector: string, wanted: string | RegExp, ms = 8_000): Promise<void> {
    const read = async () =>
      ((await page.locator(selector).textContent()) ?? '').replaceAll(/\s+/g, ' ').trim()
    const fits = (text: string) => (typeof wanted === 'string' ? text === wanted : wanted.test(text))
    let said = await read()
    for (const late = performance.now() + ms; !fits(said) && performance.now() < late; said = await read())
      await Bun.sleep(100)
    if (!fits(said)) throw new Error(`${selector} says "${said}", not "${wanted}"`)
  }

  async function settle(runId: number, result: Partial<HandedIn>): Promise<void> {
    const [task] = await site.sql<[{ taskId: string; attempt: number }]>`
      select task_id as "taskId", attempt from runs where id = ${runId}`
    const nothing: HandedIn = { ok: true, problem: null, state: null, sample: null, result: null }
    await handIn(site.sql, { ...task, runId } as never, { ...nothing, ...result })
    for (const item of await claim(site.sql, 'done', { worker: 'dequeuer', n: 10 }))
      await settleDone(site.sql, item)
  }
})
