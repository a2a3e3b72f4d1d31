/** The page of a run whose rows were counted, and of one that is held. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { acceptRun } from '../../shared/db/verdicts.ts'
import type { Quality } from '../../shared/quality/finding.ts'
import { judge } from '../../shared/verdict.ts'
import { type Site, testSite, textOf } from '../../test/site.ts'

const QUALITY: Quality = {
  rows: 30,
  placed: 29,
  attributes: {
    number: { filled: 30, distinct: 28, top: null },
    street: { filled: 12, distinct: 3, top: { value: '<b>Oak St</b>', rows: 9 } },
  },
  middle: null,
  findings: [
    {
      code: 'null-island',
      severity: 'error',
      attribute: null,
      sentence: 'rows lie at 0, 0',
      count: 20,
      of: 29,
      share: 20 / 29,
      limit: 0.1,
      examples: ['row 1: number "1", street "<script>alert(1)</script>", at 0, 0'],
    },
    {
      code: 'repeated-value',
      severity: 'warning',
      attribute: 'street',
      sentence: 'rows have one and the same value',
      count: 9,
      of: 30,
      share: 0.3,
      limit: 0.25,
      examples: [],
    },
  ],
  limits: {},
}

let site: Site
let before: number
let held: number

beforeAll(async () => {
  site = await testSite()
  before = await insert({ status: true, rows: 20_000, quality: null })
  held = await insert({ status: false, rows: 30, quality: QUALITY })
  const now = { ok: true, skipped: false, rows: 30, quality: QUALITY, bounds: [0, 0, 1, 1] } as const
  const verdict = judge(now, { runId: before, rows: 20_000, quality: null, bounds: [0, 0, 1, 1] })
  await site.sql`
    insert into verdicts (run_id, verdict, against, reasons, fields, datetime)
    values (${held}, 'hold', ${before}, ${site.sql.json(verdict.reasons as never)}, ${site.sql.json(verdict.fields as never)}, now())`
})

afterAll(() => site.close())

async function insert(run: { status: boolean; rows: number; quality: Quality | null }): Promise<number> {
  const state = { 'feat count': run.rows, quality: run.quality }
  const diff = {
    before: 20_000,
    now: 30,
    added: 1,
    removed: 19_971,
    changed: 0,
    moved: 0,
    edited: 0,
    unchanged: 29,
  }
  const result = {
    artifacts: [{ name: 'diff.ndjson.gz', type: 'application/gzip', bytes: 900 }],
    rows: null,
    diff,
  }
  const [row] = await site.sql<[{ id: number }]>`
    insert into runs (source_path, source_id, layer, name, is_merged, status, problem, problem_detail, state, result)
    values ('sources/us/ca/oakville.json', 'abc', 'addresses', 'city', true, ${run.status},
      ${run.status ? null : 'regression-held'}, ${run.status ? null : 'rows fell from 20,000 to 30'},
      ${site.sql.json(state as never)}, ${site.sql.json(result as never)})
    returning id`
  return row.id
}

describe('the page of a held run', () => {
  test('says why, with both numbers, and how to accept it', async () => {
    const html = await site.html(`/runs/${held}`)
    const text = textOf(html)

    for (const part of [
      '‖ held',
      'Why it is held rows fell from 20,000 to 30 (−99.8 %, limit 10 %)',
      `Against run ${before}, the last accepted one. Rows: 1 added, 19,971 removed, 0 moved, 0 edited, 29 unchanged.`,
      'rows 20,000 30 −99.8 %',
      'what was good before stays current',
      `machine accept ${held} --who NAME --why REASON`,
      'diff.ndjson.gz rows that changed since the last accepted run',
    ])
      expect(text).toContain(part)
    expect(html).toContain(`<a href="/runs/${before}">`)
  })

  test('shows what the rules found, with examples, and how full each attribute is', async () => {
    const html = await site.html(`/runs/${held}`)
    const text = textOf(html)

    for (const part of [
      '✗ error 20 of 29 rows lie at 0, 0 68.9 %, limit 10 %, null-island',
      '! warning 9 of 30 rows have one and the same value of street 30 %, limit 25 %, repeated-value',
      'street 40 % 3',
      'number 100 % 28',
    ])
      expect(text).toContain(part)
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<b>Oak')
  })

  test('has the same as JSON', async () => {
    const facts = (await site.json(`/runs/${held}.json`)) as { verdict: { verdict: string; against: number } }

    expect(facts.verdict).toMatchObject({ verdict: 'hold', against: before, acceptedAt: null })
  })

  test('says who accepted it, when somebody has', async () => {
    expect(await acceptRun(site.sql, { runId: held, who: 'anna', why: 'the county was split' })).toBe(
      'accepted',
    )

    const text = textOf(await site.html(`/runs/${held}`))

    expect(text).toContain('✓ good')
    expect(text).toContain('Accepted by anna on 20')
    expect(text).toContain(': the county was split')
    expect(text).not.toContain('--why REASON')
  })
})
