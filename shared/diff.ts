/** The difference of a run from the last accepted one, as counts of rows. */
export interface RunDiff {
  /** Rows of the run before, and of this one. */
  readonly before: number
  readonly now: number
  readonly added: number
  readonly removed: number
  /** Rows that are another's successor: `moved` and `edited` together. */
  readonly changed: number
  /** The same attributes at another place. */
  readonly moved: number
  /** Other attributes at the same place. */
  readonly edited: number
  /** Rows with the same content id. */
  readonly unchanged: number
}
