/**
 * One download of a layer, in a process of its own.
 *
 *     esri_one.ts URL FOLDER PARALLEL
 */
import { mkdir, rm } from 'node:fs/promises'
import { download } from '../worker/download/download.ts'

const [url = '', folder = '', parallel = '2'] = process.argv.slice(2)
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const downloaded = await download('ESRI', url, {
  folder,
  allowPrivate: true,
  esri: { parallel: Number(parallel) },
  tell: () => {},
  log: () => {},
  signal: new AbortController().signal,
})
process.stdout.write(`${JSON.stringify({ rows: typeof downloaded === 'object' ? downloaded.rows : 0 })}\n`)
