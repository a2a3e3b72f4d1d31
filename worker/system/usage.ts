/**
 * What a program takes, with all that it has started: memory and time of the processor, read from /proc.
 *
 * Elsewhere than on Linux nothing is known, and nothing is said.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'

/** Fields of /proc/<pid>/stat after the name, which may hold spaces and brackets; counted from 0 behind it. */
const PARENT = 1
const USER_TICKS = 11
const SYSTEM_TICKS = 12

/** The unit of those ticks is a hundredth of a second on every Linux, whatever the kernel counts in. */
const TICKS_A_SECOND = 100

/** What a tree of processes takes now. */
export interface Usage {
  readonly pids: readonly number[]
  /** Resident, each process by itself: what several share counts more than once. */
  readonly bytes: number
  /** Of those that live; of the ended, what their parents have collected is not in it. */
  readonly cpuSeconds: number
}

/** What a process and its descendants take; undefined where that cannot be seen, or when it has ended. */
export function usageOf(pid: number): Usage | undefined {
  const table = processTable()
  if (table === undefined || !table.has(pid)) return undefined
  const pids = [pid]
  for (const one of pids) for (const [child, { parent }] of table) if (parent === one) pids.push(child)
  return {
    pids,
    bytes: pids.reduce((sum, one) => sum + residentBytes(one), 0),
    cpuSeconds: pids.reduce((sum, one) => sum + (table.get(one)?.cpuSeconds ?? 0), 0),
  }
}

/** Memory that this computer, or the container that we are in, has for us. */
export function memoryBytes(): number {
  const limits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map(numberIn)
  return Math.min(totalmem(), ...limits.filter((limit) => limit !== undefined && limit > 0).map(Number))
}

/** How often the kernel has ended a process for want of memory since it started; undefined where it does not say. */
export function kernelKills(): number | undefined {
  const found = /^oom_kill (\d+)$/m.exec(textOf('/proc/vmstat') ?? '')
  return found === null ? undefined : Number(found[1])
}

interface Process {
  readonly parent: number
  readonly cpuSeconds: number
}

function processTable(): Map<number, Process> | undefined {
  const table = new Map<number, Process>()
  for (const name of list('/proc')) {
    const pid = Number(name)
    const stat = Number.isInteger(pid) ? textOf(`/proc/${pid}/stat`) : undefined
    if (stat === undefined) continue
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])
    table.set(pid, { parent: Number(fields[PARENT]), cpuSeconds: ticks / TICKS_A_SECOND })
  }
  return table.size === 0 ? undefined : table
}

function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(textOf(`/proc/${pid}/status`) ?? '')
  return found === null ? 0 : Number(found[1]) * 1024
}

function numberIn(path: string): number | undefined {
  const text = textOf(path)?.trim()
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
