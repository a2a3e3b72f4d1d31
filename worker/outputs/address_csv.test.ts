/** LON and LAT, digit for digit as the original printed them. */
import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { coordinate } from './address_csv.ts'

const GIVEN = '../shared/conformance/machine-only.json'

describe('coordinate', () => {
  const cases: [value: number | undefined, expected: string][] = [
    [undefined, ''],
    [-122.2677356, '-122.2677356'],
    [39.3, '39.3'],
    [180, '180'],
    [100, '100'],
    [0, '0'],
    [-0, '-0'],
    [0.0001, '0.0001'],
    [0.00005, '5e-05'],
    [1e-7, '1e-07'],
    [-1.5e-6, '-1.5e-06'],
    [123456789012, '123456789012'],
    [1234567890123, '1.23456789012e+12'],
  ]
  for (const [value, expected] of cases) {
    test(`prints ${value} as '${expected}'`, () => expect(coordinate(value)).toBe(expected))
  }

  test.skipIf(!existsSync(GIVEN))('prints what machine 7.5.5 printed (skipped without ../shared)', () => {
    const { cases } = JSON.parse(readFileSync(GIVEN, 'utf8'))
    const rounds = cases.filter(({ op }: { op: string }) => op === 'machine:round_lat_lon')
    expect(rounds.length).toBe(19)
    for (const { input, expect: expected } of rounds) {
      const { LON } = expected.row ?? expected.values
      const value = input.LON.trim() === '' ? undefined : Math.round(Number(input.LON) * 1e7) / 1e7
      expect(coordinate(value)).toBe(LON)
    }
  })
})
