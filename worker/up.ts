/**
 * `up`: the whole machine on this computer, with nothing installed.
 *
 * Real Postgres on a folder of ours (or the one that DATABASE_URL names), a folder as storage, the edge as
 * a program of its own, and all loops. It ends in the other order, within seconds.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '../shared/db/sql.ts'
import type { Config } from './env.ts'
import { type LoopName, runLoop } from './loops.ts'
import { migrate } from './migrate.ts'
import type { Log } from './system/log.ts'
import { freePort, isFree, startPostgres } from './system/postgres_server.ts'
import { type Program, selfCommand, start } from './system/spawn.ts'

/** Runs at once on this computer. */
const WORKERS = 2

/** The edge says so within this long, or it does not come up. */
const EDGE_START_MS_MAX = 30_000

const EDGE = process.versions['bun'] === undefined ? '../edge/node.ts' : '../edge/main.ts'

export interface UpOptions {
  readonly config: Config
  /** What is this computer's: the database, the files, who runs. */
  readonly folder: string
  /** Undefined: 8000, or another when that is taken. */
  readonly port?: number
  readonly postgresPort?: number
  readonly log: Log
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

/** Start everything. Throws one clear sentence when a part cannot start; what was started is ended then. */
export async function up({ config, folder, port, postgresPort, log }: UpOptions): Promise<Up> {
  const endings: (() => Promise<unknown>)[] = []
  async function stop(): Promise<void> {
    for (const end of endings.splice(0).reverse())
      await end().catch((error: unknown) => log(`while stopping: ${error}`))
  }

  try {
    await mkdir(folder, { recursive: true })
    endings.push(await lockFolder(folder))
    const databaseUrl = config.databaseUrl || (await ownPostgres(folder, postgresPort ?? 0, { log, endings }))
    await migrateAt(databaseUrl, log)

    const edgePort = await choosePort(port, log)
    const url = `http://localhost:${edgePort}`
    const webhookSecret = config.webhookSecrets[0] ?? randomBytes(16).toString('hex')
    const own: Config = {
      ...config,
      databaseUrl,
      machineBaseUrl: url,
      storageDir: resolve(folder, 'storage'),
    }
    const edge = await startEdge(own, { port: edgePort, secret: webhookSecret, log })
    endings.push(() => edge.stop())

    const told = new AbortController()
    const loops: LoopName[] = ['expand', 'dequeue', 'report', ...Array<LoopName>(WORKERS).fill('work')]
    const running = loops.map((name) => runLoop(name, own, told.signal))
    endings.push(async () => {
      told.abort()
      await Promise.allSettled(running)
    })

    const failed = Promise.race([
      edge.ended.then(({ code, signal }) =>
        Promise.reject<never>(new Error(`the edge ended with ${signal ?? code}`)),
      ),
      ...running.map((loop) => loop.then(() => new Promise<never>(() => {}))),
    ])
    failed.catch(() => {})
    return { url, databaseUrl, webhookSecret, stop, failed }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Two machines on one folder would fight over its database; what a killed one left behind is ended. */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'up.pid')
  const other = Number(await readFile(file, 'utf8').catch(() => ''))
  if (other && other !== process.pid && isMachine(await commandOf(other))) {
    throw new Error(
      `another machine runs on ${folder} (process ${other}); stop it first, or choose another folder`,
    )
  }
  await writeFile(file, `${process.pid}\n`)
  return () => rm(file, { force: true })
}

async function commandOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
}

function isMachine(command: string): boolean {
  return /cli\.ts|play\.ts/.test(command)
}

async function ownPostgres(
  folder: string,
  port: number,
  { log, endings }: { readonly log: Log; readonly endings: (() => Promise<unknown>)[] },
): Promise<string> {
  const server = await startPostgres(join(folder, 'postgres'), { port, log })
  endings.push(() => server.stop())
  log(`Postgres listens on port ${server.port}`)
  return server.url
}

async function migrateAt(url: string, log: Log): Promise<void> {
  const sql = connect(url, { max: 1, name: 'machine migrate' })
  try {
    const { ran } = await migrate(sql)
    if (ran.length > 0) log(`migrated: ${ran.join(', ')}`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** The port that was asked for, or an error; without a wish 8000, or another, and that is told. */
async function choosePort(wanted: number | undefined, log: Log): Promise<number> {
  if (wanted === 0) return freePort()
  const port = wanted ?? 8000
  if (await isFree(port, '0.0.0.0')) return port
  if (wanted !== undefined)
    throw new Error(`port ${wanted} is taken; choose another with --port, or leave it out`)
  const other = await freePort()
  log(`port ${port} is taken, using ${other} instead`)
  return other
}

async function startEdge(
  config: Config,
  { port, secret, log }: { readonly port: number; readonly secret: string; readonly log: Log },
): Promise<Program> {
  const [command, ...args] = selfCommand(join(import.meta.dirname, EDGE))
  const edge = start(command, args, {
    tether: true,
    env: {
      DATABASE_URL: config.databaseUrl,
      WEBHOOK_SECRETS: secret,
      MACHINE_BASE_URL: config.machineBaseUrl,
      STORAGE_DIR: config.storageDir,
      PORT: `${port}`,
      HOST: '127.0.0.1',
      ...(config.rejectNewJobs ? { REJECT_NEW_JOBS: 'yes' } : {}),
    },
    onErrorLine: (line) => log(`edge: ${line}`),
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
