/**
 * `work`: tasks → done. Run one source after another, on loan, with a heartbeat.
 *
 * The run is a child process; this one beats for it, tells how far it is, publishes what it leaves, and
 * hands in the result. Whoever lost the loan writes nothing that counts. Told to go, it gives the task
 * back for another worker to take at once.
 */
import {
  type Claimed,
  claimRun,
  beat,
  failRun,
  giveBack,
  grantTime,
  type HandedIn,
  handIn,
} from '../shared/db/runs.ts'
import { type LastAccepted, readDataSourceOf, readLastAccepted } from '../shared/db/verdicts.ts'
import type { Wait } from '../shared/db/wake.ts'
import type { Problem } from '../shared/problem.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { RunResult } from '../shared/run.ts'
import type { VerdictRules } from '../shared/verdict.ts'
import { diedOf } from './died_of.ts'
import type { HostManners } from './download/manners.ts'
import { type Hold, type Holding, holdRun } from './hold_run.ts'
import type { Storage } from './io/storage.ts'
import { type JudgedResult, judgeRun } from './judge_run.ts'
import { failure, publishRemains, type Remains, stateOf } from './publish_remains.ts'
import { PublishError, type Publishing, publishRun } from './publish_run.ts'
import { type ChildEnd, runChild } from './run_child.ts'
import { timeoutOf } from './run_timeout.ts'
import type { Confinement } from './system/confine.ts'
import { drain, orTold, sleep, TOLD } from './system/drain.ts'
import { inTemp, removeLeft } from './system/temp.ts'
import { earlierOf, unchangedResult } from './unchanged_run.ts'

/** Many workers wake at one word; a little unevenness keeps them from asking all at once. */
const JITTER_MS_MAX = 300

/** Told to go, files that are just being stored may take so long: to do the work again would take longer. */
const PUBLISH_GRACE_MS = 30_000

export interface Working extends Holding {
  readonly storage: Storage
  readonly timeoutSeconds: number
  /** The most a source may ask for. */
  readonly timeoutMaxSeconds: number
  /** A run that stands still for so long is ended. */
  readonly stallSeconds: number
  /** Memory of a run with its programs; 0 for nine tenths of what there is. */
  readonly memoryMb: number
  /** How long a storage that is away is waited for. */
  readonly storagePatienceSeconds: number
  /** How big this worker is. */
  readonly workerClass: number
  /** Aborts when nothing more is to be taken; what is being worked on goes on to its end. */
  readonly drained: AbortSignal
  readonly reuseDays: number
  /** When a result is not to be believed. */
  readonly verdictRules: VerdictRules
  readonly laneMax: number
  readonly allowPrivate: boolean
  /** What holds the runs; see worker/system/confine.ts. */
  readonly confined: Confinement
  /** How to treat the ESRI servers of some hosts. */
  readonly hostManners?: HostManners
  readonly wait: Wait
}

/** How a run ended for this worker. */
type Outcome =
  | { readonly kind: 'result'; readonly result: HandedIn }
  /** Told to go before there was a result. */
  | { readonly kind: 'told' }
  /** No longer ours. */
  | { readonly kind: 'lost' }
  /** Not the source's fault: perhaps another attempt comes to a result. */
  | ({ readonly kind: 'failed'; readonly problem: Problem } & Partial<Remains>)

/** Run tasks until told to stop. */
export async function work(working: Working, signal: AbortSignal): Promise<void> {
  const { sql, log, wait, drained } = working
  const left = await removeLeft('run')
  if (left > 0) log(`removed ${left} folders that killed workers had left`)
  await drain<Claimed>(
    {
      take: () => claimRun(sql, working),
      deal: (claimed) => runOne(working, claimed, signal),
      log,
      async wait(ms, signal) {
        await wait(ms, signal)
        await sleep(Math.random() * JITTER_MS_MAX, signal)
      },
    },
    AbortSignal.any([signal, drained]),
  )
}

async function runOne(working: Working, claimed: Claimed, told: AbortSignal): Promise<void> {
  const { log } = working
  const { runId, task } = claimed
  log(`taken run ${runId}: ${task.name} ${task.layer}/${task.layersource}, attempt ${claimed.attempt}`)
  const hold = holdRun(working, claimed)
  try {
    const outcome = await inTemp('run', (folder) =>
      processAndPublish(working, claimed, { folder, hold, told }),
    )
    const end = await orTold(endRun(working, claimed, { outcome, hold }), told)
    log(end === TOLD ? `left run ${runId}: Postgres does not answer` : end)
  } finally {
    await hold.release()
  }
}

/** Tell Postgres how a run ended. Gives the line for the log. */
async function endRun(
  { sql, ...holding }: Working,
  claimed: Claimed,
  { outcome, hold }: { readonly outcome: Outcome; readonly hold: Hold },
): Promise<string> {
  const run = `run ${claimed.runId}`
  switch (outcome.kind) {
    case 'result': {
      const { ok, problem } = outcome.result
      const kept = await hold.insist(async () => {
        if (await handIn(sql, claimed, outcome.result)) return true
        // A beat takes back what was swept while Postgres, or this computer, was away.
        return (await beat(sql, claimed, holding)) && (await handIn(sql, claimed, outcome.result))
      })
      return kept
        ? `handed in ${run}: ${ok ? 'good' : problem?.code}`
        : `lost ${run}: it is not ours any more`
    }
    case 'told': {
      const kept = await hold.insist(() => giveBack(sql, claimed, 'its worker was told to go'))
      return `${kept ? 'gave back' : 'lost'} ${run}`
    }
    case 'lost':
      return `lost ${run}: it is not ours any more`
    case 'failed': {
      const { problem, details = null, state = null } = outcome
      const { retry } = PROBLEMS[problem.code]
      const what = await hold.insist(() => failRun(sql, claimed, { ...problem, retry, details, state }))
      return `failed ${run}: ${problem.code}: ${problem.detail}: ${what}`
    }
    default:
      return outcome satisfies never
  }
}

interface Place {
  readonly folder: string
  readonly hold: Hold
  readonly told: AbortSignal
}

async function processAndPublish(working: Working, claimed: Claimed, place: Place): Promise<Outcome> {
  const { sql, allowPrivate, confined, hostManners, memoryMb, stallSeconds, version } = working
  const { folder, hold, told } = place
  const { task } = claimed
  try {
    const signal = AbortSignal.any([hold.lost, told])
    const limits = { memoryMb, stallSeconds, timeoutSeconds: timeoutOf(task, working) }
    if (limits.timeoutSeconds !== working.timeoutSeconds)
      await hold.insist(() => grantTime(sql, claimed, limits.timeoutSeconds))
    const before = await lastAccepted(working, claimed, hold)
    const earlier = await earlierOf(working, task, before)
    const asked = { folder, limits, allowPrivate, confined, hostManners, earlier }
    const child = await runChild(task, { ...asked, tell: hold.tell, signal })
    if (hold.lost.aborted) return { kind: 'lost' }

    const publishing = publishingOf(working, claimed, { child, signal })
    const { result } = child
    // A failure that was reported while the child was being ended may come of just that.
    if (result !== undefined && (result.ok || !(signal.aborted || child.broken))) {
      hold.tell({ stage: 'publish' })
      if (result.unchanged && before !== undefined)
        return { kind: 'result', result: await hold.insist(() => unchangedResult(sql, before, child.folder)) }
      const judged = await judge(working, claimed, { child, result, signal, hold })
      const handed = await orTold(publishRun(publishing, judged), told, PUBLISH_GRACE_MS)
      return handed === TOLD ? { kind: 'told' } : resultOf(handed, child)
    }

    if (told.aborted) return { kind: 'told' }
    const problem = diedOf(child)
    const remains = await publishRemains(publishing, { task, version, problem, usage: child.usage })
    if (isTriedAgain(problem)) return { kind: 'failed', problem, ...remains }
    return { kind: 'result', result: failure(problem, remains) }
  } catch (error) {
    if (told.aborted) return { kind: 'told' }
    const code = error instanceof PublishError ? 'storage-failed' : 'internal'
    const detail = error instanceof Error ? error.message : String(error)
    const problem = { code, detail } as const
    return { kind: 'failed', problem, state: { ...stateOf({ task, version, problem }), output: null } }
  }
}

function publishingOf(
  { storage, storagePatienceSeconds: seconds, log }: Working,
  { runId }: Claimed,
  { child, signal }: { readonly child: ChildEnd; readonly signal: AbortSignal },
): Publishing {
  return { storage, runId, folder: child.folder, patience: { seconds, signal, log } }
}

/** What a child reported: a result, or a failure of this house, of which another attempt may know nothing. */
function resultOf(handed: HandedIn, { usage }: ChildEnd): Outcome {
  const { problem, state } = handed
  const details = handed.result === null ? null : { ...handed.result, ...(usage ? { usage } : {}) }
  if (!handed.ok && problem !== null && state !== null && details !== null && isTriedAgain(problem))
    return { kind: 'failed', problem, details, state }
  return { kind: 'result', result: { ...handed, result: details } }
}

function isTriedAgain({ code }: Problem): boolean {
  const { retry } = PROBLEMS[code]
  return retry === 'another-worker' || retry === 'bigger-worker'
}

/** Compare a good result with the last accepted one; a failed one is what it is. */
async function judge(
  working: Working,
  claimed: Claimed,
  { child, result, signal, hold }: { child: ChildEnd; result: RunResult; signal: AbortSignal; hold: Hold },
): Promise<RunResult & Partial<JudgedResult>> {
  if (!result.ok) return result
  const before = await lastAccepted(working, claimed, hold)
  return await judgeRun(
    { storage: working.storage, folder: child.folder, before, rules: working.verdictRules, signal },
    result,
  )
}

/** The run to compare with; asked for anew when it counts, as a run takes hours. */
function lastAccepted({ sql }: Working, { runId }: Claimed, hold: Hold): Promise<LastAccepted | undefined> {
  return hold.insist(async () => readLastAccepted(sql, await readDataSourceOf(sql, runId)))
}
