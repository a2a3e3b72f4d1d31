/**
 * Tasks, runs and results as a model: what the functions of schema `machine` should do, in memory, in plain words.
 *
 * A task is named `tasks <job or set>/<path>`, an item of done or due by the number of its run. No run is reused here.
 */
import * as queue from './model_queue.ts'

/** Which data source a task, and so a run, is for: the name of the task in the queue. */
type TaskName = string

export interface Run {
  readonly id: number
  readonly task: TaskName
  readonly attempt: number
  state: 'open' | 'abandoned' | 'good' | 'bad'
}

/** A run as its worker holds it. */
export interface Held {
  readonly run: number
  readonly receipt: queue.Receipt
}

/** All runs, all that is queued, and which tasks have their result. */
export interface House {
  readonly queue: queue.Queue
  readonly runs: Map<number, Run>
  /** What will be in each item of done: good or bad. */
  readonly results: Map<number, boolean>
  readonly settled: Map<TaskName, boolean>
  /** When lost leases were last looked for, by whomever. */
  sweptAt: number
  /** When looking began again after nobody could for a while. */
  backAt: number
}

export function emptyHouse(): House {
  return {
    queue: queue.emptyQueue(),
    runs: new Map(),
    results: new Map(),
    settled: new Map(),
    sweptAt: -Infinity,
    backAt: -Infinity,
  }
}

/** How long a run may take before its due item is ready. */
export const DUE_AFTER = 3_600 + 300

/** For how long the server has been up, in seconds: longer than some leases and shorter than others. */
export const UPTIME = 1_000

/** Who claims looks for lost leases when nobody has for longer than this. */
const NOBODY_LOOKED = 30

/** Nobody has looked for half a lease, or for so long at least: Postgres was away. */
const AWAY = 60

export function reserve(house: House, held: Held, task: TaskName): void {
  house.runs.set(held.run, { id: held.run, task, attempt: held.receipt.attempt, state: 'open' })
  queue.put(house.queue, {
    name: `due ${held.run}`,
    queue: 'due',
    scheduleAt: house.queue.now + DUE_AFTER,
    maxFailures: 10,
  })
}

export function beat(house: House, { run, receipt }: Held, lease: number): boolean {
  if (!queue.extend(house.queue, receipt, lease)) return false
  const reserved = house.runs.get(run)
  if (reserved?.state === 'abandoned') reserved.state = 'open'
  return true
}

export function handIn(house: House, { run, receipt }: Held, isGood: boolean): boolean {
  if (!queue.finish(house.queue, receipt)) return false
  putDone(house, run, isGood)
  return true
}

export function giveBack(house: House, { run, receipt }: Held): boolean {
  if (!queue.release(house.queue, receipt)) return false
  forgetDue(house, run)
  abandon(house, run)
  return true
}

export function failRun(house: House, { run, receipt }: Held, retryIn: number): string {
  const outcome = queue.fail(house.queue, receipt, retryIn)
  if (outcome === 'retry') {
    forgetDue(house, run)
    abandon(house, run)
  }
  if (outcome === 'dead') putDone(house, run, false)
  return outcome
}

export function settleDone(house: House, receipt: queue.Receipt, run: number): string {
  if (queue.heldBy(house.queue, receipt) === undefined) return 'fenced'
  forgetDue(house, run)
  const isFirst = settle(house, run, house.results.get(run) ?? false)
  queue.finish(house.queue, receipt)
  return isFirst ? 'settled' : 'late'
}

export function settleDue(house: House, receipt: queue.Receipt, run: number): string {
  if (queue.heldBy(house.queue, receipt) === undefined) return 'fenced'
  const isFirst = settle(house, run, false)
  const { task, attempt } = house.runs.get(run)!
  const waiting = house.queue.items.get(task)
  if (!isFirst && waiting?.attempt === attempt && !waiting.isTaken) waiting.worker = null
  queue.finish(house.queue, receipt)
  return isFirst ? 'overdue' : 'already'
}

/** Gives how many leases were lost, and how often it was the last time. */
export function sweep(house: House): { readonly lost: number; readonly dead: number } {
  if (wasAway(house, 0)) return { lost: 0, dead: 0 }
  return sweepLeases(house)
}

/** Whether leases may look lost only because nobody could renew them; what becomes due meanwhile waits too. */
function wasAway(house: House, grace: number): boolean {
  const { sweptAt, queue } = house
  house.sweptAt = queue.now
  if (grace > 0 && sweptAt > -Infinity && sweptAt < queue.now - Math.max(grace / 2, AWAY)) {
    house.backAt = queue.now
    for (const item of queue.items.values()) {
      if (item.queue !== 'due' || item.isTaken) continue
      item.scheduleAt = Math.max(item.scheduleAt ?? 0, queue.now + grace)
    }
    return true
  }
  return house.backAt > queue.now - grace && house.backAt <= queue.now
}

function sweepLeases(house: House): { readonly lost: number; readonly dead: number } {
  const lost = queue.sweep(house.queue)
  for (const { item, isDead } of lost) {
    const runOfItem = Number(item.name.split(' ')[1])
    if (item.queue !== 'tasks') {
      if (isDead) putDone(house, runOfItem, false)
      continue
    }
    const run = [...house.runs.values()].find(
      ({ task, attempt }) => task === item.name && attempt === item.attempt,
    )
    if (run === undefined) continue
    if (isDead) putDone(house, run.id, false)
    else abandon(house, run.id)
  }
  return { lost: lost.length, dead: lost.filter(({ isDead }) => isDead).length }
}

/** What a claim does first; soon after a start of the server it looks and leaves everything. */
export function sweepIfNobodyDoes(house: House, grace: number): { readonly lost: number } {
  if (house.sweptAt >= house.queue.now - NOBODY_LOOKED) return { lost: 0 }
  return wasAway(house, grace) || UPTIME < grace ? { lost: 0 } : sweepLeases(house)
}

/** The first result of a task stays, and ends the task. */
function settle(house: House, id: number, isGood: boolean): boolean {
  const run = house.runs.get(id)
  if (run?.state !== 'open') return false
  run.state = isGood ? 'good' : 'bad'
  if (house.settled.has(run.task)) throw new Error(`a second result of ${run.task}`)
  house.settled.set(run.task, isGood)
  house.queue.items.delete(run.task)
  return true
}

function abandon(house: House, id: number): void {
  const run = house.runs.get(id)
  if (run?.state === 'open') run.state = 'abandoned'
}

function putDone(house: House, run: number, isGood: boolean): void {
  if (house.queue.items.has(`done ${run}`)) return
  house.results.set(run, isGood)
  queue.put(house.queue, { name: `done ${run}`, queue: 'done', maxFailures: 10 })
}

/** Who deals with the item just now may go on. */
function forgetDue(house: House, run: number): void {
  if (house.queue.items.get(`due ${run}`)?.isTaken === false) house.queue.items.delete(`due ${run}`)
}
