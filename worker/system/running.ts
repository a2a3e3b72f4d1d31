/** Processes that an earlier start left behind: who they are, and how they end. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from './spawn.ts'

/** A process that does not end within this long of being asked is ended. */
const PATIENCE_MS = 10_000

const LOOK_PAUSE_MS = 50

/** The command line of a process; empty when there is none of that number. */
export async function commandOf(pid: number): Promise<string> {
  if (existsSync('/proc/self/cmdline')) {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    return text.replaceAll('\0', ' ').trim()
  }
  return run('ps', ['-o', 'command=', '-p', `${pid}`]).catch(() => '')
}

/**
 * End a process, politely first.
 *
 * @param isIt  says by its command line that it is still the one that is meant: numbers are given again
 * @returns whether there was one
 */
export async function endProcess(
  pid: number,
  isIt: (command: string) => boolean,
  signal: NodeJS.Signals,
): Promise<boolean> {
  if (!isIt(await commandOf(pid))) return false
  tell(pid, signal)
  const giveUpAt = performance.now() + PATIENCE_MS
  while (isIt(await commandOf(pid))) {
    if (performance.now() > giveUpAt) tell(pid, 'SIGKILL')
    await pause(LOOK_PAUSE_MS)
  }
  return true
}

/** Signal a process; one that has ended already is nothing to speak of. */
export function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}
