/**
 * Pages, in the order of their windows, as fast as the server bears it.
 *
 * A few are asked for at once. A failure makes the pace slower: one page at a time, a wait that grows,
 * after a few failures smaller pages; success makes it faster again, step by step.
 */
import { SourceError } from '../../shared/problem.ts'
import { sleep } from '../system/drain.ts'
import { isObject, type JsonObject, pythonText } from './esri_json.ts'
import { type EsriServer, isHopeless } from './esri_server.ts'
import type { Page, Window } from './esri_window.ts'
import { type Patience, waitAfter } from './retry.ts'

export interface PagesOptions {
  readonly server: EsriServer
  readonly idField: string | undefined
  readonly patience: Patience
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  readonly parallel: number
  readonly pauseMs: number
}

/** What becomes of a window: a page, and windows that take its place. */
interface Outcome {
  readonly page?: Page
  readonly next: readonly Window[]
}

interface Item {
  readonly window: Window
  outcome?: Promise<Outcome>
}

/** How fast we go. */
interface Pace {
  parallel: number
  rowsMax: number
  failuresInARow: number
  successesInARow: number
}

/** A page is tried so often before it is made smaller, and once less after that. */
const TRIES_WHOLE = 3
const TRIES_SMALLER = 2

/** Enough to come from 1,000 rows down to one; a server that bears not even that is down. */
const FAILURES_IN_A_ROW_MAX = 12

/** After so many pages without a failure we go faster. */
const FASTER_AFTER = 10

/** Read all windows. The pages come in order, each window's rest behind it. */
export async function* readPages(windows: Iterable<Window>, options: PagesOptions): AsyncGenerator<Page> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const pace: Pace = {
    parallel: options.parallel,
    rowsMax: Number.POSITIVE_INFINITY,
    failuresInARow: 0,
    successesInARow: 0,
  }
  const coming = windows[Symbol.iterator]()
  const items: Item[] = []
  try {
    for (;;) {
      fill(items, coming, pace.parallel)
      for (const item of items.slice(0, pace.parallel)) {
        item.outcome ??= heard(readWindow(item.window, pace, { ...options, signal }))
      }
      const first = items.shift()?.outcome
      if (first === undefined) return

      const { page, next } = await first
      items.unshift(...next.map((window) => ({ window })))
      if (page !== undefined) yield page
    }
  } finally {
    stop.abort()
    await Promise.allSettled(items.map(({ outcome }) => outcome))
  }
}

function fill(items: Item[], coming: Iterator<Window>, size: number): void {
  while (items.length < size) {
    const next = coming.next()
    if (next.done) return
    items.push({ window: next.value })
  }
}

/** A failure is seen when it is its turn; until then it must not count as unheard. */
function heard(outcome: Promise<Outcome>): Promise<Outcome> {
  outcome.catch(() => {})
  return outcome
}

async function readWindow(window: Window, pace: Pace, options: PagesOptions): Promise<Outcome> {
  const parts = window.parts()
  if (window.rows > pace.rowsMax && parts.length > 0) return { next: parts }

  const triesMax = Number.isFinite(pace.rowsMax) ? TRIES_SMALLER : TRIES_WHOLE
  for (let failures = 1; ; failures++) {
    try {
      const page = pageOf(await options.server.query(window.query, options.signal), options.idField)
      faster(pace, options.parallel)
      if (options.pauseMs > 0) await sleep(options.pauseMs, options.signal)
      return { page, next: window.rest(page) }
    } catch (error) {
      options.signal.throwIfAborted()
      slower(pace)
      if (!(error instanceof SourceError) || isHopeless(error)) throw error
      if (pace.failuresInARow >= FAILURES_IN_A_ROW_MAX) throw error
      await waitAfter(error, pace.failuresInARow, options)
      if (failures < triesMax || parts.length === 0) continue

      pace.rowsMax = Math.max(...parts.map(({ rows }) => rows))
      options.log(`asking for smaller pages, of ${pace.rowsMax} rows at most`)
      return { next: parts }
    }
  }
}

function slower(pace: Pace): void {
  pace.failuresInARow++
  pace.successesInARow = 0
  pace.parallel = 1
}

function faster(pace: Pace, parallelMax: number): void {
  pace.failuresInARow = 0
  pace.successesInARow++
  if (pace.successesInARow % FASTER_AFTER !== 0) return
  pace.parallel = Math.min(parallelMax, pace.parallel + 1)
  pace.rowsMax *= 2
}

function pageOf(json: JsonObject, idField: string | undefined): Page {
  const { features } = json
  if (!Array.isArray(features)) throw new SourceError('download-failed', 'a page without features came')
  const objects = features.filter(isObject)
  return {
    features: objects,
    isExceeded: isExceeded(json) || (isObject(json['properties']) && isExceeded(json['properties'])),
    ids: idField === undefined ? [] : objects.map((feature) => idOf(feature, idField)),
  }
}

function isExceeded(json: JsonObject): boolean {
  return json['exceededTransferLimit'] === true
}

/** The object id of a feature as text; `''` for none. Some servers write the field in another case. */
function idOf({ attributes }: JsonObject, field: string): string {
  if (!isObject(attributes)) return ''
  if (field in attributes) return pythonText(attributes[field])
  const other = Object.keys(attributes).find((name) => name.toLowerCase() === field.toLowerCase())
  return other === undefined ? '' : pythonText(attributes[other])
}
