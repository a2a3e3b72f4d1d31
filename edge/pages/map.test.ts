/** The page of the dot map: its words, and the map itself in a real browser over tiles of the real tippecanoe. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCanvas, loadImage } from '@napi-rs/canvas'
import { type Browser, chromium } from 'playwright-core'
import { publishDotmap } from '../../shared/db/dotmaps.ts'
import { findBrowser } from '../../test/browser.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'
import type { Dot } from '../../worker/render/dot_points.ts'
import { openDotTiles } from '../../worker/render/dot_tiles.ts'
import { joinTiles } from '../../worker/render/dot_tileset.ts'
import { elsewhere } from '../folder.ts'
import { mapPage } from './map.tsx'

setDefaultTimeout(90_000)

const KEY = 'dotmap/2026-10-02T183000Z-5f3a91/openaddresses.pmtiles'

const MAP = {
  key: KEY,
  url: `https://machine.example/${KEY}`,
  bytes: 1,
  points: 1_234_567,
  sources: 2,
  missing: [],
  dropped: [{ zoom: 15, byRate: 0, asNeeded: 4_321 }],
  bounds: [2.3, 48.8, 2.31, 48.81],
  version: '0.1.0',
} as const

let site: Site
beforeAll(async () => {
  site = await testSite()
})
afterAll(() => site.close())

describe('/map', () => {
  test('says that there is none, and what makes one', async () => {
    const response = await site.ask('/map')

    expect(response.status).toBe(404)
    expect(textOf(await response.text())).toContain('machine update-dotmap makes one')
  })

  test('says how much is on it, and what is not', async () => {
    await publishDotmap(site.sql, MAP)

    const text = textOf(await site.html('/map'))

    expect(text).toContain('1,234,567 addresses of 2 sources, put on the map on ')
    expect(text).toContain(
      'Not all are there: at the nearest zoom 4,321 points are left out of tiles that were too dense.',
    )
  })

  test('is facts too', async () => {
    expect(await site.json('/map.json')).toMatchObject({ map: { points: 1_234_567, tiles: `/${KEY}` } })
  })

  test('lets a browser ask us and nobody else', async () => {
    const policy = (await site.ask('/map')).headers.get('Content-Security-Policy')

    expect(policy).toContain("connect-src 'self';")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("worker-src 'self';")
  })

  test('lets it ask the bucket where the tiles are, when they are in one', async () => {
    const doors = { sql: site.sql, file: elsewhere('https://bucket.example/oa') }
    const app = new (await import('hono')).Hono().get('/map', (c) => mapPage(c, doors as never))

    const response = await app.request('/map')

    expect(response.headers.get('Content-Security-Policy')).toContain(
      "connect-src 'self' https://bucket.example;",
    )
    expect(await response.text()).toContain(`data-tiles="https://bucket.example/oa/${KEY}"`)
  })

  test('has its viewer from us', async () => {
    const types = {
      'maplibre-gl.mjs': 'text/javascript',
      'maplibre-gl.css': 'text/css',
      'pmtiles.js': 'text/javascript',
    }
    for (const [name, type] of Object.entries(types)) {
      const response = await site.ask(`/static/${name}`)
      expect([response.status, response.headers.get('Content-Type')]).toEqual([200, `${type}; charset=utf-8`])
    }
    expect((await site.ask('/static/maplibre-gl-dev.mjs')).status).toBe(404)
  })
})

const CHROMIUM = await findBrowser()
const isHere = CHROMIUM !== undefined && spawnSync('tippecanoe', ['--version']).status === 0
if (!isHere) console.log('skipped: the dot map in a browser, as there is no Chromium or no tippecanoe here')

/** Four hundred houses on a grid of a few streets. */
const DOTS: readonly Dot[] = Array.from({ length: 400 }, (_, i) => ({
  lon: 2.3 + (i % 20) * 0.0005,
  lat: 48.8 + Math.floor(i / 20) * 0.0005,
  number: `${i + 1}`,
  street: 'Rue de l’Été',
  unit: '',
}))

async function putTiles(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-map-'))
  try {
    const { signal } = new AbortController()
    const tiles = openDotTiles({ folder, name: 'Test', signal, tell: () => {} })
    await tiles.add(DOTS)
    const path = join(folder, 'all.pmtiles')
    await joinTiles(
      (await tiles.finish()).map(({ path }) => path),
      path,
      { name: 'Test', description: '', signal },
    )
    await mkdir(dirname(join(site.folder, KEY)), { recursive: true })
    await rename(path, join(site.folder, KEY))
    return (await stat(join(site.folder, KEY))).size
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Pixels of a picture that are about of this colour. */
async function countPixels(
  png: Buffer,
  [red, green, blue]: readonly [number, number, number],
): Promise<number> {
  const image = await loadImage(png)
  const context = createCanvas(image.width, image.height).getContext('2d')
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  let count = 0
  for (let at = 0; at < data.length; at += 4) {
    const isNear = [red, green, blue].every(
      (value, channel) => Math.abs((data[at + channel] ?? 0) - value) < 40,
    )
    if (isNear) count += 1
  }
  return count
}

describe.skipIf(!isHere)('the dot map in a browser', () => {
  let server: ReturnType<typeof Bun.serve>
  let browser: Browser

  beforeAll(async () => {
    await putTiles()
    server = Bun.serve({
      port: 0,
      fetch: (request) => {
        const { pathname, search } = new URL(request.url)
        return site.ask(`${pathname}${search}`, { headers: request.headers })
      },
    })
    // WebGL without a graphics card.
    const args = ['--headless', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
    browser = await chromium.launch({ executablePath: CHROMIUM!, args })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop(true)
  })

  test('shows each address, says what it is when chosen, and asks nobody else', async () => {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 }, colorScheme: 'light' })
    const asked: string[] = []
    const said: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    page.on('console', (message) => {
      if (message.type() === 'error') said.push(message.text())
    })
    page.on('pageerror', (error) => said.push(String(error)))

    // The middle of the first house.
    await page.goto(`${server.url}map#17/48.8/2.3`)
    await page.waitForSelector('[data-drawn]', { timeout: 60_000 })

    expect(said).toEqual([])
    expect(asked.filter((url) => !url.startsWith(server.url.href) && !url.startsWith('blob:'))).toEqual([])
    const canvas = page.locator('#map')
    // The accent colour of the light sheet.
    expect(await countPixels(await canvas.screenshot(), [0x1b, 0x6b, 0x50])).toBeGreaterThan(300)

    const box = (await canvas.boundingBox())!
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForSelector('.maplibregl-popup-content')
    expect(await page.locator('.maplibregl-popup-content').textContent()).toContain('1 Rue de l’Été')
    await page.close()
  })

  test('says so where nothing can be drawn', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${server.url}map`)

    expect(await page.locator('#map-says').textContent()).toContain('needs a browser that runs scripts')
    await context.close()
  })
})
