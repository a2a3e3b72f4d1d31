/**
 * The one loop of this house: take something, deal with it, again; wait when there is nothing.
 *
 * It can be told to stop, never spins, and survives what it deals with.
 */
import { setTimeout as pause } from 'node:timers/promises'

/** Nothing to do: ask again after this long, unless woken before. */
const IDLE_PAUSE_MS = 1_000

/** Something is wrong (Postgres away, say): breathe this long before the next try. */
const ERROR_PAUSE_MS = 2_000

export interface Loop<Item> {
  /** The next thing to do; undefined when there is none. */
  readonly take: () => Promise<Item | undefined>
  readonly deal: (item: Item) => Promise<void>
  readonly log: (line: string) => void
  /** Resolves when there may be something to do, or when the signal says stop. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  readonly idleMs?: number
}

/** Run a loop until told to stop; what is being dealt with then is finished first. */
export async function drain<Item>(
  { take, deal, log, wait = sleep, idleMs = IDLE_PAUSE_MS }: Loop<Item>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const item = await take()
      if (item === undefined) await wait(idleMs, signal)
      else await deal(item)
    } catch (error) {
      if (signal.aborted) return
      log(`failed, going on: ${error instanceof Error ? error.message : String(error)}`)
      await sleep(ERROR_PAUSE_MS, signal)
    }
  }
}

/** Wait, or stop waiting when told to stop; never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}
