/**
 * Waking: Postgres says when there may be something to do.
 *
 * A hint and nothing more: it is lost with a connection, and never comes through a transaction
 * pooler. Whoever waits also looks by itself after a while.
 */
import type { Sql } from './sql.ts'

/** Waits for a hint, for a time at most, and no longer than wanted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>

/**
 * Listen on channels (names of queues, or `outbox`).
 *
 * @returns a way to wait; where listening is not possible it just waits
 */
export function wakeOn(sql: Sql, channels: readonly string[]): Wait {
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const resolve of waiting) resolve()
  }
  for (const channel of channels) void sql.listen(channel, wake, wake).catch(() => {})

  return (ms, signal) =>
    new Promise((resolve) => {
      const done = () => {
        waiting.delete(done)
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      if (signal.aborted) return done()
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
}
