/**
 * `up`: the whole machine on this computer, with nothing installed.
 *
 * Real Postgres on a folder of ours (or the one that DATABASE_URL names), a folder as storage, the edge as
 * a program of its own, and all loops. It ends in the other order, within seconds.
 */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect, explain } from '../shared/db/sql.ts'
import type { Config } from './env.ts'
import { lockFolder } from './folder_lock.ts'
import { type LoopName, runLoop } from './loops.ts'
import { migrate } from './migrate.ts'
import type { Log } from './system/log.ts'
import { freePort, isFree, startPostgres } from './system/postgres_server.ts'
import { type Program, selfCommand, start } from './system/spawn.ts'

/**
 * What the environment may override. On one computer a worker dies with all the others, and nobody
 * wants to wait minutes for what was interrupted to go on.
 */
export const UP_DEFAULTS = { LEASE_SECONDS: '30', BEAT_SECONDS: '5', SWEEP_SECONDS: '5' } as const

/** Runs at once on this computer. */
const WORKERS = 2

/** The port of the pages, where nobody asks for another. */
const PORT = 8000

/** The edge says so within this long, or it does not come up. */
const EDGE_START_MS_MAX = 30_000

const EDGE = process.versions['bun'] === undefined ? '../edge/node.ts' : '../edge/bun.ts'

const LOOPS: readonly LoopName[] = [
  'expand',
  'reconcile',
  'dequeue',
  'report',
  ...Array<LoopName>(WORKERS).fill('work'),
]

export interface UpOptions {
  readonly config: Config
  /** What is this computer's: the database, the files, who runs. */
  readonly folder: string
  /** Undefined: 8000, or another when that is taken. */
  readonly port?: number
  readonly postgresPort?: number
  /** Says what whoever started the machine has to know. */
  readonly say: Log
  /** The log of a part, such as `work` or `edge`. */
  readonly logOf: (who: string) => Log
}

/** A machine that runs. */
export interface Up {
  /** Where its pages are. */
  readonly url: string
  readonly databaseUrl: string
  readonly webhookSecret: string
  /** Ends everything, in order. */
  stop(): Promise<void>
  /** Rejects when a part ends that should not. */
  readonly failed: Promise<never>
}

/** Ends one part. */
type Ending = () => Promise<unknown>

/** Start everything. Throws one clear sentence when a part cannot start; what was started is ended then. */
export async function up(options: UpOptions): Promise<Up> {
  const { folder, port, say, logOf } = options
  const endings: Ending[] = []
  async function stop(): Promise<void> {
    for (const end of endings.splice(0).reverse())
      await end().catch((error: unknown) => say(`while stopping: ${error}`))
  }

  try {
    await mkdir(folder, { recursive: true })
    endings.push(await lockFolder(folder))
    const edgePort = await choosePort(port, say)
    const postgres = await openPostgres(options, endings)
    await migrateAt(postgres.url, logOf('migrate'))

    const url = `http://localhost:${edgePort}`
    const webhookSecret = options.config.webhookSecrets[0] ?? randomBytes(16).toString('hex')
    const config: Config = {
      ...options.config,
      databaseUrl: postgres.url,
      machineBaseUrl: url,
      storageDir: resolve(folder, 'storage'),
    }
    const edge = await startEdge(config, {
      port: edgePort,
      secret: webhookSecret,
      log: logOf('edge'),
    })
    endings.push(() => edge.stop())

    const told = new AbortController()
    const hidden = [resolve(folder, 'postgres')]
    const running = LOOPS.map((name) =>
      runLoop(name, config, { signal: told.signal, log: logOf(name), hidden }),
    )
    endings.push(async () => {
      told.abort()
      await Promise.allSettled(running)
    })

    const failed = Promise.race<never>([
      fails(edge.ended, 'the edge'),
      fails(postgres.ended, 'Postgres'),
      ...running.map((loop, at) => fails(loop, `the loop ${LOOPS[at]}`)),
    ])
    failed.catch(() => {})
    return { url, databaseUrl: postgres.url, webhookSecret, stop, failed }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A part that ends before it is told to is a failure of the whole. */
async function fails(part: Promise<unknown>, name: string): Promise<never> {
  await part
  throw new Error(`${name} has ended; its log says why`)
}

/** The Postgres that the environment names, or one of our own, which ends with us. */
async function openPostgres(
  { config, folder, postgresPort = 0, say, logOf }: UpOptions,
  endings: Ending[],
): Promise<{ readonly url: string; readonly ended: Promise<void> }> {
  if (config.databaseUrl !== '') return { url: config.databaseUrl, ended: new Promise(() => {}) }
  const server = await startPostgres(join(folder, 'postgres'), { port: postgresPort, log: say })
  endings.push(() => server.stop())
  logOf('up')(`Postgres listens on port ${server.port}`)
  return server
}

async function migrateAt(url: string, log: Log): Promise<void> {
  const sql = connect(url, { max: 1, name: 'machine migrate' })
  try {
    const { ran } = await migrate(sql)
    if (ran.length > 0) log(`ran ${ran.join(', ')}`)
  } catch (error) {
    throw new Error(explain(error, url), { cause: error })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The port that was asked for, or an error; without a wish 8000, or another, and that is told. */
async function choosePort(wanted: number | undefined, say: Log): Promise<number> {
  if (wanted === 0) return freePort()
  const port = wanted ?? PORT
  if (await isFree(port, '0.0.0.0')) return port
  if (wanted !== undefined)
    throw new Error(`port ${wanted} is taken; choose another with --port, or leave it out`)
  const other = await freePort()
  say(`port ${port} is taken, using ${other} instead`)
  return other
}

async function startEdge(
  config: Config,
  { port, secret, log }: { readonly port: number; readonly secret: string; readonly log: Log },
): Promise<Program> {
  const [command, ...args] = selfCommand(join(import.meta.dirname, EDGE))
  const edge = start(command, args, {
    // Bun finds out there how JSX is meant.
    cwd: join(import.meta.dirname, '..'),
    tether: true,
    env: {
      DATABASE_URL: config.databaseUrl,
      WEBHOOK_SECRETS: secret,
      MACHINE_BASE_URL: config.machineBaseUrl,
      STORAGE_DIR: config.storageDir,
      PORT: `${port}`,
      HOST: '127.0.0.1',
      ...(config.rejectNewJobs ? { REJECT_NEW_JOBS: 'yes' } : {}),
      ...(config.repositories === undefined
        ? {}
        : { REPOSITORIES: JSON.stringify(Object.fromEntries(config.repositories)) }),
    },
    onLine: log,
    onErrorLine: log,
  })
  const outcome = await Promise.race([untilListening(port), edge.ended.then(() => 'ended' as const)])
  if (outcome === 'ready') return edge
  const { stderr } = await edge.stop()
  throw new Error(`the edge did not start (${outcome}): ${stderr.trim()}`)
}

/** Settles when somebody listens on a port, or when that takes too long. */
async function untilListening(port: number): Promise<'ready' | 'late'> {
  const giveUpAt = performance.now() + EDGE_START_MS_MAX
  while (performance.now() < giveUpAt) {
    if (await isListening(port)) return 'ready'
    await pause(50)
  }
  return 'late'
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true)).once('error', () => end(false))
  })
}
