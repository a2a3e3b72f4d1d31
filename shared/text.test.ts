import { describe, expect, test } from 'bun:test'
import { ago, counted, duration, percent, size } from './text.ts'

const NOW = new Date('2026-11-25T12:00:00Z')

const ages: [then: string, expected: string][] = [
  ['2026-11-25T12:00:00Z', 'just now'],
  ['2026-11-25T12:00:09Z', 'just now'],
  ['2026-11-25T11:59:30Z', '30 seconds ago'],
  ['2026-11-25T11:59:00Z', '1 minute ago'],
  ['2026-11-25T09:59:59Z', '2 hours ago'],
  ['2026-11-23T12:00:00Z', '2 days ago'],
  ['2026-07-01T12:00:00Z', '2026-07-01'],
]
for (const [then, expected] of ages) {
  test(`ago says "${expected}" of ${then}`, () => {
    expect(ago(new Date(then), NOW)).toBe(expected)
  })
}

const sizes: [bytes: number, expected: string][] = [
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1_000, '1.0 kB'],
  [12_345, '12 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [3_400_000_000, '3.4 GB'],
]
for (const [bytes, expected] of sizes) {
  test(`size says "${expected}" of ${bytes}`, () => {
    expect(size(bytes)).toBe(expected)
  })
}

const durations: [seconds: number, expected: string][] = [
  [0.84, '0.8 s'],
  [9.96, '10 s'],
  [59.6, '1 min 0 s'],
  [185, '3 min 5 s'],
  [7_800, '2 h 10 min'],
]
for (const [seconds, expected] of durations) {
  test(`duration says "${expected}" of ${seconds}`, () => {
    expect(duration(seconds)).toBe(expected)
  })
}

test('counted says one and many', () => {
  expect(counted(1, 'run')).toBe('1 run')
  expect(counted(4862, 'data source')).toBe('4,862 data sources')
})

describe('percent', () => {
  const cases: [share: number, expected: string][] = [
    [0, '0 %'],
    [1, '100 %'],
    [0.9985, '99.8 %'],
    [0.99999, '99.9 %'],
    [0.29, '29 %'],
    [-0.125, '−12.5 %'],
    [0.0004, '< 0.1 %'],
  ]
  for (const [share, expected] of cases)
    test(`of ${share} is ${expected}`, () => {
      expect(percent(share)).toBe(expected)
    })
})
