/**
 * A run: one data source, processed once.
 *
 * A run is reserved when a worker takes its task, and settled once: good (`true`), failed (`false`,
 * always with a problem), or given up by its worker (abandoned; another attempt has its own run).
 * Keys of the state keep the spelling of the original's `index.json`.
 */
import type { Problem, ProblemCode } from './problem.ts'
import type { Quality } from './quality/finding.ts'

/** West, south, east, north. */
export type Box = readonly [number, number, number, number]

/** What a run leaves behind, as the original wrote it, plus what data sources and layers need. */
export interface RunState {
  /** Base name of the source file: `berkeley.json`. */
  source: string
  layer: string
  name: string
  skipped: boolean
  /** The data as it was downloaded: a file name in the run's folder, later its URL. */
  cache: string | null
  sample: string | null
  website: string | null
  license: string | null
  'geometry type': string | null
  /** Rows written, for layer addresses; the same number as `feat count`. */
  'address count': number | null
  'feat count': number | null
  version: string | null
  /** MD5 of the data as downloaded, in hex. */
  fingerprint: string | null
  /** By what the server knows the data again, as it said it; null where it says nothing of the kind. */
  etag: string | null
  'last modified': string | null
  /** `H:MM:SS.ffffff` */
  'cache time': string | null
  processed: string | null
  'process time': string | null
  /** MD5 of the processed zip, in hex. */
  'process hash': string | null
  output: string | null
  preview: string | null
  slippymap: string | null
  pmtiles: string | null
  'attribution required': 'true' | 'false' | ''
  'attribution name': string | null
  'share-alike': 'true' | 'false' | ''
  /** The original's wording, or null. */
  'source problem': string | null
  'code version': string
  'tests passed': boolean | null
  /** Code of the problem, as in problem_table.ts; null for a run that has none. */
  'problem code': ProblemCode | null
  /** The sentence for it, with its values. */
  'problem sentence': string | null
  /** What the rules of quality counted; null where no rows were written. */
  quality: Quality | null
}

/** One file that a run left, to be published under `runs/<run id>/<name>`. */
export interface Artifact {
  /** File name inside the run's folder, and last part of its key. */
  readonly name: string
  /** Content type, such as `application/geo+json`. */
  readonly type: string
  readonly bytes: number
  /** Rows that it was made of; absent for what is not made of rows. */
  readonly rows?: number
  /** SHA-256 of its content, in hex, once it is published; runs of before products have none. */
  readonly sha256?: string
}

/** What an earlier run of the same data source, with the same source file and code, had for data. */
export interface Earlier {
  /** MD5 of the data, in hex. */
  readonly fingerprint?: string
  /** As the server said them. */
  readonly etag?: string
  readonly lastModified?: string
}

/** What `process-one` hands to whoever started it. */
export interface RunResult {
  readonly ok: boolean
  readonly problem: Problem | null
  /** The data is that of the earlier run, so that nothing was made of it; absent where it is not. */
  readonly unchanged?: true
  readonly state: RunState
  /** A header and up to five rows. */
  readonly sample: readonly (readonly string[])[] | null
  readonly artifacts: readonly Artifact[]
  /** Outputs that were asked for and could not be made, such as `slippymap`; the log says why. Absent where there are none. */
  readonly missing?: readonly string[]
  /** Rows read, written, and left out with the reason and how often. */
  readonly rows: { readonly read: number; readonly written: number; readonly dropped: Record<string, number> }
  /** Written rows that have something in each attribute; absent where no row was conformed. */
  readonly filled?: Readonly<Record<string, number>>
  /** Bounding box of what was written: west, south, east, north; null where nothing has a place. */
  readonly bounds: Box | null
  readonly seconds: { readonly cache: number; readonly process: number }
}

/** Where a run stands, told every second or so while it works. */
export interface Progress {
  readonly stage: 'download' | 'unpack' | 'conform' | 'outputs' | 'publish'
  /** Downloaded so far. */
  readonly bytes?: number
  /** As the server said it; absent where it did not. */
  readonly bytesTotal?: number
  /** Written so far. */
  readonly rows?: number
  readonly rowsPerSecond?: number
}

/** A line that the child process writes on its standard output with `--json`. */
export type ChildLine = { readonly progress: Progress } | { readonly result: RunResult }
