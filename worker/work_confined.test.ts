/** What a run of a real worker can reach: its process is looked at from outside, while it waits for its data. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { processesWith, until } from '../test/crew.ts'
import { openWorkshop, type Slow, type Workshop } from '../test/workshop.ts'
import { run } from './system/spawn.ts'

setDefaultTimeout(60_000)

const hasBubble = await run('bwrap', ['--ro-bind', '/', '/', '--unshare-pid', 'true']).then(
  () => true,
  () => false,
)
if (!hasBubble) console.log('skipped: confined runs, as bubblewrap does not run here')

const SECRETS = {
  GITHUB_TOKEN: 'geheim-token',
  AWS_SECRET_ACCESS_KEY: 'geheim-aws',
  WEBHOOK_SECRETS: 'geheim-hook',
  MAPBOX_KEY: 'geheim-mapbox',
}

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
  await writeFile(join(shop.storage, 'yesterday.csv'), 'LON,LAT\n')
})
afterEach(() => shop.tidy())
afterAll(() => shop.close())

/** The program that reads the data, inside whatever is around it, once it has asked for them. */
async function reader(slow: Slow): Promise<number> {
  await shop.childAt(slow)
  return until('the reader', 10_000, () =>
    processesWith('process-one', slow.path).find((pid) => {
      const [command = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      // Between two programs a process has no name for a moment.
      return command !== '' && !/bwrap|prlimit|setpriv/.test(command)
    }),
  )
}

describe.skipIf(!hasBubble)('a run of a worker', () => {
  test('has no secret in its environment, and none of the worker’s names but a few harmless ones', async () => {
    shop.hire('work', SECRETS)
    const pid = await reader(await shop.slowJob({ hang: true }))

    const environ = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean)
    expect(environ.join('\n')).not.toMatch(/geheim|DATABASE_URL|STORAGE_DIR/)
    const names = environ.map((entry) => entry.split('=')[0] ?? '')
    const harmless = [
      'PATH',
      'HOME',
      'TMPDIR',
      'LANG',
      'LC_ALL',
      'TZ',
      'HOST_MANNERS',
      'PWD',
      'PROJ_DATA',
      'GDAL_DATA',
    ]
    expect(names.filter((name) => !harmless.includes(name))).toEqual([])
  })

  test('sees neither what is stored nor the worker, has no capability, and writes into its folder only', async () => {
    const worker = shop.hire('work', SECRETS)
    await worker.says('runs are confined: own mounts')
    const pid = await reader(await shop.slowJob({ hang: true }))

    const root = `/proc/${pid}/root`
    expect(existsSync(join(shop.storage, 'yesterday.csv'))).toBe(true)
    expect(readdirSync(join(root, shop.storage))).toEqual([])
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^CapEff:\t0+$/m)
    expect(existsSync(`${root}/proc/${worker.pid}`)).toBe(false)
    const writable = readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
      .split('\n')
      // What hides a folder is an empty one in memory.
      .filter((line) => !line.includes(' - tmpfs '))
      .map((line) => line.split(' '))
      .filter(([, , , , at = '', how = '']) => how.startsWith('rw') && !/^\/(?:dev|proc)\b/.test(at))
      .map(([, , , , at]) => at)
    expect(writable.filter((at) => !at?.includes('run-'))).toEqual([])
  })

  test('that is killed from outside leaves nothing running, and is tried again', async () => {
    shop.hire('dequeue')
    const worker = shop.hire('work')
    const slow = await shop.slowJob({ hang: true })
    const pid = await reader(slow)
    process.kill(pid, 'SIGKILL')

    await worker.says('killed: process-one was ended by SIGKILL')
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })

  test('can be left unconfined by an operator, and the log says so', async () => {
    const worker = shop.hire('work', { UNCONFINED_RUNS: 'yes' })
    await worker.says('runs are not confined')
    expect(await reader(await shop.slowJob({ hang: true }))).toBeGreaterThan(0)
  })
})
