import { describe, expect, test } from 'bun:test'
import { quotedText } from './python_quote.ts'

describe('quotedText', () => {
  const cases: [text: string, expected: string][] = [
    ['a', "'a'"],
    ["it's", `"it's"`],
    [`both ' and "`, `'both \\' and "'`],
    ['a\\b\n', "'a\\\\b\\n'"],
    ['é\u00a0\u0001', "'é\\xa0\\x01'"],
    ['\u2028', "'\\u2028'"],
  ]
  for (const [text, expected] of cases) {
    test(`${JSON.stringify(text)} is ${expected}`, () => expect(quotedText(text)).toBe(expected))
  }
})
