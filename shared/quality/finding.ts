/** What the rules of quality say of a run: kept in its state, shown on its page, read by the verdict. */
import type { Box } from '../run.ts'

/** How much a finding weighs: `error` holds the run, `warning` is told, `info` is only counted. */
export type Severity = 'info' | 'warning' | 'error'

/** One rule that found something. */
export interface QualityFinding {
  /** Stable, such as `null-island`; docs/quality.md explains each. */
  readonly code: string
  readonly severity: Severity
  /** The attribute it is about, for rules that look at each apart; else null. */
  readonly attribute: string | null
  /** What was found, without its numbers: `rows lie at 0, 0`. */
  readonly sentence: string
  readonly count: number
  /** Of how many rows. */
  readonly of: number
  /** `count / of`. */
  readonly share: number
  /** The share that was exceeded, or the next one that would be; null for a rule that has none. */
  readonly limit: number | null
  /** Up to three rows, for a person. */
  readonly examples: readonly string[]
}

/** What is known of one attribute. */
export interface AttributeQuality {
  /** Rows that have something in it. */
  readonly filled: number
  /** Different values, within 2 percent. */
  readonly distinct: number
  /** The value that most rows have, where one stands out; `rows` is what was surely counted. */
  readonly top: { readonly value: string; readonly rows: number } | null
}

/** What is known of the rows of a run. */
export interface Quality {
  readonly rows: number
  /** Rows with a place. */
  readonly placed: number
  /** Mapped attributes, and those that have something in them all the same. */
  readonly attributes: Readonly<Record<string, AttributeQuality>>
  /** The box of the middle: all but the outermost half percent of the rows on each side, to 0.01 degrees. */
  readonly middle: Box | null
  /** Worst first. */
  readonly findings: readonly QualityFinding[]
  /** Limits that the source sets itself, by code. */
  readonly limits: Readonly<Record<string, number>>
}
