/** Two versions of a source of a million rows: the right counts, in bounded memory. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { costOfDiff, makeVersions } from './diff.ts'

const ROWS = 1_000_000

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-million-'))
})

afterAll(() => rm(folder, { recursive: true }))

test('a diff of a million rows counts right, in less than 300 MB', async () => {
  const versions = await makeVersions(folder, ROWS)

  const { counts, peakMb } = await costOfDiff(versions)

  expect(counts).toEqual({
    before: 1_000_000,
    now: 1_000_000,
    added: 10_000,
    removed: 10_000,
    changed: 15_000,
    moved: 5_000,
    edited: 10_000,
    unchanged: 975_000,
  })
  // Other systems than Linux do not tell it so.
  if (process.platform === 'linux') expect(peakMb).toBeGreaterThan(20)
  expect(peakMb).toBeLessThan(300)
}, 120_000)
