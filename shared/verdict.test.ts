/** Pairs of runs, and what is to be decided about the second; then what is said about it. */
import { describe, expect, test } from 'bun:test'
import { acceptanceText, holdProblem, isHeld } from './hold.ts'
import { judge, VERDICT_RULES } from './verdict.ts'
import { BOUNDS_CASES } from './verdict_bounds_cases.ts'
import { accepted, finding, NUMBER_CASES, run } from './verdict_cases.ts'

const CASES = [...NUMBER_CASES, ...BOUNDS_CASES]

describe('judge', () => {
  for (const [sentence, before, now, decision, reasons = [], rules = {}] of CASES) {
    test(sentence, () => {
      const verdict = judge(run(now), before === null ? null : accepted(before), {
        ...VERDICT_RULES,
        ...rules,
      })

      const codes: string[] = verdict.reasons.map(({ code }) => code)
      expect({ decision: verdict.verdict, codes }).toEqual({ decision, codes: [...reasons] })
    })
  }

  test('has at least sixty pairs above', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(60)
    expect(new Set(CASES.map(([sentence]) => sentence)).size).toBe(CASES.length)
  })
})

describe('a verdict', () => {
  test('says its reasons with both numbers and the limit', () => {
    const { reasons, against } = judge(
      run({ rows: 30, filled: { street: 0 }, bounds: [2, 48, 3, 49] }),
      accepted({ rows: 20_000 }),
    )

    expect(against).toBe(7)
    expect(reasons.map(({ sentence }) => sentence)).toEqual([
      'rows fell from 20,000 to 30 (−99.8 %, limit 10 %)',
      'street is lost: 100 % of the rows had it, now 0 % have',
      'the rows have moved: -122.50, 45.40, -122.30, 45.60 before, 2.00, 48.00, 3.00, 49.00 now, 0 % of it in both (limit 50 %)',
    ])
    expect(reasons[0]).toEqual({
      code: 'rows-fell',
      field: 'rows',
      before: 20_000,
      now: 30,
      limit: 0.1,
      sentence: 'rows fell from 20,000 to 30 (−99.8 %, limit 10 %)',
    })
  })

  test('has the numbers field by field', () => {
    const { fields } = judge(run({ rows: 500, filled: { unit: 20 } }), accepted({ filled: { city: 10 } }))

    expect(fields).toEqual([
      { field: 'rows', before: 1000, now: 500, change: -0.5 },
      { field: 'placed', before: 1000, now: 500, change: -0.5 },
      { field: 'number', before: 1000, now: 500, change: -0.5 },
      { field: 'street', before: 1000, now: 500, change: -0.5 },
      { field: 'unit', before: null, now: 20, change: null },
      { field: 'city', before: 10, now: null, change: null },
      { field: 'west', before: -122.5, now: -122.5, change: 0 },
      { field: 'south', before: 45.4, now: 45.4, change: 0 },
      { field: 'east', before: -122.3, now: -122.3, change: 0 },
      { field: 'north', before: 45.6, now: 45.6, change: 0 },
    ])
  })

  test('says what could not be compared', () => {
    expect(judge(run({}), null).note).toBe(
      'There is no accepted run before this one: nothing to compare with.',
    )
    expect(judge(run({}), accepted({ uncounted: true })).note).toContain('only rows are compared')
    expect(judge(run({ skipped: true }), accepted({})).note).toContain('says to skip it')
    expect(judge(run({}), accepted({})).note).toBeNull()
  })
})

describe('a hold', () => {
  test('is a problem with all its reasons; nothing else is', () => {
    const regression = judge(run({ rows: 30, filled: { street: 0 } }), accepted({ rows: 20_000 }))
    const broken = judge(run({ findings: [finding('null-island', 'error')] }), null)

    expect(holdProblem(regression)).toEqual({
      code: 'regression-held',
      detail:
        'rows fell from 20,000 to 30 (−99.8 %, limit 10 %); street is lost: 100 % of the rows had it, now 0 % have',
    })
    expect(holdProblem(broken)).toEqual({ code: 'quality-limit', detail: 'rows are odd (60 %, limit 50 %)' })
    expect(holdProblem(judge(run({}), null))).toBeNull()
    expect([isHeld('regression-held'), isHeld('quality-limit'), isHeld('no-features'), isHeld(null)]).toEqual(
      [true, true, false, false],
    )
    expect(acceptanceText('not-held', 12)).toBe('run 12 is not held: there is nothing to accept')
  })
})
