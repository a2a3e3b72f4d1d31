/**
 * Confinement: what a program that reads strangers' data can still reach when it has been taken over by them.
 *
 * The programs are Debian's own, and each is tried before it is believed in: bubblewrap (a mount and a process table of
 * its own: everything read-only but the folder of the run, secrets out of sight), setpriv (no new privileges, no
 * capabilities) where bubblewrap is absent or forbidden, prlimit (limits that the kernel holds). What is in force is a
 * sentence for the log. The network stays: a run downloads, and worker/download/guard.ts says from where.
 */
import { existsSync, lstatSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from './spawn.ts'

/** A command line. */
export type Words = readonly [command: string, ...args: string[]]

export interface Confinement {
  /** What holds, such as `no capabilities`; empty where nothing does. */
  readonly inForce: readonly string[]
  /** What could hold and does not, each with the way to have it. */
  readonly missing: readonly string[]
  /** The same command, confined; it may write below `folder` only, where that is in force. */
  wrap(words: Words, folder: string): Words
}

export interface ConfineOptions {
  /** Files and folders that nobody inside may see; those that are not there are passed over. */
  readonly hidden?: readonly string[]
}

/** Nothing is confined: for computers without the programs, and where an operator wants it so. */
export const UNCONFINED: Confinement = { inForce: [], missing: [], wrap: (words) => words }

/** A run's largest file is its data, unpacked; no file is larger than all that an archive may hold. */
const FILE_BYTES_MAX = 200 * 1024 ** 3

/** Readers and writers of one run hold some dozens of files; an external sort some hundreds. */
const FILES_MAX = 8_192

const LIMITS = ['prlimit', '--core=0', `--fsize=${FILE_BYTES_MAX}`, `--nofile=${FILES_MAX}`]

const PRIVILEGES = ['setpriv', '--no-new-privs', '--inh-caps=-all']

/** Where credentials lie on a computer, besides those that the caller names. */
const SECRETS = ['.aws', '.ssh', '.config', '.docker', '.netrc', '.npmrc', '.pgpass', '.gnupg', '.kube']

/** Sockets that are as good as being root. */
const SOCKETS = ['/run/docker.sock', '/run/podman', '/run/containerd', '/run/dbus', '/run/systemd']

/**
 * Find out what this computer can do, by doing it.
 *
 * Elsewhere than on Linux nothing is in force, and that is said.
 */
export async function confinement({ hidden = [] }: ConfineOptions = {}): Promise<Confinement> {
  if (process.platform !== 'linux') return { ...UNCONFINED, missing: ['confinement: only Linux has it'] }
  const out = [...hidden, ...SECRETS.map((name) => join(homedir(), name)), ...SOCKETS]
  const limits = (await works([...LIMITS, 'true'])) ? LIMITS : []
  const held = limits.length > 0 ? [`limits (no core files, files of 200 GiB, ${FILES_MAX} open)`] : []
  const lost = limits.length > 0 ? [] : ['limits: prlimit (package util-linux) does not run here']

  if (await works([...limits, ...bubble('/tmp', out), 'true'])) {
    return {
      inForce: [
        'own mounts, all read-only but the run’s folder',
        'own processes',
        'no capabilities',
        'no new privileges',
        ...held,
      ],
      missing: lost,
      wrap: (words, folder) => [...limits, ...bubble(folder, out), ...words] as unknown as Words,
    }
  }

  const mounts =
    'own mounts and processes: bubblewrap does not run here (apt-get install bubblewrap; user namespaces must be allowed)'
  for (const privileges of [[...PRIVILEGES, '--bounding-set=-all'], PRIVILEGES]) {
    if (!(await works([...limits, ...privileges, 'true']))) continue
    const isBare = privileges.length > PRIVILEGES.length
    return {
      inForce: ['no new privileges', ...(isBare ? ['no capabilities'] : []), ...held],
      missing: [mounts, ...lost],
      wrap: (words) => [...limits, ...privileges, ...words] as unknown as Words,
    }
  }
  const none = 'no new privileges: setpriv (package util-linux) does not run here'
  return {
    inForce: held,
    missing: [mounts, none, ...lost],
    wrap: (words) => [...limits, ...words] as unknown as Words,
  }
}

/** One sentence on a confinement, for the log of a worker. */
export function confinementText({ inForce, missing }: Confinement): string {
  const holds = inForce.length === 0 ? 'runs are not confined' : `runs are confined: ${inForce.join(', ')}`
  return missing.length === 0 ? holds : `${holds}; not in force: ${missing.join('; ')}`
}

/**
 * The words before a command that put it into a bubble.
 *
 * Not `--die-with-parent`: a polite signal ends bubblewrap at once, and the program inside, which hears it too, has to
 * have its time. It hears of our own death by its standard input.
 */
function bubble(folder: string, hidden: readonly string[]): string[] {
  const covers = hidden
    .filter(existsSync)
    .flatMap((path) => (lstatSync(path).isDirectory() ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path]))
  return [
    ...[
      'bwrap',
      '--ro-bind',
      '/',
      '/',
      '--dev',
      '/dev',
      '--proc',
      '/proc',
      ...covers,
      '--bind',
      folder,
      folder,
    ],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--cap-drop', 'ALL', '--chdir', folder, '--'],
  ]
}

async function works([command = '', ...args]: readonly string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  )
}
