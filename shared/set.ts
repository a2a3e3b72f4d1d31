/**
 * A set: the runs of one batch over a whole repository.
 *
 * Here is what is decided about one: which data sources its files have, in which order they are released, and how long
 * the rest will take.
 */
import { dataSources, readSource } from './source.ts'

/** One data source of a file. */
export interface Entry {
  readonly layer: string
  readonly name: string
}

/** Layer and name of each data source of a file, each once; or one sentence that says why the file is no source. */
export function entriesOf(bytes: Uint8Array): readonly Entry[] | string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    const entries = new Map(
      dataSources(readSource(text)).map(({ layer, name }) => [`${layer}/${name}`, { layer, name }] as const),
    )
    return entries.size > 0 ? [...entries.values()] : 'it has no data source in any layer'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** What is put in order: a data source, and how long its last real run took; null when there was none. */
export interface Expected {
  readonly source_path: string
  readonly layer: string
  readonly name: string
  readonly expected_seconds: number | null
}

/**
 * Longest known run first, so that the last hours of a set do not wait for one that began late. Before them what was
 * never run: it may be longer than any. Otherwise by name, so that two sets of one commit have one order.
 */
export function inOrderOfRelease<S extends Expected>(sources: readonly S[]): S[] {
  const seconds = (source: S) => source.expected_seconds ?? Number.POSITIVE_INFINITY
  return [...sources].sort(
    (a, b) =>
      compare(seconds(b), seconds(a)) ||
      compare(a.source_path, b.source_path) ||
      compare(a.layer, b.layer) ||
      compare(a.name, b.name),
  )
}

/** By code point, whatever the language of the computer. */
function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** How far a set is. */
export interface SetCounts {
  readonly sources: number
  readonly good: number
  readonly failed: number
  /** Of the good: those whose result was taken from an earlier run. */
  readonly reused: number
  /** Of the good: those that say to skip. */
  readonly skipped: number
  /** A worker has it now. */
  readonly running: number
  /** In the queue, and nobody has it yet. */
  readonly queued: number
  /** Not yet given to the queue. */
  readonly parked: number
  /** Seconds that the settled were expected to take, where that was known. */
  readonly expectedDone: number
  /** Seconds that the others are expected to take, where that is known. */
  readonly expectedOpen: number
}

/** Fewer settled data sources than this say nothing about the rest. */
const SETTLED_MIN = 5

/**
 * Seconds that the rest will take at the pace so far; undefined while nothing can be said.
 *
 * By the seconds that were expected of each, where they are known: the long ones come first, and by their number alone
 * the end would seem days away. @param seconds  how long the set has gone on, without pauses
 */
export function secondsLeft(counts: SetCounts, seconds: number): number | undefined {
  const settled = counts.good + counts.failed
  const open = counts.sources - settled
  if (open === 0) return 0
  if (settled < SETTLED_MIN || seconds <= 0) return undefined
  if (counts.expectedDone > 0 && counts.expectedOpen > 0)
    return (seconds * counts.expectedOpen) / counts.expectedDone
  return (seconds * open) / settled
}
