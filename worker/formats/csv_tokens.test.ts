import { describe, expect, test } from 'bun:test'
import { SourceError } from '../../shared/problem.ts'
import { openTokenizer } from './csv_tokens.ts'

/** Every text is read whole and cut in two at every place: the records must be the same. */
function records(text: string, delimiter = ',', skippedLines = 0): string[][][] {
  return [0, ...Array.from(text).keys()].map((cut) => {
    const tokenizer = openTokenizer({ delimiter, skippedLines })
    return [...tokenizer.write(text.slice(0, cut)), ...tokenizer.write(text.slice(cut)), ...tokenizer.end()]
  })
}

describe('openTokenizer', () => {
  const cases: [name: string, text: string, expected: string[][]][] = [
    ['reads nothing from nothing', '', []],
    [
      'reads a last record without a newline',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['takes every newline for one', 'a\rb\r\nc\nd', [['a'], ['b'], ['c'], ['d']]],
    ['takes a carriage return at the very end for one', 'a,b\r', [['a', 'b']]],
    ['leaves empty lines out', '\n\na\n\r\n\nb\n', [['a'], ['b']]],
    ['keeps a line of one blank', 'a\n \nb', [['a'], [' '], ['b']]],
    ['keeps empty cells', ',a,,\n', [['', 'a', '', '']]],
    ['keeps an empty quoted cell', '""\n', [['']]],
    ['keeps delimiters and newlines in quotes', '"a,b","c\r\nd"\n', [['a,b', 'c\nd']]],
    ['halves doubled quotes', '"say ""hi""",""""\n', [['say "hi"', '"']]],
    ['takes a quote inside a cell as it stands', 'a"b,"c"d,"e"f"\n', [['a"b', 'cd', 'ef"']]],
    ['does not skip blanks before a quote', 'a, "b"\n', [['a', ' "b"']]],
    ['ends an open quote with the file', 'a,"b\nc', [['a', 'b\nc']]],
    ['keeps NUL', 'a\u0000,b\n', [['a\u0000', 'b']]],
  ]
  for (const [name, text, expected] of cases) {
    test(name, () => {
      for (const found of records(text)) expect(found).toEqual(expected)
    })
  }

  test('splits at another character', () => {
    for (const found of records('a;b,c;"d;e"\n', ';')) expect(found).toEqual([['a', 'b,c', 'd;e']])
  })

  test('skips lines, whatever they hold', () => {
    for (const found of records('"one\r\ntwo\r\na,b\r\n', ',', 2)) expect(found).toEqual([['a', 'b']])
  })

  test('refuses a quote that swallows the file', () => {
    const tokenizer = openTokenizer({ delimiter: ',' })
    tokenizer.write('"Main St')

    expect(() => {
      for (let i = 0; i < 20; i++) tokenizer.write('x'.repeat(1024 * 1024))
    }).toThrow(SourceError)
  })
})
