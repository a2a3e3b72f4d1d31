/**
 * Takes the pictures of the documents anew: `bun docs/take_pictures.ts http://localhost:8000/jobs/<id>` of a job
 * that `npm start` has played to its end.
 */
import { join } from 'node:path'
import { findBrowser, openBrowser } from '../test/browser.ts'

const address = process.argv[2]
if (address === undefined) throw new Error('say which page: the address of a job that has settled')

const chromium = await findBrowser()
if (chromium === undefined) throw new Error('no Chromium is found here')

const browser = await openBrowser(chromium)
const page = await browser.newPage({ viewport: { width: 1100, height: 800 }, colorScheme: 'light' })
await page.goto(address)
await page.screenshot({ path: join(import.meta.dirname, 'job_page.png'), fullPage: true })
await browser.close()
