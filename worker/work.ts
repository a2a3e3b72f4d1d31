/**
 * `work`: tasks → done. Run one source after another, on loan, with a heartbeat.
 *
 * The run is a child process; this one beats for it, tells how far it is, publishes what it leaves, and
 * hands in the result. Whoever lost the loan writes nothing that counts. Told to go, it gives the task
 * back for another worker to take at once.
 */
import {
  beat,
  type Claimed,
  claimRun,
  failRun,
  giveBack,
  type HandedIn,
  handIn,
  tellProgress,
} from '../shared/db/runs.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { Wait } from '../shared/db/wake.ts'
import type { Problem } from '../shared/problem.ts'
import type { Progress } from '../shared/run.ts'
import type { Storage } from './io/storage.ts'
import { publishFailure, publishRun } from './publish_run.ts'
import { type RunChild, startRunChild } from './run_child.ts'
import { drain, sleep } from './system/drain.ts'
import { every } from './system/every.ts'
import type { Log } from './system/log.ts'
import { inTemp } from './system/temp.ts'

/** Many workers wake at one word; a little unevenness keeps them from asking all at once. */
const JITTER_MS_MAX = 300

/** How often a run that works says how far it is. */
const PROGRESS_PAUSE_SECONDS = 1

/** A worker that could not beat for this share of its lease may have lost it: it hands nothing in before it can. */
const DOUBT_SHARE = 0.8

export interface Working {
  readonly sql: Sql
  readonly storage: Storage
  /** New with each start: host, process, chance. */
  readonly worker: string
  readonly version: string
  readonly leaseSeconds: number
  readonly beatSeconds: number
  readonly timeoutSeconds: number
  readonly reuseDays: number
  readonly laneMax: number
  readonly allowPrivate: boolean
  readonly log: Log
  readonly wait: Wait
}

/** Run tasks until told to stop. */
export function work(working: Working, signal: AbortSignal): Promise<void> {
  const { sql, log, wait } = working
  return drain<Claimed>(
    {
      take: () => claimRun(sql, working),
      deal: (claimed) => runOne(working, claimed, signal),
      log,
      async wait(ms, signal) {
        await wait(ms, signal)
        await sleep(Math.random() * JITTER_MS_MAX, signal)
      },
    },
    signal,
  )
}

async function runOne(working: Working, claimed: Claimed, told: AbortSignal): Promise<void> {
  const { sql, log } = working
  const { runId, task } = claimed
  log(`taken run ${runId}: ${task.name} ${task.layer}/${task.layersource}, attempt ${claimed.attempt}`)
  const hold = holdRun(working, claimed)
  try {
    const result = await inTemp('run', (folder) =>
      processAndPublish(working, claimed, { folder, hold, told }),
    )
    if (result === 'given back') {
      log(`${(await giveBack(sql, claimed, 'worker told to go')) ? 'gave back' : 'lost'} run ${runId}`)
      return
    }
    await hold.certain()
    log(
      `${(await handIn(sql, claimed, result)) ? 'handed in' : 'lost'} run ${runId}: ${result.ok ? 'good' : result.problem?.code}`,
    )
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const problem = error instanceof ChildDied ? error.problem : { code: 'internal' as const, detail }
    log(`failed run ${runId}: ${detail}: ${await failRun(sql, claimed, problem)}`)
  } finally {
    await hold.release()
  }
}

/** The child came to no result: perhaps another attempt does. */
class ChildDied extends Error {
  override readonly name = 'ChildDied'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

interface Place {
  readonly folder: string
  readonly hold: Hold
  readonly told: AbortSignal
}

async function processAndPublish(
  working: Working,
  claimed: Claimed,
  { folder, hold, told }: Place,
): Promise<HandedIn | 'given back'> {
  const { storage, timeoutSeconds } = working
  const child = await startRunChild(claimed.task, {
    folder,
    allowPrivate: working.allowPrivate,
    tell: hold.tell,
  })
  const publishing = { storage, runId: claimed.runId, folder: child.folder }
  const stopped = await watch(child, { lost: hold.lost, told, timeoutSeconds })
  const { end, result } = await child.ended

  if (stopped === 'lost') throw new ChildDied({ code: 'worker-lost', detail: 'its lease was lost' })
  if (stopped === 'told' && result === undefined) return 'given back'
  if (stopped === 'late' && result === undefined) {
    return publishFailure(publishing, { code: 'timed-out', detail: `no result after ${timeoutSeconds} s` })
  }
  if (result === undefined) {
    const how = end.signal === null ? `code ${end.code}` : end.signal
    const why = end.stderr.trim().split('\n').at(-1) ?? ''
    await publishFailure(publishing, { code: 'killed', detail: how })
    throw new ChildDied({
      code: end.signal === null ? 'internal' : 'killed',
      detail: `process-one ended with ${how}: ${why}`,
    })
  }
  hold.tell({ stage: 'publish' })
  return publishRun(publishing, result)
}

/** Wait for the child, and end it when it must not go on. Gives why it was ended, or undefined. */
async function watch(
  child: RunChild,
  {
    lost,
    told,
    timeoutSeconds,
  }: { readonly lost: AbortSignal; readonly told: AbortSignal; readonly timeoutSeconds: number },
): Promise<'lost' | 'told' | 'late' | undefined> {
  const late = AbortSignal.timeout(timeoutSeconds * 1000)
  let why: 'lost' | 'told' | 'late' | undefined
  const stop = (reason: typeof why) => () => {
    why ??= reason
    void child.stop()
  }
  const reasons = [
    [lost, stop('lost')],
    [told, stop('told')],
    [late, stop('late')],
  ] as const
  for (const [signal, onAbort] of reasons) {
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
  }
  await child.ended
  for (const [signal, onAbort] of reasons) signal.removeEventListener('abort', onAbort)
  return why
}

/** A run that is ours while we beat for it. */
interface Hold {
  /** Aborts when the run is no longer ours. */
  readonly lost: AbortSignal
  readonly tell: (progress: Progress) => void
  /** Waits until the last beat is young enough to believe; throws when the run is no longer ours. */
  certain(): Promise<void>
  release(): Promise<void>
}

function holdRun(working: Working, claimed: Claimed): Hold {
  const { sql, leaseSeconds, beatSeconds, log } = working
  const lost = new AbortController()
  const over = new AbortController()
  let beatAt = performance.now()
  let latest: Progress | undefined

  async function beatOnce(): Promise<void> {
    const asked = performance.now()
    if (await beat(sql, claimed, working)) beatAt = asked
    else lost.abort()
  }

  async function tellLatest(): Promise<void> {
    const progress = latest
    latest = undefined
    if (progress !== undefined) await tellProgress(sql, claimed.runId, progress)
  }

  const beats = [
    // The claim was the first beat.
    sleep(beatSeconds * 1000, over.signal).then(() =>
      every(beatSeconds, beatOnce, { log, signal: over.signal }),
    ),
    every(PROGRESS_PAUSE_SECONDS, tellLatest, { log, signal: over.signal }),
  ]

  return {
    lost: lost.signal,
    tell(progress) {
      latest = progress
    },
    async certain() {
      while (performance.now() - beatAt > leaseSeconds * 1000 * DOUBT_SHARE) {
        await beatOnce().catch(() => sleep(1_000, over.signal))
        if (lost.signal.aborted) break
      }
      if (lost.signal.aborted) throw new ChildDied({ code: 'worker-lost', detail: 'its lease was lost' })
    },
    async release() {
      over.abort()
      await Promise.all(beats)
    },
  }
}
