/**
 * The whole at a glance: what an operator asks first, as facts and as tables for a terminal and for a page.
 */
import type { Progress } from './run.ts'
import { ago, counted, duration, grouped } from './text.ts'

/** How much waits in a queue and lane, and for how long. */
export interface QueueLine {
  readonly q_name: string
  readonly lane: number
  readonly waiting: number
  readonly delayed: number
  readonly in_flight: number
  readonly lease_expired: number
  readonly retried: number
  readonly oldest_waiting_s: number
  readonly longest_running_s: number
}

/** A loop that is there, or was not long ago. */
export interface Present {
  readonly worker: string
  readonly loop: string
  readonly workerClass: number
  readonly version: string | null
  readonly state: 'working' | 'idle' | 'draining' | 'silent'
  readonly silentSeconds: number
  readonly upSeconds: number
  readonly runId: number | null
  readonly sourcePath: string | null
  readonly layer: string | null
  readonly name: string | null
  readonly busySeconds: number | null
  readonly progress: Progress | null
}

/** An item that failed as often as it may. */
export interface DeadItem {
  readonly id: string
  readonly queue: string
  readonly attempt: number
  readonly diedAt: Date
  readonly error: string | null
  readonly about: string | null
}

/** A job of which GitHub has yet to hear. */
export interface Unsaid {
  readonly jobId: string
  readonly waitingSeconds: number
  readonly failures: number
  readonly error: string | null
  readonly givenUp: boolean
}

/** Something that is started by the clock. */
export interface Scheduled {
  readonly name: string
  readonly state: string
  readonly outcome: string | null
  /** When it last ended; `outcome` says how. */
  readonly lastEnd: Date | null
  readonly nextStart: Date | null
  /** How often in a row it did not end well. */
  readonly failures: number
}

/** Everything that an operator asks first. */
export interface MachineStatus {
  readonly queues: readonly QueueLine[]
  readonly workers: readonly Present[]
  /** The newest of them. */
  readonly dead: readonly DeadItem[]
  readonly deadCount: number
  readonly unsaid: readonly Unsaid[]
  readonly scheduled: readonly Scheduled[]
  /** When lost leases were last looked for; null when never. */
  readonly sweptAt: Date | null
}

/** A cell of a table, with where it leads on a page. */
export interface Cell {
  readonly text: string
  readonly href?: string
}

/** A table under a heading; a sentence where it has no rows. */
export interface Section {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly empty: string
}

/** Nobody is to be found in it for longer than this: five times the usual pause. */
const SWEEP_LATE_SECONDS = 150

/** The tables, in the order in which they are read when something is wrong. */
export function statusSections(status: MachineStatus, now: Date): Section[] {
  return [
    queuesOf(status),
    workersOf(status),
    deadOf(status, now),
    outboxOf(status),
    scheduledOf(status, now),
  ]
}

/** What is wrong, a sentence each; empty when nothing is. */
export function statusWarnings(status: MachineStatus, now: Date): string[] {
  const { workers, queues, deadCount, sweptAt, unsaid, scheduled } = status
  const silent = workers.filter(({ state }) => state === 'silent')
  const tasks = queues
    .filter(({ q_name }) => q_name === 'tasks')
    .reduce((sum, { waiting }) => sum + waiting, 0)
  const hasWorker = workers.some(({ loop, state }) => loop === 'work' && state !== 'silent')
  const sweptAgo = sweptAt === null ? undefined : (now.getTime() - sweptAt.getTime()) / 1000
  const failing = scheduled.filter(({ failures }) => failures > 0)
  return [
    ...silent.map(({ worker, silentSeconds }) => `${worker} was not heard of for ${duration(silentSeconds)}`),
    ...(tasks > 0 && !hasWorker ? [`${counted(tasks, 'task')} wait, and there is no worker`] : []),
    ...(deadCount > 0
      ? [`${counted(deadCount, 'dead item')}: machine redrive gives them another chance`]
      : []),
    ...(sweptAgo === undefined || sweptAgo > SWEEP_LATE_SECONDS
      ? ['nobody looks for lost leases: is a dequeuer there?']
      : []),
    ...unsaid.filter(({ givenUp }) => givenUp).map(({ jobId }) => `GitHub refuses to hear of job ${jobId}`),
    ...failing.map(
      ({ name, outcome, failures }) => `${name} ended with ${outcome}, ${counted(failures, 'time')} in a row`,
    ),
  ]
}

function queuesOf({ queues }: MachineStatus): Section {
  return {
    title: 'Queues',
    columns: ['queue', 'lane', 'waiting', 'oldest', 'in flight', 'longest', 'later', 'tried again'],
    rows: queues.map((line) => [
      cell(line.q_name),
      cell(`${line.lane}`),
      cell(grouped(line.waiting)),
      cell(line.waiting > 0 ? duration(line.oldest_waiting_s) : '–'),
      cell(grouped(line.in_flight)),
      cell(line.in_flight > 0 ? duration(line.longest_running_s) : '–'),
      cell(grouped(line.delayed)),
      cell(grouped(line.retried)),
    ]),
    empty: 'Nothing waits.',
  }
}

function workersOf({ workers }: MachineStatus): Section {
  return {
    title: 'Workers',
    columns: ['who', 'loop', 'class', 'state', 'does', 'since', 'heard of', 'up'],
    rows: workers.map((one) => [
      cell(one.worker),
      cell(one.loop),
      cell(one.loop === 'work' ? `${one.workerClass}` : '–'),
      cell(one.state),
      one.runId === null ? cell('–') : { text: doingText(one), href: `/runs/${one.runId}` },
      cell(one.busySeconds === null ? '–' : duration(one.busySeconds)),
      cell(`${duration(one.silentSeconds)} ago`),
      cell(duration(one.upSeconds)),
    ]),
    empty: 'Nobody is there.',
  }
}

function doingText({ runId, sourcePath, layer, name, progress }: Present): string {
  const what = `run ${runId} ${sourcePath} ${layer}/${name}`
  return progress === null ? what : `${what}: ${progress.stage}`
}

function deadOf({ dead, deadCount }: MachineStatus, now: Date): Section {
  const more = deadCount > dead.length ? `, the newest ${dead.length} of ${grouped(deadCount)}` : ''
  return {
    title: `Dead items${more}`,
    columns: ['item', 'queue', 'about', 'tries', 'died', 'error'],
    rows: dead.map(({ id, queue, about, attempt, diedAt, error }) => [
      cell(id),
      cell(queue),
      cell(about ?? '–'),
      cell(`${attempt}`),
      cell(ago(diedAt, now)),
      cell(error ?? '–'),
    ]),
    empty: 'None: everything could be dealt with.',
  }
}

function outboxOf({ unsaid }: MachineStatus): Section {
  return {
    title: 'What GitHub has yet to hear',
    columns: ['job', 'for', 'failures', 'given up', 'error'],
    rows: unsaid.map(({ jobId, waitingSeconds, failures, givenUp, error }) => [
      { text: jobId, href: `/jobs/${jobId}` },
      cell(duration(waitingSeconds)),
      cell(`${failures}`),
      cell(givenUp ? 'yes' : 'no'),
      cell(error ?? '–'),
    ]),
    empty: 'Nothing: it has heard everything.',
  }
}

function scheduledOf({ scheduled }: MachineStatus, now: Date): Section {
  return {
    title: 'Schedule',
    columns: ['what', 'state', 'ended last', 'with', 'failures in a row', 'next'],
    rows: scheduled.map(({ name, state, lastEnd, outcome, failures, nextStart }) => [
      cell(name),
      cell(state),
      cell(lastEnd === null ? 'never' : ago(lastEnd, now)),
      cell(outcome ?? '–'),
      cell(`${failures}`),
      cell(nextStart === null ? '–' : nextStart.toISOString().slice(0, 16).replace('T', ' ')),
    ]),
    empty: 'Nothing is started by the clock.',
  }
}

function cell(text: string): Cell {
  return { text }
}
