import { describe, expect, test } from 'bun:test'
import { watchedExec, watchPatterns } from './regexp_watch.ts'

/** A clock on which the searches take so many milliseconds, one after another; then it stands still for whoever comes after us. */
function searchesTake(...ms: readonly number[]): void {
  let now = 0
  let reads = 0
  watchPatterns(() => {
    if (reads % 2 === 1) now += ms[(reads - 1) / 2] ?? 0
    reads += 1
    return now
  })
}

describe('a watched search', () => {
  test('that is quick gives what it found', () => {
    searchesTake(1)
    expect(watchedExec(/b+/, 'abb', 'b+')?.[0]).toBe('bb')
  })

  test('that was slow once, or twice, is believed the next time', () => {
    searchesTake(60, 60, 1)
    expect(watchedExec(/b+/, 'abb', 'b+')?.[0]).toBe('bb')
  })

  test('begins where it was to begin each time', () => {
    searchesTake(60, 1)
    const regexp = /b/g
    regexp.lastIndex = 2
    expect(watchedExec(regexp, 'abb', 'b')?.index).toBe(2)
  })

  test('that is slow each time is a problem that names the pattern and the text, whatever it found', () => {
    searchesTake(60, 60, 60)
    expect(() => watchedExec(/x/, 'abb', 'x')).toThrow('"x" tries for ever on the text "abb"')
  })
})
