/**
 * What every output of a run has in common: it is given rows in batches, and tells at the end which
 * files it made of how many rows.
 *
 * An output holds no rows back: what it is given is on its way to the disk when `write` settles, and
 * a slow disk slows the reader. So memory stays the same for a village and for a continent.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { License } from '../../shared/license.ts'
import type { OutFeature } from '../../shared/row.ts'
import type { Artifact } from '../../shared/run.ts'
import type { Drawing } from './preview.ts'

/** One row, conformed. */
export interface OutRow {
  readonly feature: OutFeature
  /** The feature as a line of `out.geojson`, without the newline. */
  readonly line: string
}

/** Rows as they stand in `out.geojson`, of which objects are made only where somebody needs them. */
export interface Lines {
  readonly bytes: Buffer
  readonly count: number
}

/** What an output made. */
export interface Made {
  readonly artifacts: readonly Artifact[]
  /** Rows given to it; the same number for every output of a run. */
  readonly rows: number
}

/** One output of a run. Either `close` or `abandon` ends it. */
export interface Output {
  write(rows: readonly OutRow[]): Promise<void>
  /** The same rows, for an output to which their lines are enough. */
  writeLines?(lines: Lines): Promise<void>
  close(): Promise<Made>
  /** The run fails: stop, and remove what was begun. */
  abandon(): Promise<void>
}

/** What an output may know of the run that it belongs to. */
export interface Leaving {
  /** Where its files go. */
  readonly folder: string
  /** Source base, such as `us/ca/berkeley`. */
  readonly sourceName: string
  readonly layer: string
  readonly website: string | null
  readonly license: License
  readonly now: Date
  /** Begins a picture; what it is made of goes into a file for the time being. */
  readonly draws: (scratch: string) => Drawing
  /** A line for the author of the source. */
  readonly log: (line: string) => void
  /** Ends the programs that an output has started. */
  readonly signal: AbortSignal
}

/** The artifact that a finished file of a run's folder is. */
export async function artifact(folder: string, name: string, type: string): Promise<Artifact> {
  const { size } = await stat(join(folder, name))
  return { name, type, bytes: size }
}

/** The rows that lines stand for. */
export function rowsOf({ bytes }: Lines): OutRow[] {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1)
  return lines.map((line) => ({ line, feature: JSON.parse(line) as OutFeature }))
}
