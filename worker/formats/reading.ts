/**
 * A reading: one file of data, read from its first record to its last.
 *
 * A reader gives features in the order of the file, in batches, so that a file of any size passes
 * through the same small memory. Geometry is lon, lat in EPSG:4326 and otherwise as it was: points on
 * surface and the text that goes into the hash are made by those who use the features.
 */
import type { Feature } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'

export interface Reading {
  /** The file of data; a folder for a file geodatabase. */
  readonly path: string
  readonly conform: Conform
  /** The file is what our own ESRI client wrote: a CSV with WKT in `oa:geom`. */
  readonly isEsri: boolean
  readonly log: (line: string) => void
  readonly signal: AbortSignal
  /** Told of each row that is dropped or loses its place; counted by the caller. */
  readonly onBadRow: OnBadRow
}

/**
 * @param reason  the same words for the same fault, so that they can be counted
 * @param fate    `displaced` when the row is still given, without its place; `dropped` when it is not given at all
 */
export type OnBadRow = (reason: string, example: string, fate: 'dropped' | 'displaced') => void

/** One format: gives features in batches. */
export type Reader = (reading: Reading) => AsyncGenerator<Feature[]>

/** Large enough that a batch costs nothing beside its rows, small enough to forget. */
export const BATCH_ROWS = 1_000

/** As much of a bad row as a person needs to find it. */
const EXAMPLE_CHARS_MAX = 200

/** The first part of something long, for the example of a bad row. */
export function shortened(text: string): string {
  return text.length <= EXAMPLE_CHARS_MAX ? text : `${text.slice(0, EXAMPLE_CHARS_MAX)}…`
}

/** So many names in a sentence, and so much of one: a file that is no table may have a megabyte for a heading. */
const NAMES_MAX = 100
const NAME_CHARS_MAX = 100

/** Some of many names, for a sentence. */
export function named(names: readonly string[]): string {
  const shown = names
    .slice(0, NAMES_MAX)
    .map((name) => (name.length > NAME_CHARS_MAX ? `${name.slice(0, NAME_CHARS_MAX)}…` : name))
    .join(', ')
  const more = names.length - NAMES_MAX
  return more > 0 ? `${shown} and ${more} more` : shown
}
