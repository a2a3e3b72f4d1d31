/** A disk that is too small, for real: runs say so, before where it can be foreseen, and leave a state all the same. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmdirSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RunResult } from '../shared/run.ts'
import { openTrial, type Trial, TRIAL_CONFORM, trialSource } from '../test/trial.ts'
import { zipped } from './download/archive_standin.ts'
import { standin } from './download/web_standin.ts'

const MB = 1_000_000

/** Rows that pack well: 37 bytes each. */
const csvOf = (bytes: number) =>
  `id,lon,lat,num,name\n${'1,-122.25,37.5,12,Oak Street Number 1\n'.repeat(bytes / 38)}`

/** A file system of its own in memory; undefined where nobody may mount one. */
function mounted(megabytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'machine-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' })
    return folder
  } catch {
    rmdirSync(folder)
    return undefined
  }
}

/** The reserve that is left free is 64 MB: here 16 MB may be used. */
const small = mounted(80)
/** And here nothing, but for who does not ask. */
const tiny = mounted(2)
const isHere = small !== undefined && tiny !== undefined
if (!isHere) console.log('skipped: runs on a small disk, as nobody may mount one here')

let trial: Trial
beforeAll(async () => {
  trial = await openTrial()
})
afterAll(async () => {
  await trial.close()
  for (const folder of [small, tiny]) {
    if (folder === undefined) continue
    execFileSync('umount', [folder])
    rmdirSync(folder)
  }
})

/** @param body  sent in pieces without saying how much it is, where `isSilent` */
async function runOn(
  disk: string,
  body: string | Buffer,
  tags: object,
  isSilent = false,
): Promise<RunResult> {
  const server = await standin((_asked, response) => {
    if (!isSilent) response.setHeader('content-length', Buffer.byteLength(body))
    response.write(body)
    response.end()
  })
  try {
    const folder = join(disk, 'run')
    return await trial.run(trialSource({ data: `${server.url}/a.csv`, ...tags }, TRIAL_CONFORM), { folder })
  } finally {
    await server.close()
  }
}

async function stateOn(disk: string): Promise<Record<string, unknown>> {
  const [keys, values] = JSON.parse(await readFile(join(disk, 'run', 'index.json'), 'utf8'))
  return Object.fromEntries(keys.map((key: string, at: number) => [key, values[at]]))
}

describe.skipIf(!isHere)('a disk that is too small', () => {
  const cases: [
    name: string,
    disk: string,
    body: () => Promise<string | Buffer>,
    tags: object,
    isSilent: boolean,
    detail: RegExp,
  ][] = [
    [
      'for the download is looked at before it begins',
      small!,
      async () => csvOf(20 * MB),
      {},
      false,
      /^the download takes 20\.0 MB, and \d\d\.\d MB are free$/,
    ],
    [
      'for what is in the archive is looked at before it is unpacked',
      small!,
      async () => zipped({ 'a.csv': csvOf(20 * MB) }),
      { compression: 'zip' },
      false,
      /^the unpacked data takes 20\.0 MB, and \d\d\.\d MB are free$/,
    ],
    [
      'for the outputs is looked at before a row is read',
      small!,
      async () => csvOf(10 * MB),
      {},
      false,
      /^what the run makes of the data takes \d+\.\d MB, and \d\d\.\d MB are free$/,
    ],
    [
      'for a download that did not say its size is told when it is full',
      tiny!,
      async () => csvOf(3 * MB),
      {},
      true,
      /^while writing the download$/,
    ],
    [
      'for what a gzip turns out to hold is told when it is full',
      tiny!,
      async () => gzipSync(csvOf(9 * MB)),
      { compression: 'gzip' },
      true,
      /^while writing the unpacked data$/,
    ],
  ]
  for (const [name, disk, body, tags, isSilent, detail] of cases) {
    test(name, async () => {
      const result = await runOn(disk, await body(), tags, isSilent)

      expect(result.problem?.code).toBe('disk-full')
      expect(result.problem?.detail).toMatch(detail)
      expect(await stateOn(disk)).toMatchObject({ processed: null, 'problem code': 'disk-full' })
      expect(await readdir(join(disk, 'run'))).not.toContain('cache.part')
      expect(existsSync(join(disk, 'run', 'out.geojson'))).toBe(false)
    })
  }
})
