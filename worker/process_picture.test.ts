/** What a person sees while a run works, and when it has ended. */
import { describe, expect, test } from 'bun:test'
import { stripVTControlCharacters } from 'node:util'
import type { Progress, RunResult } from '../shared/run.ts'
import { emptyState } from './outputs/state.ts'
import { countText, picture, progressLine, sizeText, spanText } from './process_picture.ts'
import { report } from './process_report.ts'

describe('progressLine', () => {
  const cases: [name: string, progress: Progress, seconds: number, expected: string][] = [
    ['a stage alone', { stage: 'unpack' }, 0, 'addresses/city  unpack'],
    [
      'a bar, speed and what is left',
      { stage: 'download', bytes: 12_000_000, bytesTotal: 30_000_000 },
      3,
      'addresses/city  download  ████████░░░░░░░░░░░░  12.0 MB of 30.0 MB  4.0 MB/s  5 s left',
    ],
    [
      'bytes of nobody knows how many',
      { stage: 'download', bytes: 2_500_000 },
      2,
      'addresses/city  download  2.5 MB  1.3 MB/s',
    ],
    [
      'rows and their speed',
      { stage: 'conform', rows: 123_456, rowsPerSecond: 45_000 },
      9,
      'addresses/city  conform   123,456 rows  45,000 rows/s',
    ],
    [
      'no speed in the first second',
      { stage: 'download', bytes: 10, bytesTotal: 10 },
      0.2,
      'addresses/city  download  ████████████████████  10 bytes of 10 bytes',
    ],
  ]
  for (const [name, progress, seconds, expected] of cases) {
    test(`shows ${name}`, () => expect(progressLine('addresses/city', progress, seconds)).toBe(expected))
  }
})

describe('picture', () => {
  function drawn(isTTY: boolean, columns = 80) {
    let text = ''
    let now = 0
    const canvas = { isTTY, columns, write: (more: string) => (text += more) }
    const shown = picture('addresses/city', canvas, () => now)
    return { shown, wait: (ms: number) => (now += ms), text: () => text }
  }

  test('is drawn again in place in a terminal, never wider than it', () => {
    const { shown, text } = drawn(true, 30)
    shown.show({ stage: 'unpack' })
    shown.show({ stage: 'conform', rows: 1_000_000, rowsPerSecond: 50_000 })
    shown.clear()

    expect(text()).toBe(
      '\r\u001b[2Kaddresses/city  unpack\r\u001b[2Kaddresses/city  conform   1,0\r\u001b[2K',
    )
  })

  test('is plain lines elsewhere: one for each stage, then one every five seconds', () => {
    const { shown, wait, text } = drawn(false)
    shown.show({ stage: 'conform', rows: 0 })
    wait(4_000)
    shown.show({ stage: 'conform', rows: 40 })
    wait(1_000)
    shown.show({ stage: 'conform', rows: 50 })
    shown.show({ stage: 'outputs', rows: 60 })
    shown.clear()

    expect(text()).toBe(
      'addresses/city  conform   0 rows\naddresses/city  conform   50 rows\naddresses/city  outputs   60 rows\n',
    )
  })
})

describe('words for numbers', () => {
  test('sizes', () =>
    expect([0, 999, 1_000, 5_300_000, 2e12].map(sizeText)).toEqual([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '5.3 MB',
      '2.0 TB',
    ]))
  test('counts', () =>
    expect([0, 999, 1_000, 1_234_567].map(countText)).toEqual(['0', '999', '1,000', '1,234,567']))
  test('spans', () =>
    expect([0.2, 59, 185, 7_800].map(spanText)).toEqual(['1 s', '59 s', '3 min 5 s', '2 h 10 min']))
})

describe('report', () => {
  const good: RunResult = {
    ok: true,
    problem: null,
    state: emptyState('berkeley.json', 'addresses', 'city', '0.1.0'),
    sample: null,
    artifacts: [
      { name: 'out.geojson.gz', type: 'application/gzip', bytes: 70_000, rows: 2_849 },
      { name: 'berkeley.zip', type: 'application/zip', bytes: 60_000, rows: 2_849 },
      { name: 'index.json', type: 'application/json', bytes: 900 },
    ],
    rows: { read: 2_852, written: 2_849, dropped: { 'has more cells than there are columns': 3 } },
    filled: { number: 2_849, street: 2_848, unit: 12, city: 0 },
    bounds: [-122.3, 37.8, -122.2, 37.9],
    seconds: { cache: 1.23, process: 4.56 },
  }
  const plain = stripVTControlCharacters

  test('says what was made, and what was not and why', () => {
    expect(plain(report('addresses/city', good, { folder: 'out/a', peakBytes: 120_000_000 }))).toBe(
      [
        'good    addresses/city  2,849 rows of 2,852 read  1.2 s download, 4.6 s processing',
        '  dropped  3 × has more cells than there are columns',
        '  filled   number 100 %  street > 99 %  unit < 1 %  city 0 %',
        '  bounds   west -122.3  south 37.8  east -122.2  north 37.9',
        '  files    out/a/',
        '             out.geojson.gz  70.0 kB    2,849 rows',
        '             berkeley.zip    60.0 kB    2,849 rows',
        '             index.json      900 bytes',
        '  memory   120.0 MB at most',
      ].join('\n'),
    )
  })

  test('says what failed in a sentence, and what can be done', () => {
    const problem = { code: 'download-not-found', detail: '404 from https://example.com/a.zip' } as const
    const failed: RunResult = {
      ...good,
      ok: false,
      problem,
      artifacts: [],
      bounds: null,
      rows: { read: 0, written: 0, dropped: {} },
    }
    const [first, second] = plain(report('addresses/city', failed, { folder: 'out', peakBytes: 1 })).split(
      '\n',
    )

    expect(first).toBe(
      'failed  addresses/city  The data is not at its address: 404 from https://example.com/a.zip',
    )
    expect(second).toBe('  advice   Find the new address of the data and put it into "data".')
  })
})
