/**
 * The quality of the rows of a run, counted while they are written.
 *
 *     pieces of out.geojson ─► row views ─► rules, columns, middle ─► findings
 *
 * Memory does not grow with the rows. Nothing here judges: what follows from a finding is decided by
 * shared/verdict.ts.
 */
import type { LayerName } from '../layer.ts'
import { openColumnCounts } from './column_counts.ts'
import { type KeySink, keyTeller } from './duplicates.ts'
import type { AttributeQuality, Quality } from './finding.ts'
import { type Examples, examples, type Found, found } from './found.ts'
import { lineReader } from './line_reader.ts'
import { openMiddle } from './middle.ts'
import type { Outline } from './outline.ts'
import { isEmpty, PLACES, type RowView } from './row_view.ts'
import type { RowClass, RowRule, RuleContext } from './rule.ts'
import { RULES } from './rules.ts'

/** What the counting needs to know of a run. */
export interface QualityOptions {
  readonly layer: LayerName
  /** Attributes that the conform maps. */
  readonly mapped: readonly string[]
  /** Of the source's coverage; null where it declares none that is known. */
  readonly outline: Outline | null
  /** Limits of the source itself, by code. */
  readonly limits: Readonly<Record<string, number>>
  /** Takes the key of each row, for the rule about duplicates. */
  readonly sink: KeySink
}

/** Counts rows. */
export interface QualityCounter {
  /** @param bytes whole lines of `out.geojson` */
  see(bytes: Uint8Array): void
  /** @param repeats  rows that were there before, counted by who has the keys */
  finish(repeats: number): Quality
}

/** Nothing counted yet. */
export function openQuality({ layer, mapped, outline, limits, sink }: QualityOptions): QualityCounter {
  const reader = lineReader(layer)
  const { names } = reader.view
  const columns = openColumnCounts(names)
  const middle = openMiddle()
  const context: RuleContext = { layer, names, mapped: new Set(mapped), coverage: outline?.name ?? null }
  const tests = RULES.filter((rule) => rule.kind === 'row').flatMap((rule) => openRule(rule, context))
  const [always, odd, incomplete, marked, misplaced] = CLASSES.map((only) =>
    tests.filter(({ rule }) => rule.only === only),
  ) as [Test[], Test[], Test[], Test[], Test[]]
  const isRepeat = keyTeller(names, sink)
  const repeated = examples()
  let placed = 0

  function see(row: RowView): void {
    if (row.hasPlace) placed += 1
    row.place = outline === null || !row.hasPlace ? PLACES.unknown : placeOfRow(row, outline)
    columns.see(row)
    middle.see(row)
    ask(always, row)
    if (isOdd(row)) ask(odd, row)
    if (isEmpty(row, 0) || (names.length > 1 && isEmpty(row, 1))) ask(incomplete, row)
    if (row.allMarks !== 0) ask(marked, row)
    if (row.place >= PLACES.outside) ask(misplaced, row)
    if (isRepeat(row)) repeated.see(row)
  }

  return {
    see: (bytes) => reader.read(bytes, see),

    finish(repeats): Quality {
      const rows = reader.view.number
      const all: Found[] = RULES.flatMap((rule): Found[] => {
        if (rule.kind === 'repeat')
          return [{ rule, attribute: null, count: repeats, of: rows, shown: repeated.list }]
        if (rule.kind === 'column') {
          return rule.find(context, columns, rows).map(({ example, ...what }) => ({
            rule,
            ...what,
            shown: example === undefined ? [] : [example],
          }))
        }
        const one = tests.find((test) => test.rule === rule)
        if (one === undefined) return []
        return [
          {
            rule,
            attribute: null,
            count: one.count,
            of: rule.of === 'rows' ? rows : placed,
            shown: one.examples.list,
          },
        ]
      })
      const attributes = names.flatMap((name, at): [string, AttributeQuality][] => {
        const filled = columns.filled[at]!
        if (filled === 0 && !context.mapped.has(name)) return []
        return [[name, { filled, distinct: columns.distinct(at), top: columns.top(at) }]]
      })
      return {
        rows,
        placed,
        attributes: Object.fromEntries(attributes),
        middle: middle.box(),
        findings: found(all, limits),
        limits,
      }
    },
  }
}

const CLASSES: readonly (RowClass | undefined)[] = [undefined, 'odd', 'incomplete', 'marked', 'misplaced']

/** Well within the globe, and well away from where zeros lead. */
function isOdd({ hasPlace, west, south, east, north }: RowView): boolean {
  const isOnGlobe = west >= -180 && east <= 180 && south >= -90 && north <= 90
  return !hasPlace || !isOnGlobe || (west < 1 && east > -1)
}

/** A rule at work. */
interface Test {
  readonly rule: RowRule
  readonly test: (row: RowView) => boolean
  readonly examples: Examples
  count: number
}

function ask(tests: readonly Test[], row: RowView): void {
  for (let at = 0; at < tests.length; at++) {
    const one = tests[at]!
    if (!one.test(row)) continue
    one.count += 1
    one.examples.see(row)
  }
}

function openRule(rule: RowRule, context: RuleContext): Test[] {
  const test = rule.open(context)
  return test === undefined ? [] : [{ rule, test, count: 0, examples: examples() }]
}

/** So far from the coverage that it is no slip any more. */
const FAR_DEGREES = 5

function placeOfRow({ west, south, east, north }: RowView, outline: Outline): number {
  const lon = (west + east) / 2
  const lat = (south + north) / 2
  if (outline.isInside(lon, lat)) return PLACES.inside
  // Zeros are not swapped and not far, but missing.
  if (lon === 0 && lat === 0) return PLACES.outside
  if (outline.isInside(lat, lon)) return PLACES.swapped
  const isNear =
    lon > outline.west - FAR_DEGREES &&
    lon < outline.east + FAR_DEGREES &&
    lat > outline.south - FAR_DEGREES &&
    lat < outline.north + FAR_DEGREES
  return isNear ? PLACES.outside : PLACES.far
}
