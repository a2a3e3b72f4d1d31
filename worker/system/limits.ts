/**
 * Limits of a program: memory, time, and standing still; looked at once a second, and told apart.
 *
 * Memory is that of the whole tree of processes. It stands still when it tells of no progress and computes next to
 * nothing: a program that computes without a word is at work, and the wall clock is what ends it.
 */
import { memoryCgroup } from './cgroup.ts'
import { tell } from './running.ts'
import type { Program } from './spawn.ts'
import { memoryBytes, usageOf } from './usage.ts'

const LOOK_PAUSE_MS = 1_000

/** Who computes less than this share of the time does nothing but wait. */
const IDLE_SHARE = 0.05

/** Where nothing is said of memory: the rest is for the system, for us, and for the kernel not to choose whom to end. */
const MEMORY_SHARE = 0.9

const MB = 1e6

export interface Limits {
  /** 0 for nine tenths of what there is. */
  readonly memoryMb: number
  readonly stallSeconds: number
  readonly timeoutSeconds: number
}

/** The limit that a program has broken. */
export type Broken =
  | { readonly kind: 'memory'; readonly usedMb: number | undefined; readonly limitMb: number }
  | { readonly kind: 'stall'; readonly seconds: number }
  | { readonly kind: 'time'; readonly seconds: number }

export interface Watch {
  /** The program has told of progress. */
  moved(): void
  /** Look no longer. Gives what was broken, and what the program took at most; undefined where that cannot be seen. */
  end(): { readonly broken: Broken | undefined; readonly peakMb?: number; readonly cpuSeconds?: number }
}

/** Watch a program that was just started, and end it when it breaks a limit. */
export function watchProgram(program: Program, limits: Limits): Watch {
  const { stallSeconds, timeoutSeconds } = limits
  const limitMb = limits.memoryMb > 0 ? limits.memoryMb : Math.floor((memoryBytes() * MEMORY_SHARE) / MB)
  const { pid } = program
  const group = pid === undefined ? undefined : memoryCgroup(`machine-run-${pid}`, limitMb * MB)
  if (pid !== undefined) group?.add(pid)

  const began = performance.now()
  let quiet = { since: began, cpuSeconds: 0 }
  let broken: Broken | undefined
  let peakBytes = 0
  let cpuSeconds = 0
  let hasSpoken = false

  function breakOff(by: Broken): void {
    if (broken !== undefined) return
    broken = by
    program.stop().catch(() => {})
  }

  function look(): void {
    const usage = pid === undefined ? undefined : usageOf(pid)
    const now = performance.now()
    if (usage !== undefined) {
      peakBytes = Math.max(peakBytes, usage.bytes)
      cpuSeconds = Math.max(cpuSeconds, usage.cpuSeconds)
      if (usage.bytes > limitMb * MB && broken === undefined) {
        broken = { kind: 'memory', usedMb: Math.round(usage.bytes / MB), limitMb }
        // At once: in the seconds of a polite end it could take all there is.
        for (const one of usage.pids) tell(one, 'SIGKILL')
      }
    }
    if (cpuSeconds - quiet.cpuSeconds > IDLE_SHARE * stallSeconds) quiet = { since: now, cpuSeconds }
    if (now - began > timeoutSeconds * 1000) breakOff({ kind: 'time', seconds: timeoutSeconds })
    if (now - quiet.since > stallSeconds * 1000) breakOff({ kind: 'stall', seconds: stallSeconds })
  }

  look()
  const timer = setInterval(look, Math.min(LOOK_PAUSE_MS, stallSeconds * 250, timeoutSeconds * 250))
  return {
    moved() {
      quiet = { since: performance.now(), cpuSeconds }
      // At its first word it is what it is; before, it was whatever starts it.
      if (!hasSpoken) look()
      hasSpoken = true
    },
    end() {
      clearInterval(timer)
      if (broken === undefined && group?.ranOut()) broken = { kind: 'memory', usedMb: undefined, limitMb }
      group?.remove()
      const seen = peakBytes === 0 ? {} : { peakMb: Math.round(peakBytes / MB), cpuSeconds }
      return { broken, ...seen }
    },
  }
}
