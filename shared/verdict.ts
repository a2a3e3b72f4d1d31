/**
 * A verdict: whether the result of a run counts.
 *
 *     (numbers of the run, numbers of the last accepted run, rules) → accept | hold | fail
 *
 * A hold is no judgement of the source: it says that these numbers should be looked at by a person before
 * anybody builds on them. What is done about it stands in sql/functions; here it is only decided.
 */
import type { Quality, QualityFinding } from './quality/finding.ts'
import type { Box } from './run.ts'
import { grouped, percent } from './text.ts'
import { compareFields, type Field } from './verdict_fields.ts'

/** What of a run is judged. */
export interface Judged {
  readonly ok: boolean
  readonly skipped: boolean
  /** Rows written. */
  readonly rows: number
  /** Null where an older version of Machine counted nothing. */
  readonly quality: Quality | null
  /** Of everything written; null where nothing has a place. */
  readonly bounds: Box | null
}

/** The last accepted run of the same data source. */
export interface Accepted extends Omit<Judged, 'ok' | 'skipped'> {
  readonly runId: number
}

/** When a change is too large to be believed. Shares from 0 to 1. */
export interface VerdictRules {
  /** Rows may become fewer by so much. */
  readonly rowsFellMax: number
  /** What a layer is about (number, street, pid, name) may be missing from so many more rows. */
  readonly attributeFellMax: number
  /** Of the rows that had an attribute, so many must have it still; else it counts as lost. */
  readonly attributeKeptMin: number
  /** So much of the two boxes together must be in both. */
  readonly boundsSharedMin: number
}

/** Why each is what it is stands in docs/quality.md. */
export const VERDICT_RULES: VerdictRules = {
  rowsFellMax: 0.1,
  attributeFellMax: 0.1,
  attributeKeptMin: 0.1,
  boundsSharedMin: 0.5,
}

/** What a run can be held for. */
export type ReasonCode = 'rows-fell' | 'attribute-lost' | 'attribute-fell' | 'bounds-moved' | 'quality-limit'

/** One reason to hold a run. */
export interface Reason {
  readonly code: ReasonCode
  /** What it is about: `rows`, an attribute, `bounds`, or the code of a quality rule. */
  readonly field: string
  readonly before: number | Box | null
  readonly now: number | Box | null
  /** A share from 0 to 1. */
  readonly limit: number
  readonly sentence: string
}

/** What was decided, with the numbers that it was decided by. */
export interface Verdict {
  readonly verdict: 'accept' | 'hold' | 'fail'
  /** The run compared with; null where there is none, which the note says. */
  readonly against: number | null
  readonly reasons: readonly Reason[]
  readonly fields: readonly Field[]
  /** What could not be compared, and why; null when everything was. */
  readonly note: string | null
}

const NOTES = {
  first: 'There is no accepted run before this one: nothing to compare with.',
  uncounted: 'The run before was made by a Machine that did not count attributes: only rows are compared.',
  skipped: 'The source says to skip it: there is no data to judge.',
  failed: 'The run failed: there is no data to judge.',
} as const

/** Attributes without which a row of its layer is of little use. */
const ESSENTIAL: readonly string[] = ['number', 'street', 'pid', 'name']

/** Fewer rows than this with an attribute are an accident, not an attribute. */
const ATTRIBUTE_SHARE_MIN = 0.01

/** Boxes smaller than this (1 km) grow to it before they are compared: a hamlet may double. */
const BOX_DEGREES_MIN = 0.01

/** Decide about a run. */
export function judge(run: Judged, before: Accepted | null, rules: VerdictRules = VERDICT_RULES): Verdict {
  const nothing = { against: null, reasons: [], fields: [] }
  if (!run.ok) return { verdict: 'fail', ...nothing, note: NOTES.failed }
  if (run.skipped) return { verdict: 'accept', ...nothing, note: NOTES.skipped }

  const own = withLimits(rules, run.quality?.limits ?? {})
  const reasons = [...(before === null ? [] : compared(run, before, own)), ...broken(run, before)]
  return {
    verdict: reasons.length > 0 ? 'hold' : 'accept',
    against: before?.runId ?? null,
    reasons,
    fields: compareFields(run, before),
    note: noteOf(before),
  }
}

/** What a source says of itself goes before what is said of all. */
function withLimits(rules: VerdictRules, limits: Quality['limits']): VerdictRules {
  const { 'rows-fell': rows, 'attribute-fell': fell, 'attribute-lost': lost, 'bounds-moved': moved } = limits
  return {
    rowsFellMax: rows ?? rules.rowsFellMax,
    attributeFellMax: fell ?? rules.attributeFellMax,
    attributeKeptMin: lost === undefined ? rules.attributeKeptMin : 1 - lost,
    boundsSharedMin: moved === undefined ? rules.boundsSharedMin : 1 - moved,
  }
}

function noteOf(before: Accepted | null): string | null {
  if (before === null) return NOTES.first
  return before.quality === null ? NOTES.uncounted : null
}

function compared(run: Judged, before: Accepted, rules: VerdictRules): Reason[] {
  const fell = rowsFell(run.rows, before.rows, rules.rowsFellMax)
  const moved = boundsMoved(run, before, rules.boundsSharedMin)
  return [fell, ...attributesLost(run, before, rules), moved].filter((reason) => reason !== undefined)
}

function rowsFell(now: number, before: number, limit: number): Reason | undefined {
  if (before - now <= limit * before) return undefined
  const sentence = `rows fell from ${grouped(before)} to ${grouped(now)} (${percent(now / before - 1)}, limit ${percent(limit)})`
  return { code: 'rows-fell', field: 'rows', before, now, limit, sentence }
}

/** By shares of the rows, so that what follows from fewer rows is not said twice. */
function attributesLost(run: Judged, before: Accepted, rules: VerdictRules): Reason[] {
  if (run.quality === null || before.quality === null) return []
  const now = run.quality.attributes
  return Object.entries(before.quality.attributes).flatMap(([field, { filled }]) => {
    const was = filled / before.rows
    const is = (now[field]?.filled ?? 0) / run.rows
    if (was < ATTRIBUTE_SHARE_MIN) return []
    const isLost = is < rules.attributeKeptMin * was
    const hasFallen = ESSENTIAL.includes(field) && was - is > rules.attributeFellMax
    if (!isLost && !hasFallen) return []
    const limit = isLost ? 1 - rules.attributeKeptMin : rules.attributeFellMax
    const sentence = `${field} ${isLost ? 'is lost' : 'is missing'}: ${percent(was)} of the rows had it, now ${percent(is)} have`
    const code = isLost ? 'attribute-lost' : 'attribute-fell'
    return [{ code, field, before: filled, now: now[field]?.filled ?? 0, limit, sentence } as const]
  })
}

function boundsMoved(run: Judged, before: Accepted, limit: number): Reason | undefined {
  // The middle of the rows, where both have it: one stray point moves a box, and means nothing.
  const both = run.quality?.middle && before.quality?.middle
  const now = both ? run.quality.middle : run.bounds
  const was = both ? before.quality?.middle : before.bounds
  if (!was || limit <= 0) return undefined
  const shared = now ? sharedPart(was, now) : 0
  if (shared >= limit) return undefined
  const sentence = now
    ? `the rows have moved: ${boxText(was)} before, ${boxText(now)} now, ${percent(shared)} of it in both (limit ${percent(limit)})`
    : `no row has a place any more; before they were within ${boxText(was)}`
  return { code: 'bounds-moved', field: 'bounds', before: was, now, limit, sentence }
}

/** Rules of error severity, but for what was accepted before and is no worse. */
function broken(run: Judged, before: Accepted | null): Reason[] {
  const known = before?.quality?.findings ?? []
  const errors = (run.quality?.findings ?? []).filter(({ severity }) => severity === 'error')
  return errors
    .map((finding) => ({ finding, was: known.find((one) => isSame(one, finding)) }))
    .filter(({ finding, was }) => was?.severity !== 'error' || finding.share > was.share + WORSE_SHARE)
    .map(({ finding, was }) => ({
      code: 'quality-limit',
      field: finding.attribute === null ? finding.code : `${finding.code}/${finding.attribute}`,
      before: was?.count ?? null,
      now: finding.count,
      limit: finding.limit ?? 0,
      sentence: `${finding.sentence} (${percent(finding.share)}, limit ${percent(finding.limit ?? 0)})`,
    }))
}

/** A known fault may grow by so much of the rows before somebody has to look again. */
const WORSE_SHARE = 0.05

function isSame(one: QualityFinding, other: QualityFinding): boolean {
  return one.code === other.code && one.attribute === other.attribute
}

/** How much of two boxes together is in both. */
function sharedPart(one: Box, other: Box): number {
  const [a, b] = [grown(one), grown(other)]
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  const shared = Math.max(0, width) * Math.max(0, height)
  return shared / (area(a) + area(b) - shared)
}

function grown([west, south, east, north]: Box): Box {
  const x = Math.max(0, BOX_DEGREES_MIN - (east - west)) / 2
  const y = Math.max(0, BOX_DEGREES_MIN - (north - south)) / 2
  return [west - x, south - y, east + x, north + y]
}

function area([west, south, east, north]: Box): number {
  return (east - west) * (north - south)
}

function boxText(box: Box): string {
  return box.map((degrees) => degrees.toFixed(2)).join(', ')
}
