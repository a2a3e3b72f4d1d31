/** A computer that is to go: its worker hears so, gives its work back at once, and takes nothing more. */
import type { Ec2Metadata } from './io/ec2_metadata.ts'
import { sleep } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** Amazon advises this. */
const LOOK_PAUSE_MS = 5_000

/** A service that does not answer is said to be away once, not every few seconds. */
export interface NoticeOptions {
  readonly log: Log
  readonly signal: AbortSignal
  readonly pauseMs?: number
}

/**
 * A signal that aborts when this computer is to go. It has looked once before it is given: who starts again on a
 * computer that is to go takes nothing.
 */
export async function noticeSignal(
  metadata: Ec2Metadata,
  { log, signal, pauseMs = LOOK_PAUSE_MS }: NoticeOptions,
): Promise<AbortSignal> {
  const going = new AbortController()
  let isAway = false

  async function look(): Promise<void> {
    try {
      const why = await metadata.notice()
      isAway = false
      if (why === undefined) return
      log(`this computer is to go: ${why}`)
      going.abort()
    } catch (error) {
      if (!isAway)
        log(`cannot hear whether this computer is to go: ${error instanceof Error ? error.message : error}`)
      isAway = true
    }
  }

  async function lookOn(): Promise<void> {
    while (!signal.aborted && !going.signal.aborted) {
      await sleep(pauseMs, signal)
      if (!signal.aborted) await look()
    }
  }

  await look()
  void lookOn()
  return going.signal
}
