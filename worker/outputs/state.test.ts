/** The state of a run, in the original's shapes. */
import { describe, expect, test } from 'bun:test'
import { elapsed, emptyState, indexJson, indexTxt } from './state.ts'

const STATE = {
  ...emptyState('berkeley.json', 'addresses', 'city', '0.1.0'),
  cache: 'cache.zip',
  'feat count': 3,
  license: 'text with\ttab',
  'tests passed': true,
}

describe('indexJson', () => {
  test('has keys in the first row and values in the second', () => {
    const [keys, values] = JSON.parse(indexJson(STATE))

    expect(keys.slice(0, 5)).toEqual(['source', 'layer', 'name', 'skipped', 'cache'])
    expect(values.slice(0, 5)).toEqual(['berkeley.json', 'addresses', 'city', false, 'cache.zip'])
    expect(keys).toHaveLength(32)
    expect(values).toHaveLength(32)
  })
})

describe('indexTxt', () => {
  test('has the same with tabs, as Python writes it', () => {
    const [keys, values, end] = indexTxt(STATE).split('\r\n')

    expect(keys!.split('\t')).toHaveLength(32)
    expect(values).toStartWith('berkeley.json\taddresses\tcity\tFalse\tcache.zip\t\t')
    expect(values).toContain('\t"text with\ttab"\t')
    expect(values).toEndWith('\t0.1.0\tTrue\t\t\t')
    expect(end).toBe('')
  })
})

describe('elapsed', () => {
  const cases: [seconds: number, expected: string][] = [
    [0, '0:00:00'],
    [2, '0:00:02'],
    [62.345678, '0:01:02.345678'],
    [0.000001, '0:00:00.000001'],
    [59.9999999, '0:01:00'],
    [45_296, '12:34:56'],
    [86_400, '1 day, 0:00:00'],
    [180_000.5, '2 days, 2:00:00.500000'],
  ]
  for (const [seconds, expected] of cases) {
    test(`${seconds} seconds are ${expected}`, () => expect(elapsed(seconds)).toBe(expected))
  }
})
