/** What a rule of quality is: one way in which rows can look right and be wrong. */
import type { LayerName } from '../layer.ts'
import type { ColumnCounts } from './column_counts.ts'
import type { RowView } from './row_view.ts'

/** When the share of rows that break a rule is told, and when it holds the run; from 0 to 1. */
export interface Limits {
  readonly warning?: number
  readonly error?: number
}

/** What a rule may know of a run. */
export interface RuleContext {
  readonly layer: LayerName
  readonly names: readonly string[]
  /** Attributes that the conform maps. */
  readonly mapped: ReadonlySet<string>
  /** The outline of the coverage, in words, such as `Oregon`; null where the source declares none that is known. */
  readonly coverage: string | null
}

interface AnyRule {
  /** Stable; a code never changes its meaning. */
  readonly code: string
  /** What was found, as the end of a sentence that begins with a number. */
  readonly sentence: string
  readonly limits: Limits
  /** Why the limits are what they are. */
  readonly reason: string
}

/**
 * Rows that may break a rule, told at one look: with a mark in a value; outside the coverage; without a place, beyond
 * the globe or near 0, 0; without its first or second attribute.
 */
export type RowClass = 'marked' | 'misplaced' | 'odd' | 'incomplete'

/** A rule about single rows. */
export interface RowRule extends AnyRule {
  readonly kind: 'row'
  /** Of which rows the share is. */
  readonly of: 'rows' | 'placed'
  /** Rows that are tested at all, because a test has its price; absent tests every row. */
  readonly only?: RowClass
  /** A test that is true for rows that break the rule; undefined where the rule says nothing about this run. */
  readonly open: (context: RuleContext) => ((row: RowView) => boolean) | undefined
}

/** What a rule found about a column. */
export interface ColumnFound {
  readonly attribute: string
  readonly count: number
  readonly of: number
  readonly example?: string
}

/** A rule about an attribute as a whole, when all rows were seen. */
export interface ColumnRule extends AnyRule {
  readonly kind: 'column'
  readonly find: (context: RuleContext, counts: ColumnCounts, rows: number) => readonly ColumnFound[]
}

/** The rule about rows that are the same, which needs more than one look: duplicates.ts. */
export interface RepeatRule extends AnyRule {
  readonly kind: 'repeat'
}

/** Any rule. */
export type Rule = RowRule | ColumnRule | RepeatRule

/** Where an attribute stands in a layer; undefined where the layer has none of that name. */
export function placeOf(names: readonly string[], name: string): number | undefined {
  const at = names.indexOf(name)
  return at < 0 ? undefined : at
}
