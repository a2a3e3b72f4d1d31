import { describe, expect, test } from 'bun:test'
import { SourceError } from '../../shared/problem.ts'
import { openDecoder } from './encoding.ts'

/** Decoded byte by byte, as the worst of all pieces. */
function decoded(encoding: string | undefined, bytes: readonly number[]): string {
  const decoder = openDecoder(encoding)
  return bytes.map((byte) => decoder.write(Uint8Array.of(byte))).join('') + decoder.end()
}

describe('openDecoder', () => {
  const cases: [encoding: string | undefined, bytes: number[], expected: string][] = [
    [undefined, [0xc3, 0xa9], 'é'],
    ['utf-8', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
    ['utf-8-sig', [0xef, 0xbb, 0xbf, 0x61], 'a'],
    ['UTF8', [0xf0, 0xa0, 0x80, 0x8b], '𠀋'],
    ['utf-16', [0xff, 0xfe, 0xe9, 0x00], 'é'],
    ['ISO-8859-1', [0xe9, 0x80, 0x92], 'é\u0080\u0092'],
    ['latin-1', [0xe9], 'é'],
    ['iso-8859-3', [0xb1], 'ħ'],
    ['cp1252', [0x80, 0x92], '€’'],
    ['CP1251', [0xcf, 0xf0], 'Пр'],
    ['EUCKR', [0xb0, 0xa1], '가'],
    ['CP949', [0xb6, 0xcb, 0x81, 0x41], '똥갂'],
    ['shift_jis', [0x93, 0x8c], '東'],
    ['SHIFT_JISX0213', [0x93, 0x8c, 0x86, 0xb3, 0xb1, 0x41], '東ⅰｱA'],
    ['shift_jisx0213', [0x82, 0xf5, 0x88, 0x9f, 0xfc, 0xf4, 0x5c], 'か゚亜𪚲¥'],
  ]
  for (const [encoding, bytes, expected] of cases) {
    test(`reads ${encoding ?? 'nothing named'}: ${expected}`, () => {
      expect(decoded(encoding, bytes)).toBe(expected)
    })
  }

  const wrong: [encoding: string, bytes: number[]][] = [
    ['utf-8', [0x61, 0xff]],
    ['utf-8', [0xe2, 0x98]],
    ['cp1252', [0x81]],
    ['iso-8859-3', [0xa5]],
    ['ascii', [0xe9]],
    ['CP949', [0x80]],
    ['SHIFT_JISX0213', [0x80]],
    ['SHIFT_JISX0213', [0x93]],
  ]
  for (const [encoding, bytes] of wrong) {
    test(`refuses ${bytes.map((byte) => byte.toString(16))} as ${encoding}`, () => {
      expect(() => decoded(encoding, bytes)).toThrow(SourceError)
    })
  }

  test('names what stands before the fault', () => {
    const bytes = Buffer.from([...Buffer.from('12 Main St,'), 0xff])

    expect(() => openDecoder().write(bytes)).toThrow('not utf-8 after "12 Main St,"')
  })

  test('refuses an encoding that nobody knows', () => {
    expect(() => openDecoder('klingon')).toThrow('the encoding "klingon" is not known')
    expect(() => openDecoder('constructor')).toThrow(SourceError)
  })
})
