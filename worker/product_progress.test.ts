import { describe, expect, test } from 'bun:test'
import { productProgress, stepLine } from './product_progress.ts'

/** A canvas that remembers, and a clock that is set by hand. */
function stage(isTTY: boolean) {
  const written: string[] = []
  const at = { ms: 0 }
  const progress = productProgress({ isTTY, columns: 60, write: (text) => written.push(text) }, () => at.ms)
  return { written, at, progress }
}

describe('productProgress', () => {
  test('draws one line again and again in a terminal, and takes it away', () => {
    const { written, at, progress } = stage(true)
    progress.step('tiles', 1_000)
    at.ms = 300
    progress.add(500)
    progress.add(1)
    progress.clear()

    expect(written).toEqual([
      '\r\u001b[2Ktiles:  ░░░░░░░░░░░░░░░░░░░░  0 of 1,000 rows',
      '\r\u001b[2Ktiles:  ██████████░░░░░░░░░░  500 of 1,000 rows',
      '\r\u001b[2K',
    ])
  })

  test('writes a line when a step begins, and seldom after, where nobody watches', () => {
    const { written, at, progress } = stage(false)
    progress.step('tiles', 1_000)
    at.ms = 5_000
    progress.add(500)
    at.ms = 11_000
    progress.add(100)

    expect(written).toEqual([
      'tiles:  ░░░░░░░░░░░░░░░░░░░░  0 of 1,000 rows\n',
      'tiles:  ████████████░░░░░░░░  600 of 1,000 rows  55 rows/s  8 s left\n',
    ])
  })
})

test('stepLine of what has no rows is full', () => {
  expect(stepLine('tiles', { rows: 0, done: 0 }, 0)).toBe('tiles:  ████████████████████  0 of 0 rows')
})
