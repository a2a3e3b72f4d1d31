import { describe, expect, test } from 'bun:test'
import { annotations, jobCheck } from './check.ts'
import { jobComment } from './comment.ts'
import { jobStatus } from './status.ts'
import type { Told, ToldFinding, ToldJob, ToldSource } from './told.ts'

const AT = new Date('2026-11-25T10:00:00Z')

const good: ToldSource = {
  sourcePath: 'sources/us/ca/oakville.json',
  layer: 'addresses',
  name: 'city',
  status: true,
  runId: 7,
  problem: null,
  problemDetail: null,
  rows: 1_200,
  rowsBefore: 1_000,
  hasPicture: true,
}
const open = { ...good, status: null, runId: null, rows: null, rowsBefore: null, hasPicture: false }
const failed: ToldSource = {
  ...good,
  status: false,
  problem: 'download-not-found',
  problemDetail: '404',
  rows: null,
}
const late: ToldSource = { ...failed, problem: 'timed-out', problemDetail: '9 h' }
const held: ToldSource = { ...good, status: false, problem: 'regression-held', problemDetail: 'rows fell' }
const skipped: ToldSource = { ...good, problem: 'skipped', problemDetail: 'skip is true', rows: null }
const badFile: ToldSource = {
  ...failed,
  layer: '',
  name: '',
  runId: null,
  problem: 'source-invalid',
  problemDetail: 'line 3',
}
const finding: ToldFinding = {
  path: 'sources/us/ca/oakville.json',
  level: 'error',
  code: 'source-invalid',
  line: 3,
  col: 5,
  message: 'expected a comma',
}
const warning: ToldFinding = { ...finding, level: 'warning' }

function told(
  sources: readonly ToldSource[],
  job: Partial<ToldJob> = {},
  findings: ToldFinding[] = [],
): Told {
  const given = { id: 'j1', notes: [], expandedAt: AT, problemDetail: null, ...job }
  return { job: given, sources, findings, baseUrl: 'https://machine.example' }
}

const approval = { expandedAt: null, waitsFor: 'approval', waitsWhy: 'ann is new here.' } as const
const rate = { expandedAt: null, waitsFor: 'rate', waitsWhy: 'ann asked 20 times this hour.' } as const
const gone = (problem: string) => ({ expandedAt: null, problem, problemDetail: 'A newer push is checked.' })

type Situation = readonly [
  what: string,
  told: Told,
  check: string,
  title: string,
  status: string,
  hasComment: boolean,
]

/** Each situation of a job, and what check, status and comment say of it. */
const SITUATIONS: readonly Situation[] = [
  [
    'just came',
    told([], { expandedAt: null }),
    'queued',
    'Looking for sources that changed',
    'pending',
    false,
  ],
  ['waits for approval', told([], approval), 'action_required', 'Waiting for approval', 'pending', true],
  ['waits for its turn', told([], rate), 'queued', 'Waiting for its turn', 'pending', false],
  [
    'was superseded',
    told([], gone('superseded')),
    'cancelled',
    'A newer push took its place',
    'error',
    false,
  ],
  [
    'was superseded half-way',
    told([good, open], gone('superseded')),
    'cancelled',
    'A newer push took its place',
    'error',
    false,
  ],
  ['was cancelled', told([], gone('cancelled')), 'cancelled', 'Cancelled', 'error', false],
  [
    'was cancelled half-way',
    told([failed, open], gone('cancelled')),
    'cancelled',
    'Cancelled',
    'error',
    false,
  ],
  [
    'could not be looked into',
    told([], gone('internal')),
    'failure',
    'The change could not be looked into',
    'error',
    false,
  ],
  ['touches nothing', told([]), 'neutral', 'Nothing to check: no data source was touched', 'success', false],
  [
    'touches nothing, with a note',
    told([], { notes: ['x is a link'] }),
    'neutral',
    'Nothing to check: no data source was touched',
    'success',
    false,
  ],
  [
    'has a warning alone',
    told([], {}, [warning]),
    'neutral',
    'Nothing to check: no data source was touched',
    'success',
    true,
  ],
  [
    'has a bad file alone',
    told([badFile], {}, [finding]),
    'failure',
    '0 of 1 good, 1 failed',
    'failure',
    true,
  ],
  [
    'has a bad file and a good one',
    told([badFile, good], {}, [finding]),
    'failure',
    '1 of 2 good, 1 failed',
    'failure',
    true,
  ],
  [
    'has a bad file and an open one',
    told([badFile, open], {}, [finding]),
    'in_progress',
    '1 of 2 done, 1 failed',
    'failure',
    false,
  ],
  ['begins', told([open]), 'in_progress', '0 of 1 done', 'pending', false],
  ['begins with three', told([open, open, open]), 'in_progress', '0 of 3 done', 'pending', false],
  ['goes on', told([good, open]), 'in_progress', '1 of 2 done', 'pending', false],
  ['goes on with one skipped', told([skipped, open]), 'in_progress', '1 of 2 done', 'pending', false],
  ['goes on with one failed', told([failed, open]), 'in_progress', '1 of 2 done, 1 failed', 'failure', false],
  ['goes on with one held', told([held, open]), 'in_progress', '1 of 2 done, 1 held', 'failure', false],
  [
    'goes on with both',
    told([held, failed, open]),
    'in_progress',
    '2 of 3 done, 1 failed, 1 held',
    'failure',
    false,
  ],
  ['goes on with one late', told([late, open]), 'in_progress', '1 of 2 done, 1 failed', 'failure', false],
  ['is good', told([good]), 'success', 'The data source is good', 'success', true],
  ['is good twice', told([good, good]), 'success', 'All 2 data sources are good', 'success', true],
  [
    'is good with a warning',
    told([good], {}, [warning]),
    'success',
    'The data source is good',
    'success',
    true,
  ],
  [
    'is good with a note',
    told([good], { notes: ['x is a link'] }),
    'success',
    'The data source is good',
    'success',
    true,
  ],
  [
    'is good and new',
    told([{ ...good, rowsBefore: null }]),
    'success',
    'The data source is good',
    'success',
    true,
  ],
  [
    'is good and one skipped',
    told([good, skipped]),
    'success',
    'All 2 data sources are good',
    'success',
    true,
  ],
  ['is skipped', told([skipped]), 'neutral', 'Nothing to check: 1 data source skipped', 'success', true],
  [
    'is skipped twice',
    told([skipped, skipped]),
    'neutral',
    'Nothing to check: 2 data sources skipped',
    'success',
    true,
  ],
  ['failed', told([failed]), 'failure', '0 of 1 good, 1 failed', 'failure', true],
  ['failed twice', told([failed, failed]), 'failure', '0 of 2 good, 2 failed', 'failure', true],
  ['failed once', told([failed, good]), 'failure', '1 of 2 good, 1 failed', 'failure', true],
  ['failed and one is skipped', told([failed, skipped]), 'failure', '1 of 2 good, 1 failed', 'failure', true],
  ['is late', told([late]), 'timed_out', '0 of 1 good, 1 failed', 'failure', true],
  ['is late beside a good one', told([late, good]), 'timed_out', '1 of 2 good, 1 failed', 'failure', true],
  ['is late beside a failed one', told([late, failed]), 'failure', '0 of 2 good, 2 failed', 'failure', true],
  ['is held', told([held]), 'failure', '0 of 1 good, 1 held', 'failure', true],
  ['is held beside a good one', told([held, good]), 'failure', '1 of 2 good, 1 held', 'failure', true],
  [
    'is held beside a failed one',
    told([held, failed]),
    'failure',
    '0 of 2 good, 1 failed, 1 held',
    'failure',
    true,
  ],
  [
    'is held beside a late one',
    told([held, late]),
    'failure',
    '0 of 2 good, 1 failed, 1 held',
    'failure',
    true,
  ],
]

describe('a job that', () => {
  for (const [what, given, check, title, status, hasComment] of SITUATIONS)
    test(`${what} is told so by check, status and comment`, () => {
      const said = jobCheck(given)
      expect([said.conclusion ?? said.status, said.title]).toEqual([check, title])
      expect(jobStatus(given.job, given.sources).state).toBe(status as never)
      expect(jobComment(given) !== undefined).toBe(hasComment)
    })
})

describe('the table', () => {
  test('has rows, change, problem and links', () => {
    const { summary } = jobCheck(told([good, failed]))

    expect(summary.split('\n').slice(2)).toEqual([
      '| | Data source | Rows | Change | |',
      '|---|---|--:|--:|---|',
      '| ✗ | [us/ca/oakville addresses/city](https://machine.example/runs/7) |  |  | `download-not-found` The data is not at its address: 404<br>[log](https://machine.example/runs/7/output.txt) · [map](https://machine.example/runs/7/preview.png) |',
      '| ✓ | [us/ca/oakville addresses/city](https://machine.example/runs/7) | 1,200 | +20 % | [log](https://machine.example/runs/7/output.txt) · [sample](https://machine.example/runs/7/sample.json) · [map](https://machine.example/runs/7/preview.png) |',
    ])
  })

  test('stays within what GitHub takes, and counts the rest', () => {
    const many = told(Array.from({ length: 2_000 }, () => failed))

    expect(jobCheck(many).summary.length).toBeWithin(60_000, 65_536)
    expect(jobCheck(many).summary).toMatch(/\n\nand 1,\d{3} more$/)
    expect(jobComment(many)?.length).toBeWithin(60_000, 65_537)
    expect(jobComment(many)).toEndWith('<!-- machine:sticky -->')
  })

  test('is broken by no word of a stranger', () => {
    const detail = 'a | b\n\n@everyone <img src=x> ![x](http://evil.example) `'
    const { summary } = jobCheck(told([{ ...failed, problemDetail: detail }]))

    expect(summary.split('\n')).toHaveLength(5)
    for (const word of ['a | b', '@everyone', '<img', '![x]', 'http://evil'])
      expect(summary).not.toContain(word)
  })
})

test('findings are remarks on their lines', () => {
  expect(annotations([finding, warning])[0]).toEqual({
    path: 'sources/us/ca/oakville.json',
    ...{ start_line: 3, end_line: 3, start_column: 5, end_column: 5 },
    annotation_level: 'failure',
    title: 'source-invalid',
    message: 'expected a comma',
  })
})

test('the comment shows pictures, and what can be done', () => {
  const body = jobComment(told([good, { ...held, hasPicture: false }, failed], {}, [finding])) ?? ''

  expect(body).toContain('[![us/ca/oakville addresses/city](https://machine.example/runs/7/preview.png)]')
  for (const word of ['/retest', '/accept SOURCE', 'Files changed']) expect(body).toContain(word)
})
