import { describe, expect, test } from 'bun:test'
import { mannersOf, readManners } from './manners.ts'

const ALL = readManners(`{
  "*": {"parallel": 3},
  "*.example.gov": {"parallel": 2, "pageRowsMax": 200},
  "GIS.example.gov": {"parallel": 1, "pauseMs": 2000, "strategy": "ids"},
  "gis.example.gov:6443": {"parallel": 4}
}`)

describe('mannersOf', () => {
  const cases: [address: string, parallel: number | undefined][] = [
    ['https://gis.example.gov/arcgis/rest/services/a/MapServer/0', 1],
    ['https://GIS.EXAMPLE.GOV/a', 1],
    ['https://gis.example.gov:6443/a', 4],
    ['https://maps.example.gov/a', 2],
    ['https://a.maps.example.gov/a', 2],
    ['https://example.gov/a', 3],
    ['https://notexample.gov/a', 3],
    ['no address', undefined],
  ]
  for (const [address, parallel] of cases) {
    test(`of ${address}`, () => expect(mannersOf(address, ALL).parallel).toBe(parallel))
  }

  test('takes those of one name whole', () => {
    expect(mannersOf('https://gis.example.gov/a', ALL)).toEqual({
      parallel: 1,
      pauseMs: 2000,
      strategy: 'ids',
    })
  })

  test('knows nothing of a host that nobody names', () => {
    expect(mannersOf('https://example.org/a', readManners('{"example.com": {}}'))).toEqual({})
  })
})

describe('readManners', () => {
  const wrong: [text: string, message: string][] = [
    ['{', 'not JSON: '],
    ['[]', 'expected an object of hosts'],
    ['{"a": 1}', 'a: expected an object'],
    ['{"a": {"paralel": 1}}', 'a: paralel is not known; known are parallel, pageRowsMax, pauseMs, strategy'],
    ['{"a": {"toString": 1}}', 'a: toString is not known'],
    ['{"a": {"parallel": 0}}', 'a: parallel is 0; expected a whole number from 1 to 16'],
    ['{"a": {"parallel": 100}}', 'a: parallel is 100; expected a whole number from 1 to 16'],
    ['{"a": {"pauseMs": "1 s"}}', 'a: pauseMs is "1 s"; expected a number of milliseconds'],
    ['{"a": {"strategy": "luck"}}', 'a: strategy is "luck"; expected offset, statistics, ids, envelopes'],
  ]
  for (const [text, message] of wrong) {
    test(`refuses ${text}`, () => expect(() => readManners(text)).toThrow(message))
  }
})
