/** Strangers' text in a log: a line stays one line, and a terminal does nothing that it says. */
import { expect, test } from 'bun:test'
import { logger } from '../../worker/system/log.ts'

const CASES: readonly [text: string, shown: string][] = [
  [
    'a\r\n2026-01-01T00:00:00.000Z work handed in run 1: good',
    'a 2026-01-01T00:00:00.000Z work handed in run 1: good',
  ],
  ['a\u001b[2Jb', 'a\uFFFD[2Jb'],
  ['a\u001b]0;title\u0007b', 'a\uFFFD]0;title\uFFFDb'],
  ['a\u009b31mb', 'a\uFFFD31mb'],
  ['a\0b\u0008c\td', 'a\uFFFDb\uFFFDc\td'],
]

for (const [text, shown] of CASES) {
  test(`${JSON.stringify(text)} is one line without orders`, () => {
    const lines: string[] = []
    logger('work', (line) => lines.push(line))(text)
    expect(lines.map((line) => line.replace(/^\S+ work /, ''))).toEqual([`${shown}\n`])
  })
}
