/**
 * Problems of this house: for each code a job, and what is done to the worker that has it, its child, its disk or its
 * storage. Each has one try only, so that its end comes at once.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cancelRun } from '../../shared/db/operators.ts'
import type { ProblemCode } from '../../shared/problem.ts'
import { selfCommand, start } from '../../worker/system/spawn.ts'
import { until } from '../crew.ts'
import { TRIAL_CONFORM } from '../trial.ts'
import type { Workshop } from '../workshop.ts'

/** What a death has at hand. */
export interface Scene {
  readonly shop: Workshop
  /** A job of one source at a path of its own, or at one that is given; its data is this, or never comes. */
  job(
    data: string | null,
    given?: { readonly path?: string; readonly tags?: object; readonly conform?: object },
  ): Promise<Job>
  /** The attempt that somebody has taken. */
  taken(job: Job): Promise<number>
}

export interface Job {
  readonly id: string
  readonly path: string
}

/** Makes a job that ends so. */
export type Death = (scene: Scene) => Promise<Job>

/** A table of a town, in its county. */
export function town(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const [lon, lat] = [-122.5 + (row % 200) / 1000, 37.4 + (row % 150) / 1000]
    return `${row},${lon},${lat},${row + 1},Oak St ${row % 71}`
  })
  return `id,lon,lat,num,name\n${lines.join('\n')}\n`
}

const KML = `<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>1</name>
<Point><coordinates>-122.2,37.5</coordinates></Point></Placemark></Document></kml>`

/** A job that waits for data, and a worker with these settings. */
function under(env: Record<string, string>, tags: object = {}): Death {
  return async ({ shop, job }) => {
    const made = await job(null, { tags })
    shop.hire('work', env)
    return made
  }
}

/** Every problem of this house that a run can end with. */
export const DEATHS = {
  'timed-out': under({}, { timeout: 1 }),
  stalled: under({ RUN_STALL_MINUTES: '0.02' }),
  'out-of-memory': under({ RUN_MEMORY_MB: '20' }),

  async 'program-missing'({ shop, job }) {
    const made = await job(KML, { conform: { format: 'xml', number: 'name', street: 'name' } })
    shop.hire('work', { PATH: '/nowhere' })
    return made
  },

  async 'storage-failed'({ shop, job }) {
    const broken = await mkdtemp(join(tmpdir(), 'machine-broken-'))
    await writeFile(join(broken, 'runs'), 'a file where a folder should be')
    const made = await job(town(10))
    const worker = shop.hire('work', { STORAGE_DIR: broken, STORAGE_PATIENCE_SECONDS: '0' })
    await worker.says('failed run')
    await rm(broken, { recursive: true })
    return made
  },

  async internal({ shop, job }) {
    // A name that no disk takes.
    const made = await job(town(10), { path: `sources/us/ca/${'x'.repeat(300)}.json` })
    shop.hire('work')
    return made
  },

  async killed({ shop, job, taken }) {
    const made = await job(null)
    shop.hire('work')
    await taken(made)
    process.kill(await shop.childOf(made.path), 'SIGKILL')
    return made
  },

  async 'worker-lost'({ shop, job, taken }) {
    const made = await job(null)
    const worker = shop.hire('work', { LEASE_SECONDS: '1', BEAT_SECONDS: '0.2' })
    await taken(made)
    worker.kill('SIGKILL')
    return made
  },

  async cancelled({ shop, job, taken }) {
    const made = await job(null)
    shop.hire('work')
    await cancelRun(shop.sql, { runId: await taken(made), who: 'anna', why: 'a slip' })
    return made
  },

  async superseded({ shop, job, taken }) {
    const old = await job(null)
    shop.hire('work')
    await taken(old)
    const { id } = await job(null)
    await shop.sql`select machine.supersede(${id})`
    // Nobody is to wait for the newer one.
    await shop.sql`select machine.cancel_jobs(array[${id}], 'cancelled', 'the test is over')`
    return old
  },

  async 'quality-limit'({ shop, job }) {
    const made = await job(`id,lon,lat,num,name\n${'1,-122.2,37.5,1,Oak St\n'.repeat(300)}`)
    shop.hire('work')
    return made
  },

  async 'regression-held'({ shop, job }) {
    const before = await job(town(400))
    shop.hire('work')
    await shop.untilSettled(before.id)
    return await job(town(3), { path: before.path })
  },

  async 'disk-full'({ shop, job }) {
    const made = await job(town(10))
    const small = await mkdtemp(join(tmpdir(), 'machine-small-'))
    const [command, ...words] = selfCommand(join(import.meta.dirname, '../../worker/cli.ts'))
    const mount = `mount -t tmpfs -o size=4m tmpfs ${small} && exec "$0" "$@"`
    const lines: string[] = []
    const worker = start('unshare', ['-rm', 'sh', '-c', mount, command, ...words, 'work'], {
      env: { ...shop.environment, TMPDIR: small },
      onErrorLine: (line) => void lines.push(line),
    })
    await until('the disk to be full', 20_000, () => lines.some((line) => line.includes('disk-full')))
    await worker.stop()
    await rm(small, { recursive: true })
    return made
  },
} as const satisfies Partial<Record<ProblemCode, Death>>

/** The conform of a town, where a job has no other. */
export const TOWN_CONFORM = TRIAL_CONFORM
