import { describe, expect, test } from 'bun:test'
import { SourceError } from '../problem.ts'
import { compilePattern, search } from './regexp_dialect.ts'
import { pythonTemplate, readTemplate, substitute } from './regexp_replace.ts'

describe('compilePattern means what Python means by', () => {
  const cases: [pattern: string, text: string, match: string | null][] = [
    ['\\d+', 'x ١٢', '١٢'],
    ['\\w+', 'é½_a', 'é½_a'],
    ['\\W', 'a‿', '‿'],
    ['[\\W]', 'a_', null],
    ['\\s', '\ufeff', null],
    ['\\s', '\u001c', '\u001c'],
    ['[\\S]+', '\ufeffa b', '\ufeffa'],
    ['\\bé\\b', 'a é', 'é'],
    ['\\B', '', null],
    ['.*', 'a\rb\nc', 'a\rb'],
    ['b$', 'ab\n', 'b'],
    ['b\\Z', 'ab\n', null],
    ['(?m)^b', 'a\nb', 'b'],
    ['(?s)a.b', 'a\nb', 'a\nb'],
    ['(?i)i', 'İ', 'İ'],
    ['(?i)[h-j]', 'ı', 'ı'],
    ['(?a)\\w+', 'éa', 'a'],
    ['(?P<n>a)(?P=n)', 'aa', 'aa'],
    ['(a)\\1', 'aa', 'aa'],
    ['(?#note)a', 'a', 'a'],
    ['a{,2}', 'aaa', 'aa'],
    ['a{', 'a{', 'a{'],
    ['a{}', 'a{}', 'a{}'],
    ['[]a]+', ']a', ']a'],
    ['[a\\-z]+', 'b-', '-'],
    ['[[a]', '[', '['],
    ['\\-\\<\\#', '-<#', '-<#'],
    ['\\x41\\u00e9\\101', 'AéA', 'AéA'],
    ['(?<!^)', '😀', ''],
  ]
  for (const [pattern, text, match] of cases) {
    test(`${JSON.stringify(pattern)} on ${JSON.stringify(text)}`, () => {
      expect(search(compilePattern(pattern), text)?.[0] ?? null).toBe(match)
    })
  }

  test('an end, and never the middle of a character', () => {
    expect(search(compilePattern('(?<!^)'), '😀')?.index).toBe(2)
  })
})

describe('compilePattern refuses', () => {
  for (const pattern of [
    '(',
    'a**',
    'a++',
    '(?>a)',
    '(?i:a)',
    '(?x)a',
    '(?<n>a)',
    '\\q',
    '\\8',
    '[z-a]',
    '[\\d-x]',
    '\\u12',
    '[a',
  ]) {
    test(pattern, () => {
      expect(() => compilePattern(pattern)).toThrow(SourceError)
    })
  }
})

describe('substitute', () => {
  const cases: [pattern: string, replace: string, text: string, expected: string][] = [
    ['b', 'X', 'abcb', 'aXcX'],
    ['(b)', '$1x', 'ab', 'abx'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source's own spelling.
    ['(b)', '${1}1', 'ab', 'ab1'],
    ['(b)', '\\1\\1', 'ab', 'abb'],
    ['(?P<n>b)', '\\g<n>\\g<0>', 'ab', 'abb'],
    ['(b)(z)?', '[$2]', 'ab', 'a[]'],
    ['b', '[$0]', 'ab', 'a[\0]'],
    ['b', '$name', 'ab', 'a$name'],
    ['b', '\\101', 'ab', 'aA'],
    ['z', 'X', 'ab', 'ab'],
    ['x*', '-', 'abxd', '-a-b--d-'],
    ['(.*?)', '[$1]', 'ab', '[][a][][b][]'],
    ['|a', '-', 'a😀', '---😀-'],
    ['(a)\\1|', '<$1>', 'aab', '<a><>b<>'],
  ]
  for (const [pattern, replace, text, expected] of cases) {
    test(`${pattern} by ${replace} in ${text}`, () => {
      const compiled = compilePattern(pattern)
      expect(substitute(compiled, readTemplate(pythonTemplate(replace), compiled), text)).toBe(expected)
    })
  }
})
