/**
 * `schedule`: times → commands.
 *
 * A row of the table is on loan to one scheduler while its command runs, so any number of schedulers may look at one
 * table: of those that see a start due, one gets it, and when it dies another does. A start that was missed is caught up
 * once. Every command can be run by hand or by a cloud's timer as well: nothing in it knows of this file.
 */
import {
  beatStart,
  claimStart,
  endStart,
  listDue,
  loseStarts,
  type Outcome,
  planStart,
  type Start,
  type Startable,
  tellUnplannable,
} from '../shared/db/schedule.ts'
import type { Sql } from '../shared/db/sql.ts'
import { nextStart } from '../shared/schedule.ts'
import { orTold, sleep, TOLD } from './system/drain.ts'
import type { Log } from './system/log.ts'
import type { Program } from './system/spawn.ts'

/** The table is looked at this often. */
const LOOK_PAUSE_MS = 1_000

/** Something is wrong (Postgres away, say): breathe this long. */
const ERROR_PAUSE_MS = 2_000

/** Who is told to stop does not wait longer than this for Postgres. */
const STOPPED_MS_MAX = 5_000

/** So often in a lease it is renewed. */
const BEATS_A_LEASE = 5

/** The end of what a command said is kept: this many lines, of this many characters. */
const TAIL_LINES = 12
const LINE_CHARS_MAX = 400

/** Starts a machine command as a process. */
export type StartCommand = (
  command: readonly string[],
  options: { readonly onLine: (line: string) => void },
) => Program

export interface Scheduling {
  readonly sql: Sql
  /** This process, new with each start. */
  readonly runner: string
  readonly leaseSeconds: number
  readonly start: StartCommand
  readonly log: Log
}

/** Start what is due until told to stop; what runs then is stopped, and is due again. */
export async function schedule(scheduling: Scheduling, signal: AbortSignal): Promise<void> {
  const { log } = scheduling
  const running = new Set<Promise<unknown>>()
  while (!signal.aborted) {
    try {
      // A statement waits for as long as Postgres is away; being told to stop does not.
      if ((await orTold(look(scheduling, running, signal), signal)) === TOLD) break
      await sleep(LOOK_PAUSE_MS, signal)
    } catch (error) {
      log(`failed, going on: ${said(error)}`)
      await sleep(ERROR_PAUSE_MS, signal)
    }
  }
  await Promise.all(running)
}

/** One look at the table. What is started is added to what runs. */
async function look(
  scheduling: Scheduling,
  running: Set<Promise<unknown>>,
  signal: AbortSignal,
): Promise<void> {
  const { sql, leaseSeconds, log } = scheduling
  for (const name of await loseStarts(sql, leaseSeconds)) log(`lost ${name}: its scheduler was not heard of`)
  for (const due of await listDue(sql)) {
    if (signal.aborted) return
    const started = await startDue(scheduling, due, signal)
    if (started === undefined) continue
    running.add(started.ended)
    void started.ended.finally(() => running.delete(started.ended))
  }
}

/** Start one that is due. Undefined where that was not for us. */
async function startDue(
  scheduling: Scheduling,
  due: Startable,
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<Outcome> } | undefined> {
  const { sql, runner, leaseSeconds, log } = scheduling
  let next: Date | undefined
  try {
    // After now, not after the time that was missed: it is caught up once, however often it was missed.
    next = nextStart(due.cron, due.zone, due.now)
  } catch (error) {
    if (await tellUnplannable(sql, due.name, said(error))) log(`cannot plan ${due.name}: ${said(error)}`)
    return undefined
  }
  if (due.nextStart === null) {
    if (next !== undefined) await planStart(sql, due.name, next)
    return undefined
  }
  const loan = { seen: due.nextStart, next: next ?? null, runner, leaseSeconds }
  const start = await claimStart(sql, due.name, loan)
  return start && { ended: runStart(scheduling, { start, due, signal }) }
}

/** Something that was lent to us. */
interface Lent {
  readonly start: Start
  readonly due: Startable
  /** Says stop. */
  readonly signal: AbortSignal
  /** Hears what the command says. */
  readonly onLine?: (line: string) => void
  /** Told to stop, it is not due again. */
  readonly isByHand?: boolean
}

/** Run a command that was lent to us, and say how it ended. Never rejects. */
export async function runStart(scheduling: Scheduling, lent: Lent): Promise<Outcome> {
  const { sql, leaseSeconds, log } = scheduling
  const { start, due, isByHand = false } = lent
  const began = performance.now()
  log(`started ${due.name}: ${due.command.join(' ')}`)
  const { outcome, detail } = await runToEnd(scheduling, lent)
  // What was started by hand and stopped by hand is not to be started again by a scheduler.
  const told = isByHand && outcome === 'stopped' ? 'failed' : outcome
  const isKept =
    outcome !== 'lost' && (await sayEnd({ sql, start, leaseSeconds, log }, { outcome: told, detail }))
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  log(`ended ${due.name}: ${outcome} after ${seconds} s${isKept ? '' : ', too late to count'}`)
  return outcome
}

/** The command from its start to its end, whoever ends it. */
async function runToEnd(
  { sql, leaseSeconds, start: startCommand }: Scheduling,
  { start, due, signal, onLine = () => {} }: Lent,
): Promise<{ readonly outcome: Outcome; readonly detail: string }> {
  const tail: string[] = []
  const program = startCommand(due.command, {
    onLine(line) {
      tail.push(line.slice(0, LINE_CHARS_MAX))
      if (tail.length > TAIL_LINES) tail.shift()
      onLine(line)
    },
  })
  const over = new AbortController()
  let why: 'overran' | 'stopped' | 'lost' | undefined
  const stop = (reason: NonNullable<typeof why>) => {
    if (why !== undefined || over.signal.aborted) return
    why = reason
    void program.stop().catch(() => {})
  }
  const limit = due.hoursMax === null ? undefined : longTimer(() => stop('overran'), due.hoursMax * 3_600_000)
  const onStop = () => stop('stopped')
  if (signal.aborted) onStop()
  signal.addEventListener('abort', onStop, { once: true })
  const beating = keepBeating({ sql, start, leaseSeconds }, () => stop('lost'), over.signal)

  const ended = await program.ended.catch((error: unknown) => ({
    code: null,
    signal: said(error),
    stderr: '',
  }))
  over.abort()
  limit?.cancel()
  signal.removeEventListener('abort', onStop)
  await beating

  const outcome = why ?? (ended.code === 0 ? 'done' : 'failed')
  const how = HOW[outcome] ?? (ended.code === null ? `ended by ${ended.signal}` : `exit code ${ended.code}`)
  return { outcome, detail: [...tail, how].join('\n') }
}

/** What is said of an end that the command did not choose. */
const HOW: Partial<Record<Outcome, string>> = {
  overran: 'ended by the scheduler: it ran longer than it may',
  stopped: 'ended with its scheduler',
}

interface Held {
  readonly sql: Sql
  readonly start: Start
  readonly leaseSeconds: number
}

/** Renew the lease until it is over. Gone is it when Postgres says so, or did not answer for as long as it lasts. */
async function keepBeating(
  { sql, start, leaseSeconds }: Held,
  gone: () => void,
  over: AbortSignal,
): Promise<void> {
  let heardAt = performance.now()
  for (;;) {
    await sleep((leaseSeconds * 1000) / BEATS_A_LEASE, over)
    if (over.aborted) return
    const outcome = await within(beatStart(sql, start, leaseSeconds), (leaseSeconds * 1000) / BEATS_A_LEASE)
    if (over.aborted) return
    if (outcome === true) heardAt = performance.now()
    if (outcome === false || performance.now() - heardAt > leaseSeconds * 1000) return gone()
  }
}

/** The answer, or undefined when there is none in time. */
async function within<T>(asked: Promise<T>, ms: number): Promise<T | undefined> {
  const given = new AbortController()
  const answer = asked.catch(() => undefined)
  const first = await Promise.race([answer, sleep(ms, given.signal).then(() => undefined)])
  given.abort()
  return first
}

/** Say how it ended, again and again while Postgres is away, as long as the lease may still be ours; briefly when told to stop. */
async function sayEnd(
  { sql, start, leaseSeconds, log }: Held & { readonly log: Log },
  end: { readonly outcome: Outcome; readonly detail: string },
): Promise<boolean> {
  const patienceMs = end.outcome === 'stopped' ? STOPPED_MS_MAX : leaseSeconds * 1000
  const giveUpAt = performance.now() + patienceMs
  while (performance.now() < giveUpAt) {
    const kept = await within(endStart(sql, start, end), giveUpAt - performance.now())
    if (kept !== undefined) return kept
    log(`cannot say how ${start.name} ended: Postgres does not answer`)
    await sleep(ERROR_PAUSE_MS, new AbortController().signal)
  }
  return false
}

/** A timer of more than 24 days, which `setTimeout` would fire at once. */
function longTimer(deed: () => void, ms: number): { cancel(): void } {
  const TIMER_MS_MAX = 2 ** 31 - 1
  let timer: NodeJS.Timeout
  const wait = (left: number) => {
    timer = setTimeout(
      () => (left > TIMER_MS_MAX ? wait(left - TIMER_MS_MAX) : deed()),
      Math.min(left, TIMER_MS_MAX),
    )
  }
  wait(ms)
  return { cancel: () => clearTimeout(timer) }
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
