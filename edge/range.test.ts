import { describe, expect, test } from 'bun:test'
import { hasAlready, isSameFile, readRange } from './range.ts'

describe('readRange, of a file of 100 bytes, reads', () => {
  const cases: [name: string, header: string | null, range: ReturnType<typeof readRange>][] = [
    ['nothing', null, undefined],
    ['the first bytes', 'bytes=0-9', { start: 0, end: 9 }],
    ['one byte', 'bytes=99-99', { start: 99, end: 99 }],
    ['an open end', 'bytes=90-', { start: 90, end: 99 }],
    ['the last bytes', 'bytes=-10', { start: 90, end: 99 }],
    ['more last bytes than there are', 'bytes=-1000', { start: 0, end: 99 }],
    ['an end that is too far', 'bytes=90-1000', { start: 90, end: 99 }],
    ['a start that is too far', 'bytes=100-', 'outside'],
    ['no last bytes', 'bytes=-0', 'outside'],
    ['an end before its start, which is no range', 'bytes=9-0', undefined],
    ['several at once, which are not served', 'bytes=0-1,5-6', undefined],
    ['another unit', 'rows=0-9', undefined],
    ['neither end', 'bytes=-', undefined],
    ['numbers that are none', 'bytes=a-b', undefined],
    ['a number beyond all numbers', `bytes=0-${'9'.repeat(400)}`, { start: 0, end: 99 }],
  ]
  for (const [name, header, range] of cases) {
    test(name, () => expect(readRange(header, 100)).toEqual(range))
  }

  test('nothing of an empty file', () => {
    expect([readRange('bytes=0-', 0), readRange('bytes=-5', 0)]).toEqual(['outside', 'outside'])
  })
})

describe('conditions', () => {
  test('If-None-Match is a list, weak or not, or everything', () => {
    const headers = [null, '"b"', '"a"', 'W/"a"', '"b", "a"', '*']

    expect(headers.map((header) => hasAlready(header, '"a"'))).toEqual([false, false, true, true, true, true])
  })

  test('If-Range goes on with the very same file only', () => {
    const headers = [null, '"a"', 'W/"a"', '"b"', 'Wed, 21 Oct 2015 07:28:00 GMT']

    expect(headers.map((header) => isSameFile(header, '"a"'))).toEqual([true, true, false, false, false])
  })
})
