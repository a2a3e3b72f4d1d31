/** Something that is done every so often, by the side of a loop. */
import { sleep } from './drain.ts'
import type { Log } from './log.ts'

/** Do a deed now and again until told to stop; one that fails is logged, and tried again at its time. */
export async function every(
  seconds: number,
  deed: () => Promise<unknown>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    try {
      await deed()
    } catch (error) {
      log(`failed, going on: ${error instanceof Error ? error.message : String(error)}`)
    }
    await sleep(seconds * 1000, signal)
  }
}
