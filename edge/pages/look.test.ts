/** What can be measured of the look of the pages: contrast from the sheet, width and motion in a real browser. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { findBrowser, openBrowser } from '../../test/browser.ts'
import { goodDetails, later, play } from '../../test/gallery.ts'
import { type Site, testSite } from '../../test/site.ts'

setDefaultTimeout(60_000)

const SHEET = readFileSync(join(import.meta.dirname, '../static/machine.css'), 'utf8')

/** What is written in which colour on which ground, by the names of the sheet. */
const PAIRS: readonly [ink: string, ground: string][] = [
  ['ink', 'paper'],
  ['ink', 'card'],
  ['ink', 'bad-soft'],
  ['ink', 'idle-soft'],
  ['quiet', 'paper'],
  ['quiet', 'card'],
  ['accent', 'paper'],
  ['accent', 'card'],
  ['good', 'good-soft'],
  ['bad', 'bad-soft'],
  ['open', 'open-soft'],
  ['open', 'card'],
  ['open', 'paper'],
  ['idle', 'idle-soft'],
  // The verdict at the top of a page.
  ['card', 'good'],
  ['card', 'bad'],
  ['card', 'open'],
  ['card', 'idle'],
]

/** WCAG 2.2, 1.4.3: for text of any size. */
const CONTRAST_MIN = 4.5

describe('text stands out from its ground', () => {
  const [light, dark] = [...SHEET.matchAll(/:root \{([^}]*)\}/g)].map(([, rules]) => colours(rules ?? ''))
  for (const [scheme, own] of [
    ['light', light],
    ['dark', dark],
  ] as const) {
    for (const [ink, ground] of PAIRS) {
      test(`${ink} on ${ground}, ${scheme}`, () => {
        expect(contrast(own?.get(ink) ?? '', own?.get(ground) ?? '')).toBeGreaterThanOrEqual(CONTRAST_MIN)
      })
    }
  }
})

const CHROMIUM = await findBrowser()
if (CHROMIUM === undefined) console.warn('skipped: no Chromium is found here to measure pages with')

describe.skipIf(CHROMIUM === undefined)('in a browser', () => {
  let site: Site
  let server: ReturnType<typeof Bun.serve>
  let browser: Browser
  let paths: string[]

  beforeAll(async () => {
    site = await testSite()
    const endless = 'x'.repeat(400)
    const runs = await play(site.sql, {
      id: 'wide',
      startedAt: later(new Date(), -65),
      job: { owner: endless, ref: `refs/heads/${endless}` },
      cast: [
        [
          `sources/${endless}.json`,
          endless,
          endless,
          { is: 'good', seconds: 1, details: wideDetails(endless) },
        ],
        [
          'sources/b.json',
          'addresses',
          'city',
          { is: 'failed', seconds: 1, problem: 'internal', detail: endless },
        ],
        [
          'sources/c.json',
          'addresses',
          'city',
          { is: 'running', progress: { stage: 'conform', rows: 123_456_789, rowsPerSecond: 123_456 } },
        ],
        ['sources/d.json', 'addresses', 'city', { is: 'given up', why: endless }],
      ],
    })
    paths = ['/', '/jobs/', '/jobs/wide', ...runs.map((run) => `/runs/${run}`), `/jobs/${endless}`]
    server = Bun.serve({
      port: 0,
      idleTimeout: 60,
      fetch: (request) => site.ask(new URL(request.url).pathname, request),
    })
    browser = await openBrowser(CHROMIUM!)
  })

  afterAll(async () => {
    await browser?.close()
    await server.stop(true)
    await site.close()
  })

  for (const width of [320, 390, 1440]) {
    test(`no page is wider than a window of ${width} px`, async () => {
      const page = await browser.newPage({ viewport: { width, height: 800 } })
      for (const path of paths) {
        await page.goto(new URL(path, server.url).href)
        const [content, view] = (await page.evaluate(
          '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
        )) as [number, number]
        expect([path.slice(0, 20), content]).toEqual([path.slice(0, 20), view])
      }
      await page.close()
    })
  }

  test('nothing moves for those who do not want it', async () => {
    const motions = async (reducedMotion: 'reduce' | 'no-preference') => {
      const page = await browser.newPage({ reducedMotion })
      await page.goto(new URL('/jobs/wide', server.url).href)
      const count = await page.evaluate('document.getAnimations().length')
      await page.close()
      return count
    }

    expect(await motions('no-preference')).toBeGreaterThan(0)
    expect(await motions('reduce')).toBe(0)
  })

  test('every link can be reached by the keyboard, and shows where one is', async () => {
    const page = await browser.newPage()
    await page.goto(new URL('/jobs/', server.url).href)
    const seen: string[] = []
    for (let n = 0; n < 12; n += 1) {
      await page.keyboard.press('Tab')
      const [what, outline] = (await page.evaluate(`[
        document.activeElement.textContent.trim(),
        getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement, '::after').outlineStyle,
      ]`)) as [string, string]
      seen.push(what)
      expect(outline).toContain('solid')
      if (what.startsWith('This page as JSON')) break
    }

    expect(seen).toEqual([
      'Skip to the content',
      'Machine',
      'Jobs',
      'Sets',
      'Map',
      '1 of 4 data sources good, 1 failed, 2 still going',
      '0c1f7d2',
      'This page as JSON',
    ])
    await page.close()
  })
})

function wideDetails(endless: string) {
  return goodDetails(7, {
    sample: [
      [endless, 'a', 'b', 'c', 'd', 'e', 'f', 'g'],
      [endless, '1', '2', '3', '4', '5', '6', '7'],
    ],
  })
}

function colours(rules: string): Map<string, string> {
  return new Map(
    [...rules.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  )
}

/** Source: WCAG 2.2, "contrast ratio" and "relative luminance". */
function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)]
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
