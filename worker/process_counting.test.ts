import { describe, expect, test } from 'bun:test'
import { assertAllRead } from './process_counting.ts'

describe('rows that came', () => {
  test('and were all read are right, and so are rows that nobody counted before', () => {
    assertAllRead(20, 20)
    assertAllRead(0, 0)
    assertAllRead(undefined, 20)
  })

  test('and were not all read, or more, are a failure with both numbers', () => {
    expect(() => assertAllRead(20, 19)).toThrow('20 rows were downloaded and 19 were read')
    expect(() => assertAllRead(20, 21)).toThrow('20 rows were downloaded and 21 were read')
  })
})
