/** From counts to findings: how much each weighs, by the limits of its rule or of the source. */
import type { QualityFinding, Severity } from './finding.ts'
import { exampleOf, type RowView } from './row_view.ts'
import type { Limits, Rule } from './rule.ts'

/** What one rule counted. */
export interface Found {
  readonly rule: Rule
  readonly attribute: string | null
  readonly count: number
  readonly of: number
  readonly shown: readonly string[]
}

/** As many rows are shown for each rule. */
const EXAMPLES_MAX = 3

/** The first few rows that break a rule. */
export interface Examples {
  readonly list: readonly string[]
  see(row: RowView): void
}

/** None yet. */
export function examples(): Examples {
  const list: string[] = []
  return {
    list,
    see(row): void {
      if (list.length < EXAMPLES_MAX) list.push(exampleOf(row))
    },
  }
}

/** Findings of what was counted, worst first; what was counted zero times is none. */
export function found(all: readonly Found[], own: Readonly<Record<string, number>>): QualityFinding[] {
  return all
    .filter(({ rule, count }) => count > 0 && (rule.kind !== 'column' || isTold(rule.limits, count)))
    .map((one) => findingOf(one, limitsOf(one.rule, own[one.rule.code])))
    .filter(({ code, severity }) => code !== 'repeated-value' || severity !== 'info')
    .sort((one, other) => weight(other.severity) - weight(one.severity) || other.share - one.share)
}

function isTold({ warning = 0 }: Limits, count: number): boolean {
  return count > 0 && warning >= 0
}

/** A limit of the source is the one that holds; told is what is above it, or above the rule's own. */
function limitsOf({ limits }: Rule, own: number | undefined): Limits {
  if (own === undefined) return limits
  return { error: own, warning: Math.min(own, limits.warning ?? own) }
}

function findingOf({ rule, attribute, count, of, shown }: Found, { warning, error }: Limits): QualityFinding {
  const share = of === 0 ? 0 : count / of
  const severity: Severity =
    error !== undefined && share > error
      ? 'error'
      : warning !== undefined && share > warning
        ? 'warning'
        : 'info'
  const limit = severity === 'error' ? error : severity === 'warning' ? warning : (warning ?? error)
  const { code, sentence } = rule
  return { code, severity, attribute, sentence, count, of, share, limit: limit ?? null, examples: shown }
}

function weight(severity: Severity): number {
  return severity === 'error' ? 2 : severity === 'warning' ? 1 : 0
}
