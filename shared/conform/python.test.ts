import { describe, expect, test } from 'bun:test'
import { floatText, jsonText, numberText, parseFloatText, roundHalfEven, strip } from './python.ts'

describe('strip', () => {
  const cases: [text: string, expected: string][] = [
    ['', ''],
    [' \t\r\n ', ''],
    ['  a b ', 'a b'],
    ['\u001c\u0085a\u00a0\u3000', 'a'],
    ['\ufeffa', '\ufeffa'],
    ['\u200ba', '\u200ba'],
  ]
  for (const [text, expected] of cases) {
    test(`of ${JSON.stringify(text)} gives ${JSON.stringify(expected)}`, () =>
      expect(strip(text)).toBe(expected))
  }
})

describe('parseFloatText', () => {
  const cases: [text: string, expected: number | undefined][] = [
    ['35', 35],
    [' 1e1 ', 10],
    ['-.5', -0.5],
    ['5.', 5],
    ['1_0.2_5', 10.25],
    ['Infinity', Infinity],
    ['-inf', -Infinity],
    ['NaN', Number.NaN],
    ['0x10', undefined],
    ['1__0', undefined],
    ['', undefined],
    ['.', undefined],
  ]
  for (const [text, expected] of cases) {
    test(`of "${text}" gives ${expected}`, () => expect(parseFloatText(text)).toBe(expected as number))
  }
})

describe('floatText', () => {
  const cases: [value: number, expected: string][] = [
    [-122, '-122.0'],
    [-0, '-0.0'],
    [37.5, '37.5'],
    [1e-7, '1e-07'],
    [0.0000123, '1.23e-05'],
    [0.0001, '0.0001'],
    [1e16, '1e+16'],
    [1e15, '1000000000000000.0'],
    [1.5e300, '1.5e+300'],
  ]
  for (const [value, expected] of cases) {
    test(`of ${value} gives ${expected}`, () => expect(floatText(value)).toBe(expected))
  }
})

describe('numberText', () => {
  test('writes a whole number without a point', () => expect(numberText(5)).toBe('5'))
  test('writes no minus before zero', () => expect(numberText(-0)).toBe('0'))
  test('writes a fraction as it is', () => expect(numberText(0.5)).toBe('0.5'))
})

describe('roundHalfEven', () => {
  const cases: [value: number, expected: number][] = [
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [2.4999, 2],
    [-2.6, -3],
  ]
  for (const [value, expected] of cases) {
    test(`of ${value} gives ${expected}`, () => expect(roundHalfEven(value)).toBe(expected))
  }
})

describe('jsonText', () => {
  test('escapes all but printable ASCII', () => {
    expect(jsonText('é"\\\n\u007f😀')).toBe('"\\u00e9\\"\\\\\\n\\u007f\\ud83d\\ude00"')
  })
})
