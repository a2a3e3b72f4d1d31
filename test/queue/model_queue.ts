/**
 * The queue as a model: what sql/functions/queue_*.sql should do, in memory, in plain words.
 *
 * Times are seconds after noon. An item's name is whatever tells it apart; `seq` is the order in which they were put.
 */

/** A row of queue.items. */
export interface Item {
  readonly name: string
  readonly queue: string
  readonly seq: number
  readonly lane: number
  readonly key: string | null
  readonly enqueuedAt: number
  readonly expectedAt: number | null
  readonly maxFailures: number
  scheduleAt: number | null
  attempt: number
  failures: number
  isTaken: boolean
  leaseUntil: number | null
  worker: string | null
}

/** A name and an attempt: the receipt of a claim. */
export interface Receipt {
  readonly name: string
  readonly attempt: number
}

/** All items, what time it is, and the names of the dead. */
export interface Queue {
  now: number
  seq: number
  readonly items: Map<string, Item>
  readonly dead: string[]
}

export function emptyQueue(): Queue {
  return { now: 0, seq: 0, items: new Map(), dead: [] }
}

/** Whether an item with this key is in the queue. */
export function hasKey(model: Queue, queue: string, key: string | null): boolean {
  return key !== null && [...model.items.values()].some((item) => item.queue === queue && item.key === key)
}

export function put(model: Queue, item: Pick<Item, 'name' | 'queue'> & Partial<Item>): void {
  model.seq += 1
  model.items.set(item.name, {
    seq: model.seq,
    lane: 5,
    key: null,
    enqueuedAt: model.now,
    expectedAt: null,
    scheduleAt: null,
    maxFailures: 3,
    attempt: 0,
    failures: 0,
    isTaken: false,
    leaseUntil: null,
    worker: null,
    ...item,
  })
}

/** Where an item stands within its lane. */
export function orderAt({ expectedAt, scheduleAt, enqueuedAt }: Item): number {
  return expectedAt ?? scheduleAt ?? enqueuedAt
}

/** What may be taken now, in order. */
export function readyItems(model: Queue, queue: string, laneMax: number): Item[] {
  return [...model.items.values()]
    .filter((item) => item.queue === queue && !item.isTaken && item.lane <= laneMax)
    .filter(({ scheduleAt }) => scheduleAt === null || scheduleAt <= model.now)
    .sort((a, b) => a.lane - b.lane || orderAt(a) - orderAt(b) || a.seq - b.seq)
}

/** Lend an item. */
export function lend(model: Queue, item: Item, worker: string, lease: number): Receipt {
  item.attempt += 1
  item.isTaken = true
  item.leaseUntil = model.now + lease
  item.worker = worker
  return { name: item.name, attempt: item.attempt }
}

/** The item of a receipt, when it is on loan by this receipt. */
export function heldBy(model: Queue, { name, attempt }: Receipt): Item | undefined {
  const item = model.items.get(name)
  return item?.attempt === attempt && item.leaseUntil !== null ? item : undefined
}

export function extend(model: Queue, { name, attempt }: Receipt, lease: number): boolean {
  const item = model.items.get(name)
  if (item?.attempt !== attempt || item.worker === null) return false
  if (item.isTaken && item.leaseUntil === null) return false
  if (!item.isTaken) item.failures -= 1
  item.isTaken = true
  item.leaseUntil = model.now + lease
  return true
}

export function finish(model: Queue, receipt: Receipt): boolean {
  const item = heldBy(model, receipt)
  return item !== undefined && model.items.delete(item.name)
}

export function fail(model: Queue, receipt: Receipt, retryIn: number): 'fenced' | 'dead' | 'retry' {
  const item = heldBy(model, receipt)
  if (item === undefined) return 'fenced'
  if (countFailure(model, item) === 'dead') return 'dead'
  item.worker = null
  item.scheduleAt = model.now + retryIn
  return 'retry'
}

export function release(model: Queue, receipt: Receipt): boolean {
  const item = heldBy(model, receipt)
  if (item === undefined) return false
  item.isTaken = false
  item.leaseUntil = null
  item.worker = null
  return true
}

/** Bring back what is on loan for too long, or bury it. Gives what was lost, with its attempt. */
export function sweep(model: Queue): { readonly item: Item; readonly isDead: boolean }[] {
  return [...model.items.values()]
    .filter(({ leaseUntil }) => leaseUntil !== null && leaseUntil < model.now)
    .map((item) => ({ item, isDead: countFailure(model, item) === 'dead' }))
}

function countFailure(model: Queue, item: Item): 'dead' | 'retry' {
  item.failures += 1
  item.isTaken = false
  item.leaseUntil = null
  if (item.failures < item.maxFailures) return 'retry'
  model.items.delete(item.name)
  model.dead.push(item.name)
  return 'dead'
}

/** What can be seen of a model, to compare with the table. */
export function seen(model: Queue): object[] {
  return byName(
    [...model.items.values()].map(({ name, attempt, failures, isTaken, leaseUntil, worker }) => ({
      name,
      attempt,
      failures,
      isTaken,
      leaseUntil,
      worker,
    })),
  )
}

export function byName<T extends { readonly name: string }>(rows: readonly T[]): T[] {
  return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
