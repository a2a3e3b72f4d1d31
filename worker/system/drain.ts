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

/** Told to stop, what is just being done has so long to end by itself. */
const GRACE_MS = 4_000

/** What `orTold` gives for a deed that has not ended in time. */
export const TOLD = Symbol('told to stop')

export interface Loop<Item> {
  /** The next thing to do; undefined when there is none. */
  readonly take: () => Promise<Item | undefined>
  readonly deal: (item: Item) => Promise<void>
  readonly log: (line: string) => void
  /** Resolves when there may be something to do, or when the signal says stop. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** The last word on an item that is left because the loop was told to stop; without it a deed ends by itself. */
  readonly leave?: (item: Item) => Promise<unknown>
}

/** Run a loop until told to stop; what is being dealt with then is finished first, or left. */
export async function drain<Item>(
  { take, deal, log, wait = sleep, leave }: Loop<Item>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const item = await orTold(take(), signal)
      if (item === TOLD) return
      if (item === undefined) await wait(IDLE_PAUSE_MS, signal)
      else if (leave === undefined) await deal(item)
      else if ((await orTold(deal(item), signal)) === TOLD) await orTold(leave(item), signal)
    } catch (error) {
      log(`failed, going on: ${error instanceof Error ? error.message : String(error)}`)
      await sleep(ERROR_PAUSE_MS, signal)
    }
  }
}

/** Do something now and again until told to stop; what fails is logged, and tried again at its time. */
export async function every(
  seconds: number,
  deed: () => Promise<unknown>,
  { log, signal }: { readonly log: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await orTold(deed(), signal)
    } catch (error) {
      log(`failed, going on: ${error instanceof Error ? error.message : String(error)}`)
    }
    await sleep(seconds * 1000, signal)
  }
}

/** What a deed gives; `TOLD` when the signal says stop and it does not end within a few seconds. */
export function orTold<T>(
  deed: Promise<T>,
  signal: AbortSignal,
  graceMs = GRACE_MS,
): Promise<T | typeof TOLD> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const onAbort = () => {
      timer = setTimeout(() => resolve(TOLD), graceMs)
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    deed.then(resolve, reject).finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    })
  })
}

/** Wait, or stop waiting when told to stop; never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal }).catch(() => {})
}
