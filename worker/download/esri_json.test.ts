import { describe, expect, test } from 'bun:test'
import { parseJson, pythonText, unmarked } from './esri_json.ts'
import { seen } from './esri_seen.ts'

describe('parseJson', () => {
  const cases: [json: string, value: unknown][] = [
    ['{"a":1.5,"b":[-2,3.25]}', { a: 1.5, b: [-2, 3.25] }],
    ['{"a":1.0,"b":[-2.0,1e3]}', { a: 1, b: [-2, 1000] }],
    ['{"a":NaN,"b":-Infinity}', { a: Number.NaN, b: Number.NEGATIVE_INFINITY }],
    ['{"a":"NaN 1.0 \\" 2.0"}', { a: 'NaN 1.0 " 2.0' }],
    ['{"a":"1.0","b":"x\ty\u0001"}', { a: '1.0', b: 'x\ty\u0001' }],
    ['{"a 1.0":true,"\\\\":null}', { 'a 1.0': true, '\\': null }],
    ['{"a":-118.26612584395601}', { a: Number('-118.26612584395601') }],
  ]
  for (const [json, value] of cases) {
    test(json, () => expect(unmarked(parseJson(json))).toEqual(value))
  }

  for (const text of ['', 'oops', '{"a":', '<html>', '{"a" 1}', '{"a":1}}']) {
    test(`refuses ${JSON.stringify(text)}`, () => expect(() => parseJson(text)).toThrow(SyntaxError))
  }
})

describe('pythonText', () => {
  test('writes what is in lists and objects as Python does', () => {
    const value = parseJson(`{"a":[1,2.0,null,true,"it's","say \\"x\\""]}`)
    expect(pythonText(value)).toBe(`{'a': [1, 2.0, None, True, "it's", 'say "x"']}`)
  })
})

describe('seen', () => {
  test('tells each id once, whatever it looks like', () => {
    const ids = seen()
    const all = ['0', '1', '4095', '4096', '999999999999999', '-5', '{A-B}', '01', '1.5']
    expect(all.map((id) => ids.add(id))).toEqual(all.map(() => true))
    expect(all.map((id) => ids.add(id))).toEqual(all.map(() => false))
  })
})
