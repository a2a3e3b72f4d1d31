import { describe, expect, test } from 'bun:test'
import type { JobSource } from '../shared/db/jobs.ts'
import { picture, table } from './picture.ts'

const WAITING: JobSource = {
  position: 0,
  sourcePath: 'sources/ca/bc/city_of_cedar_inlet.json',
  layer: 'addresses',
  name: 'city',
  status: null,
  runId: null,
  attempt: null,
  copyOf: null,
  problem: null,
  problemDetail: null,
  abandonedWhy: null,
  rows: null,
  startedAt: null,
  settledAt: null,
  progress: null,
}

const STARTED = { ...WAITING, runId: 1, attempt: 1, startedAt: new Date('2026-03-27T12:00:00Z') }
const GOOD = { ...STARTED, status: true, rows: 1542, settledAt: new Date('2026-03-27T12:00:02.5Z') }
const BAD: JobSource = {
  ...GOOD,
  status: false,
  rows: null,
  problem: 'download-not-found',
  problemDetail: `404 from http://data.example/${'x'.repeat(100)}`,
}

/** What a line says, and how long it is, without its colours. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours and the moves.
  return text.replaceAll(/\u001b\[\d*[mAK]/g, '')
}

function drawn(sources: readonly JobSource[], columns = 80, isTTY = true): string[] {
  const written: string[] = []
  const drawing = picture({ isTTY, columns, write: (text: string) => written.push(text) > 0 } as never)
  drawing.show(sources)
  drawing.show(sources)
  return written
}

const cases: [what: string, source: JobSource, expected: string][] = [
  ['that waits', WAITING, '· ca/bc/city_of_cedar_inlet addresses/city  waiting'],
  ['that starts', STARTED, '→ ca/bc/city_of_cedar_inlet addresses/city  starting'],
  [
    'that is downloaded',
    { ...STARTED, progress: { stage: 'download', bytes: 51_200, bytesTotal: 102_400 } },
    '→ ca/bc/city_of_cedar_inlet addresses/city  ██████░░░░░░ 50 of 100 kB',
  ],
  [
    'whose length nobody said',
    { ...STARTED, progress: { stage: 'download', bytes: 51_200 } },
    '→ ca/bc/city_of_cedar_inlet addresses/city  downloading 50 kB',
  ],
  [
    'that is conformed',
    { ...STARTED, progress: { stage: 'conform', rows: 1_000, rowsPerSecond: 1_777.4 } },
    '→ ca/bc/city_of_cedar_inlet addresses/city  conform 1,000 rows, 1,777 a second',
  ],
  [
    'that is tried again',
    { ...STARTED, abandonedWhy: 'worker-lost: its lease ran out' },
    '· ca/bc/city_of_cedar_inlet addresses/city  again soon: worker-lost: its lease…',
  ],
  ['that is good', GOOD, '✓ ca/bc/city_of_cedar_inlet addresses/city  1,542 rows in 2.5 s'],
  ['that is not', BAD, '✗ ca/bc/city_of_cedar_inlet addresses/city  The data is not at its address: 40…'],
]

describe('the picture of a data source', () => {
  for (const [what, source, expected] of cases) {
    test(`${what} fits into 80 columns`, () => {
      expect(plain(drawn([source])[0] ?? '')).toBe(`${expected}\n`)
      expect(expected.length).toBeLessThan(80)
    })
  }

  test('keeps the end of its name in a narrow terminal', () => {
    const [line] = drawn([GOOD], 60)

    expect(plain(line ?? '')).toBe('✓ …inlet addresses/city  1,542 rows in 2.5 s\n')
  })

  test('is drawn over the one before', () => {
    const [first, second] = drawn([WAITING, GOOD])

    expect(first?.startsWith('\u001b[2K')).toBe(true)
    expect(second).toBe(`\u001b[2A${first}`)
  })

  test('is a line for each change, whole and without colours, where there is no terminal', () => {
    const written = drawn([WAITING, { ...BAD, position: 1 }], 80, false)

    expect(written).toHaveLength(2)
    expect(written[1]).toEndWith(`${'x'.repeat(100)}\n`)
    expect(written.join('')).toBe(plain(written.join('')))
  })
})

test('the table says rows, seconds and state, and why below what failed', () => {
  expect(plain(table([GOOD, BAD])).split('\n')).toEqual([
    'data source                                rows  seconds  state',
    'ca/bc/city_of_cedar_inlet addresses/city  1,542      2.5  good',
    'ca/bc/city_of_cedar_inlet addresses/city             2.5  failed',
    `  The data is not at its address: 404 from http://data.example/${'x'.repeat(100)}`,
  ])
})
