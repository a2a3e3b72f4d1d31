/**
 * A run on loan: it is ours while we beat for it.
 *
 * The fence of the queue is what keeps a lost run from counting; what stands here only notices early,
 * so that no work is done for nothing.
 */
import { beat, type Claimed, tellProgress } from '../shared/db/runs.ts'
import { isPassing, type Sql } from '../shared/db/sql.ts'
import type { Progress } from '../shared/run.ts'
import { every, sleep } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** How often a run that works says how far it is. */
const PROGRESS_PAUSE_SECONDS = 1

/** Postgres is away: how long until the next try; twice as long each time … */
const AWAY_PAUSE_MS = 500

/** … but never more than this, so that little time is lost when it is back. */
const AWAY_PAUSE_MS_MAX = 15_000

/** The work of hours is not thrown away for an outage; a day without Postgres is no outage any more. */
const AWAY_MS_MAX = 24 * 3_600_000

export interface Holding {
  readonly sql: Sql
  readonly worker: string
  readonly version: string
  readonly leaseSeconds: number
  readonly beatSeconds: number
  readonly log: Log
}

/** A run that is ours while we beat for it. */
export interface Hold {
  /** Aborts when the run is no longer ours. */
  readonly lost: AbortSignal
  readonly tell: (progress: Progress) => void
  /**
   * Say something that must arrive, and try again while Postgres is away.
   *
   * @throws what Postgres has against it; or that it is away, when a whole day has gone by
   */
  insist<T>(deed: () => Promise<T>): Promise<T>
  /** Beat no more. */
  release(): Promise<void>
}

/** Beat for a run that was just claimed (the claim was the first beat), and tell how far it is. */
export function holdRun({ sql, log, ...holding }: Holding, claimed: Claimed): Hold {
  const { beatSeconds } = holding
  const lost = new AbortController()
  const over = new AbortController()
  const { signal } = over
  let latest: Progress | undefined

  async function beatOnce(): Promise<void> {
    if (!(await beat(sql, claimed, holding))) lost.abort()
  }

  async function tellLatest(): Promise<void> {
    const progress = latest
    latest = undefined
    if (progress !== undefined) await tellProgress(sql, claimed.runId, progress)
  }

  const beats = [
    sleep(beatSeconds * 1000, signal).then(() => every(beatSeconds, beatOnce, { log, signal })),
    every(PROGRESS_PAUSE_SECONDS, tellLatest, { log, signal }),
  ]

  return {
    lost: lost.signal,
    tell(progress) {
      latest = progress
    },
    async insist(deed) {
      const giveUpAt = performance.now() + AWAY_MS_MAX
      for (let pause = AWAY_PAUSE_MS; ; pause = Math.min(2 * pause, AWAY_PAUSE_MS_MAX)) {
        try {
          return await deed()
        } catch (error) {
          if (!isPassing(error) || performance.now() > giveUpAt) throw error
          log(`Postgres is away, trying again: ${error instanceof Error ? error.message : error}`)
          await sleep(pause, signal)
        }
      }
    },
    async release() {
      over.abort()
      await Promise.all(beats)
    },
  }
}
