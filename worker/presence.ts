/** A loop says that it is there, busy or idle, so that people see it; and hears whether it is to drain. */
import { type Announced, announce, takeLeave } from '../shared/db/workers.ts'
import type { Sql } from '../shared/db/sql.ts'
import { every } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** Leaving is a courtesy: nobody waits long for it. */
const LEAVE_MS_MAX = 1_500

export interface Presence {
  /** Aborts when this loop was told to take nothing more. */
  readonly drained: AbortSignal
  /** Say no more that we are there, and that we go. */
  end(): Promise<void>
}

/**
 * Be there until `end`.
 *
 * @param pauseSeconds  between two words; who says none for 90 s counts as silent
 */
export function bePresent(
  sql: Sql,
  announced: Announced,
  { pauseSeconds, log }: { readonly pauseSeconds: number; readonly log: Log },
): Presence {
  const drained = new AbortController()
  const over = new AbortController()

  async function say(): Promise<void> {
    if (!(await announce(sql, announced)) || drained.signal.aborted) return
    log('told to drain: takes nothing more')
    drained.abort()
  }

  const saying = every(pauseSeconds, say, { log, signal: over.signal })
  return {
    drained: drained.signal,
    async end() {
      over.abort()
      const late = new Promise((resolve) => setTimeout(resolve, LEAVE_MS_MAX))
      await Promise.race([saying.then(() => takeLeave(sql, announced.worker)).catch(() => {}), late])
    },
  }
}
