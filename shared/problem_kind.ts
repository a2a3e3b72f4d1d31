/** What is to be known of a problem, whatever its values; and the wordings that several share. */

/**
 * Whether the house tries again by itself.
 *
 * - `never`: the same would come of it, or somebody decided so
 * - `within-run`: the download has tried several times already, with growing pauses
 * - `another-worker`: once more, on another worker where there is one
 * - `bigger-worker`: again on a worker of a bigger class; where there is none, as `another-worker`
 */
export type RetryRule = 'never' | 'within-run' | 'another-worker' | 'bigger-worker'

/** One row of the table. */
export interface ProblemKind {
  /** Whose fault: the source file's, the world's (a server, a network, its data), or this house's. */
  readonly fault: 'source' | 'world' | 'ours'
  /** Whether the same run may well succeed later, unchanged. */
  readonly transient: boolean
  readonly retry: RetryRule
  /** What went wrong, without values; the detail follows it after a colon. */
  readonly sentence: string
  /** What the reader can do about it. */
  readonly advice: string
  /** The wording of the original's "source problem"; null where it had no word for it. */
  readonly was: string | null
}

/** The original's word for everything on the way from a server. */
export const NO_DOWNLOAD = 'Could not download source data'

/** The original's word for everything between a download and its rows. */
export const NO_CONFORM = 'Could not conform source data'
