/** Bytes that come slowly, so that a person, or a test, can watch a download. */
import { setTimeout as pause } from 'node:timers/promises'

/** So many portions a second: often enough for a progress bar to move smoothly. */
const PORTIONS_PER_SECOND = 10

/**
 * The content in portions.
 *
 * @param bytesPerSecond  0 for all at once
 */
export async function* drip(
  content: Uint8Array,
  bytesPerSecond: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const portion =
    bytesPerSecond === 0 ? content.length : Math.max(1, Math.ceil(bytesPerSecond / PORTIONS_PER_SECOND))
  for (let at = 0; at < content.length; at += portion) {
    if (signal?.aborted) return
    yield content.subarray(at, at + portion)
    if (at + portion < content.length) await pause(1000 / PORTIONS_PER_SECOND)
  }
}
