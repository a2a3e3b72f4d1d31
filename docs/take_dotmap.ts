/**
 * Takes the picture of the dot map anew: `bun docs/take_dotmap.ts http://localhost:8000/map#6/48/8`, once
 * `machine update-dotmap` has made one.
 */
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { findBrowser } from '../test/browser.ts'

const address = process.argv[2]
if (address === undefined) throw new Error('say which page: the address of /map, with the place after a #')

const executablePath = await findBrowser()
if (executablePath === undefined) throw new Error('no Chromium is found here')

// WebGL without a graphics card.
const args = ['--headless', '--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader']
const browser = await chromium.launch({ executablePath, args })
const page = await browser.newPage({ viewport: { width: 1000, height: 820 }, colorScheme: 'light' })
await page.goto(address)
await page.waitForSelector('[data-drawn]', { timeout: 120_000 })
await page.screenshot({ path: process.argv[3] ?? join(import.meta.dirname, 'dotmap.png') })
await browser.close()
