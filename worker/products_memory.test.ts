/** Memory of product commands, as processes: four times the data takes hardly more of it. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { machine } from '../test/crew.ts'
import { giveRuns } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { folderStorage } from './io/folder_storage.ts'
import { addresses } from './products/write_run.ts'

/** Rows of the small, which fills every buffer, and of the large. */
const SMALL = 100_000
const LARGE = 400_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-memory-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A database with so many rows in five sources, and where their files are. */
async function catalogue(rows: number): Promise<{ db: TestDatabase; storage: string }> {
  const db = await testDatabase()
  const place = join(folder, `${rows}`)
  const storage = folderStorage({ folder: place, publicUrl: 'https://oa.example' })
  const features = addresses(rows / 5, { lon: -122.9, lat: 37.1, step: 0.000_01 })
  await giveRuns(
    db.sql,
    storage,
    Array.from({ length: 5 }, (_, index) => ({ path: `sources/us/ca/city_${index}.json`, features })),
  )
  return { db, storage: place }
}

/** The most memory that a command had, in MB. */
async function peakOf(
  args: readonly string[],
  { db, storage }: { db: TestDatabase; storage: string },
): Promise<number> {
  const member = machine(args, { env: { DATABASE_URL: db.url, STORAGE_DIR: storage } })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakNow(member.pid!))
  }, 20)
  const { code } = await member.ended
  clearInterval(watch)
  if (code !== 0) throw new Error(member.lines.join('\n'))
  return peak
}

/** What the kernel says of it; 0 when it has ended. */
function peakNow(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

test('the memory of a product does not grow with its data', async () => {
  const small = await catalogue(SMALL)
  const large = await catalogue(LARGE)
  try {
    for (const args of [['collect-extracts', '--only', 'us_west'], ['index-tiles']]) {
      const before = await peakOf(args, small)
      const after = await peakOf(args, large)
      console.log(
        `${args[0]}: ${before.toFixed(0)} MB for ${SMALL} rows, ${after.toFixed(0)} MB for ${LARGE}`,
      )
      // A row takes a kilobyte and more as an object with its line: 300,000 of them, held, would be far over this.
      expect(after - before).toBeLessThan(120)
    }
  } finally {
    await small.db.drop()
    await large.db.drop()
  }
}, 120_000)
