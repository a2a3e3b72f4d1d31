/**
 * A memory limit that the kernel holds: a control group (version 2) of a program's own, where we may make one.
 *
 * That is so as root of a container with a writable /sys/fs/cgroup, and in a systemd unit with Delegate=yes and
 * DelegateSubgroup=. Everywhere else limits.ts looks at the memory once a second instead.
 *
 * Source: https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const MOUNTED = '/sys/fs/cgroup'

export interface Cgroup {
  /** Put a program in; what it starts from then on is in as well. */
  add(pid: number): void
  /** Whether the kernel has ended something in it for want of memory. */
  ranOut(): boolean
  /** Nobody is in it any more. */
  remove(): void
}

/** Make a group of some memory; undefined where we may not. */
export function memoryCgroup(name: string, bytes: number): Cgroup | undefined {
  const own = ownGroup()
  if (own === undefined) return undefined
  // A group that has processes cannot give its children limits, so our own group's parent is tried as well.
  for (const above of new Set([own, dirname(own)])) {
    if (!above.startsWith(MOUNTED)) continue
    const made = make(join(above, name), bytes)
    if (made !== undefined) return made
  }
  return undefined
}

function make(folder: string, bytes: number): Cgroup | undefined {
  try {
    mkdirSync(folder)
  } catch {
    return undefined
  }
  try {
    writeFileSync(join(folder, 'memory.max'), `${Math.floor(bytes)}`)
    if (existsSync(join(folder, 'memory.swap.max'))) writeFileSync(join(folder, 'memory.swap.max'), '0')
    writeFileSync(join(folder, 'memory.oom.group'), '1')
  } catch {
    remove(folder)
    return undefined
  }
  return {
    add: (pid) => quietly(() => writeFileSync(join(folder, 'cgroup.procs'), `${pid}`)),
    ranOut: () =>
      /^oom_kill [1-9]/m.test(quietly(() => readFileSync(join(folder, 'memory.events'), 'utf8')) ?? ''),
    remove: () => remove(folder),
  }
}

/** The folder of the group that we are in; undefined where there is no version 2 with a memory limit. */
function ownGroup(): string | undefined {
  const line = /^0::(\/.*)$/m.exec(quietly(() => readFileSync('/proc/self/cgroup', 'utf8')) ?? '')
  if (line === null || !existsSync(join(MOUNTED, 'cgroup.controllers'))) return undefined
  return join(MOUNTED, line[1] ?? '')
}

function remove(folder: string): void {
  quietly(() => rmdirSync(folder))
}

/** What is not there, or not ours to touch, is no reason to fail: a limit less, not a run less. */
function quietly<T>(deed: () => T): T | undefined {
  try {
    return deed()
  } catch {
    return undefined
  }
}
