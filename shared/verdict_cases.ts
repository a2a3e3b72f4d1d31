/** Pairs of runs with the decision about the second: rows and attributes; bounds and rules are in verdict_bounds_cases.ts. */
import type { Quality, QualityFinding, Severity } from './quality/finding.ts'
import type { Box } from './run.ts'
import type { Accepted, Judged, VerdictRules } from './verdict.ts'

/** The bounds that runs have unless said otherwise. */
export const HOME: Box = [-122.5, 45.4, -122.3, 45.6]

/** What the runs of a case differ in. */
export interface Numbers {
  readonly rows?: number
  /** Rows that have each attribute; number and street in all rows unless said otherwise. */
  readonly filled?: Readonly<Record<string, number>>
  readonly bounds?: Box | null
  readonly middle?: Box | null
  readonly findings?: readonly QualityFinding[]
  readonly limits?: Readonly<Record<string, number>>
  /** Made by a Machine that did not count. */
  readonly uncounted?: true
  readonly ok?: false
  readonly skipped?: true
}

function quality({ rows = 1000, filled = {}, bounds = HOME, ...more }: Numbers): Quality {
  const counts = { number: rows, street: rows, ...filled }
  const attributes = Object.entries(counts).map(([name, filled]) => [
    name,
    { filled, distinct: 1, top: null },
  ])
  return {
    rows,
    placed: rows,
    attributes: Object.fromEntries(attributes),
    middle: more.middle === undefined ? bounds : more.middle,
    findings: more.findings ?? [],
    limits: more.limits ?? {},
  }
}

/** A run with these numbers. */
export function run(numbers: Numbers): Judged {
  const { rows = 1000, bounds = HOME, ok = true, skipped = false, uncounted } = numbers
  return { ok, skipped, rows, bounds, quality: uncounted ? null : quality(numbers) }
}

/** The same as the last accepted one, run 7. */
export function accepted(numbers: Numbers): Accepted {
  const { rows, bounds, quality } = run(numbers)
  return { runId: 7, rows, bounds, quality }
}

/** What a rule found. */
export function finding(
  code: string,
  severity: Severity,
  share = 0.6,
  attribute: string | null = null,
): QualityFinding {
  const count = Math.round(share * 1000)
  return {
    code,
    severity,
    attribute,
    sentence: 'rows are odd',
    count,
    of: 1000,
    share,
    limit: 0.5,
    examples: [],
  }
}

/** A sentence, the run before and the one that is judged, and what is decided for which reasons. */
export type Case = readonly [
  sentence: string,
  before: Numbers | null,
  now: Numbers,
  decision: 'accept' | 'hold' | 'fail',
  reasons?: readonly string[],
  rules?: Partial<VerdictRules>,
]

/** Rows and attributes. */
export const NUMBER_CASES: readonly Case[] = [
  // Nothing to judge, or nothing to compare with.
  ['a failed run fails', {}, { ok: false }, 'fail'],
  ['a failed first run fails', null, { ok: false }, 'fail'],
  ['a failed run fails, however good its numbers', { rows: 10 }, { ok: false, rows: 1000 }, 'fail'],
  ['a run that the source skips is accepted', {}, { skipped: true, rows: 0 }, 'accept'],
  ['a first run that skips is accepted', null, { skipped: true, rows: 0 }, 'accept'],
  ['a first run is accepted', null, {}, 'accept'],
  ['a first run of one row is accepted', null, { rows: 1 }, 'accept'],
  [
    'a first run with a warning is accepted',
    null,
    { findings: [finding('null-island', 'warning')] },
    'accept',
  ],
  [
    'a first run that breaks a rule is held',
    null,
    { findings: [finding('null-island', 'error')] },
    'hold',
    ['quality-limit'],
  ],
  // Rows.
  ['the same rows are accepted', {}, {}, 'accept'],
  ['more rows are accepted', {}, { rows: 1100 }, 'accept'],
  ['ten times the rows are accepted', {}, { rows: 10_000 }, 'accept'],
  ['a row less is accepted', {}, { rows: 999 }, 'accept'],
  ['a fall by just a tenth is accepted', {}, { rows: 900 }, 'accept'],
  ['a fall by a row more is held', {}, { rows: 899 }, 'hold', ['rows-fell']],
  ['a fall by half is held', {}, { rows: 500 }, 'hold', ['rows-fell']],
  ['20,000 to 30 is held', { rows: 20_000 }, { rows: 30 }, 'hold', ['rows-fell']],
  ['28,619 to 37 is held (machine issue 772)', { rows: 28_619 }, { rows: 37 }, 'hold', ['rows-fell']],
  [
    '229,776 to 609 is held (openaddresses issue 5597)',
    { rows: 229_776 },
    { rows: 609 },
    'hold',
    ['rows-fell'],
  ],
  ['ten rows to nine is accepted', { rows: 10 }, { rows: 9 }, 'accept'],
  ['ten rows to eight is held', { rows: 10 }, { rows: 8 }, 'hold', ['rows-fell']],
  ['two rows to one is held', { rows: 2 }, { rows: 1 }, 'hold', ['rows-fell']],
  [
    'a fall of 30 percent is accepted where half is allowed',
    {},
    { rows: 700 },
    'accept',
    [],
    { rowsFellMax: 0.5 },
  ],
  [
    'a fall of 60 percent is held where half is allowed',
    {},
    { rows: 400 },
    'hold',
    ['rows-fell'],
    { rowsFellMax: 0.5 },
  ],
  [
    'a fall of one row is held where none is allowed',
    {},
    { rows: 999 },
    'hold',
    ['rows-fell'],
    { rowsFellMax: 0 },
  ],
  ['nearly all rows may go where all is allowed', {}, { rows: 1 }, 'accept', [], { rowsFellMax: 1 }],
  ['the source may allow half', {}, { rows: 600, limits: { 'rows-fell': 0.5 } }, 'accept'],
  ['the source may allow less', {}, { rows: 950, limits: { 'rows-fell': 0.01 } }, 'hold', ['rows-fell']],
  [
    "the source's limit goes before the machine's",
    {},
    { rows: 700, limits: { 'rows-fell': 0.1 } },
    'hold',
    ['rows-fell'],
    { rowsFellMax: 0.5 },
  ],
  [
    'rows are compared with a run that counted nothing else',
    { uncounted: true },
    { rows: 500 },
    'hold',
    ['rows-fell'],
  ],
  ['a run that counted nothing else is enough to be accepted', { uncounted: true }, {}, 'accept'],
  ['a worker that counts nothing is compared by rows', {}, { uncounted: true, rows: 1000 }, 'accept'],
  [
    'a worker that counts nothing is held for rows',
    {},
    { uncounted: true, rows: 100 },
    'hold',
    ['rows-fell'],
  ],
  // Attributes.
  ['a lost street is held', {}, { filled: { street: 0 } }, 'hold', ['attribute-lost']],
  ['a lost number is held', {}, { filled: { number: 0 } }, 'hold', ['attribute-lost']],
  [
    'a lost postcode is held',
    { filled: { postcode: 800 } },
    { filled: { postcode: 0 } },
    'hold',
    ['attribute-lost'],
  ],
  [
    'an attribute that is not mapped any more is held',
    { filled: { city: 1000 } },
    {},
    'hold',
    ['attribute-lost'],
  ],
  [
    'a postcode in a twentieth of the rows is lost',
    { filled: { postcode: 1000 } },
    { filled: { postcode: 50 } },
    'hold',
    ['attribute-lost'],
  ],
  [
    'a postcode in a fifth of the rows is still there',
    { filled: { postcode: 1000 } },
    { filled: { postcode: 200 } },
    'accept',
  ],
  [
    'an attribute that hardly any row had is no loss',
    { filled: { unit: 9 } },
    { filled: { unit: 0 } },
    'accept',
  ],
  [
    'an attribute that one in a hundred had is a loss',
    { filled: { unit: 10 } },
    { filled: { unit: 0 } },
    'hold',
    ['attribute-lost'],
  ],
  ['a new attribute is accepted', {}, { filled: { unit: 500 } }, 'accept'],
  ['streets in a tenth less of the rows are accepted', {}, { filled: { street: 900 } }, 'accept'],
  ['streets in more than a tenth less are held', {}, { filled: { street: 890 } }, 'hold', ['attribute-fell']],
  ['numbers in more than a tenth less are held', {}, { filled: { number: 700 } }, 'hold', ['attribute-fell']],
  [
    'parcels without ids are held',
    { filled: { pid: 1000 } },
    { filled: { pid: 600 } },
    'hold',
    ['attribute-fell'],
  ],
  ['cities in a third less are accepted', { filled: { city: 1000 } }, { filled: { city: 650 } }, 'accept'],
  ['fewer rows with all their streets are held for the rows only', {}, { rows: 500 }, 'hold', ['rows-fell']],
  [
    'fewer rows without streets are held for both',
    {},
    { rows: 500, filled: { street: 0 } },
    'hold',
    ['rows-fell', 'attribute-lost'],
  ],
  [
    'more rows with as many streets as before are held',
    {},
    { rows: 2000, filled: { street: 1000 } },
    'hold',
    ['attribute-fell'],
  ],
  [
    'the source may allow to lose streets',
    {},
    { filled: { street: 0 }, limits: { 'attribute-lost': 1, 'attribute-fell': 1 } },
    'accept',
  ],
]
