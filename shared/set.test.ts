import { describe, expect, test } from 'bun:test'
import { entriesOf, inOrderOfRelease, type SetCounts, secondsLeft } from './set.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

const COUNTS: SetCounts = {
  sources: 100,
  good: 10,
  failed: 0,
  reused: 0,
  skipped: 0,
  running: 2,
  queued: 1,
  parked: 87,
  expectedDone: 0,
  expectedOpen: 0,
}

describe('entriesOf', () => {
  const cases: [name: string, file: Uint8Array, expected: ReturnType<typeof entriesOf>][] = [
    [
      'lists each data source of each layer once',
      bytes(
        '{"schema":2,"layers":{"addresses":[{"name":"city"},{"name":"city"},{"name":"county"}],"parcels":[{"name":"city"}]}}',
      ),
      [
        { layer: 'addresses', name: 'city' },
        { layer: 'addresses', name: 'county' },
        { layer: 'parcels', name: 'city' },
      ],
    ],
    ['takes a file of schema 1 as one', bytes('{"data":"x"}'), [{ layer: 'addresses', name: 'primary' }]],
    [
      'says that a file is empty of data sources',
      bytes('{"layers":{}}'),
      'it has no data source in any layer',
    ],
    ['says that a file is a list', bytes('[]'), 'expected a source to be an object, got a list'],
  ]
  for (const [name, file, expected] of cases)
    test(name, () => {
      expect(entriesOf(file)).toEqual(expected)
    })

  test('says that a file is no JSON, or no UTF-8', () => {
    expect(typeof entriesOf(bytes('{"layers":'))).toBe('string')
    expect(typeof entriesOf(Uint8Array.of(0x7b, 0xff, 0x7d))).toBe('string')
  })
})

describe('inOrderOfRelease', () => {
  test('puts what was never run first, then the longest, then by name', () => {
    const source = (source_path: string, expected_seconds: number | null) => ({
      source_path,
      layer: 'addresses',
      name: 'city',
      expected_seconds,
    })

    const ordered = inOrderOfRelease([
      source('c', 36_000),
      source('d', 9),
      source('a', 36_000),
      source('new', null),
      source('b', 32_400),
    ])

    expect(ordered.map(({ source_path }) => source_path)).toEqual(['new', 'a', 'c', 'b', 'd'])
  })
})

describe('secondsLeft', () => {
  test('goes by the number where no time is known', () => {
    expect(secondsLeft(COUNTS, 60)).toBe(540)
  })

  test('goes by the expected times where they are known', () => {
    expect(secondsLeft({ ...COUNTS, expectedDone: 3_600, expectedOpen: 900 }, 1_000)).toBe(250)
  })

  test('says nothing after the first few, and zero at the end', () => {
    expect(secondsLeft({ ...COUNTS, good: 4 }, 60)).toBeUndefined()
    expect(secondsLeft({ ...COUNTS, good: 90, failed: 10 }, 60)).toBe(0)
  })
})
