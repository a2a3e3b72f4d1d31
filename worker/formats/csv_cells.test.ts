import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Conform } from '../../shared/source.ts'
import { cellsOf, rowsOf } from './read_cells_cases.ts'

const CONFORM: Conform = { format: 'csv', lon: 'X', lat: 'Y' }

const cell = fc.oneof(
  fc.constantFrom(
    '',
    '12',
    '-71.5',
    '42,25',
    ' 7 ',
    '1e5',
    'x',
    '"',
    '""',
    '"a""b"',
    '"a,b;c"',
    '"a\nb"',
    '"open',
  ),
  fc.constantFrom(
    '"a"b',
    'é',
    '"ü"',
    '\\',
    '\t',
    '\u007f',
    '😀',
    '123456789012345678',
    '.5',
    '5.',
    '-',
    '-0',
    '1e999',
  ),
  fc.string({ maxLength: 6 }),
)
const newline = fc.constantFrom('\n', '\r\n', '\r', '\n\n')
const delimiter = fc.constantFrom(',', ';', '\t', '|', 'a')
const line = fc.tuple(fc.array(cell, { maxLength: 5 }), newline)
const table = fc.record({
  header: fc.constantFrom(['X', 'Y', 'A', 'é'], ['A', 'X', 'b"', 'Y'], ['X', 'Y', 'X'], ['Y', 'A', 'B']),
  lines: fc.array(line, { maxLength: 12 }),
  delimiter,
  conform: fc.constantFrom<Conform>(
    {},
    { headers: -1, lon: 'COLUMN1', lat: 'COLUMN2' },
    { headers: 2, skiplines: 2 },
  ),
  encoding: fc.constantFrom(undefined, 'utf-8', 'utf-8-sig', 'latin1'),
  mark: fc.constantFrom('', '\ufeff'),
})

describe('the cells of a table', () => {
  test('are those of its rows, for any table', async () => {
    await fc.assert(
      fc.asyncProperty(table, async ({ header, lines, delimiter, conform, encoding, mark }) => {
        const body = lines.map(([cells, end]) => cells.join(delimiter) + end).join('')
        const text = `${mark}${header.join(delimiter)}\n${body}`
        const tags = {
          ...CONFORM,
          csvsplit: delimiter,
          ...(encoding === undefined ? {} : { encoding }),
          ...conform,
        }

        expect(await cellsOf(text, tags)).toEqual(await rowsOf(text, tags))
      }),
      { numRuns: 400 },
    )
  })

  test('are those of its rows where the place is text of a geometry', async () => {
    const shapes = [
      'POINT (1 2)',
      'POINT (1.25 -2.5)',
      'POINT (1,5 2)',
      'POINT (nan nan)',
      'POINT EMPTY',
      '',
      'x',
      'POINT Z (1 2 3)',
    ]
    const text = `A,oa:geom\n${shapes.map((shape, at) => `${at},"${shape}"\n`).join('')}`
    const plain = `A,oa:geom\n${shapes
      .filter((shape) => !shape.includes(','))
      .map((shape, at) => `${at},${shape}\n`)
      .join('')}`

    expect(await cellsOf(text, CONFORM)).toEqual(await rowsOf(text, CONFORM))
    expect(await cellsOf(plain, CONFORM)).toEqual(await rowsOf(plain, CONFORM))
  })

  test('come whole where a record lies on two blocks', async () => {
    const long = Array.from(
      { length: 9000 },
      (_, at) => `${at},${at / 7},"a ""quoted"" cell é ${at}",x\n`,
    ).join('')
    const text = `X,Y,A,B\n${long}`

    expect(await cellsOf(text, CONFORM)).toEqual(await rowsOf(text, CONFORM))
  })

  test('are refused where the bytes are no text', async () => {
    const bytes = Buffer.from('X,Y,A\n1,2,\xe9\n', 'latin1')

    expect(await cellsOf(bytes, CONFORM)).toEqual(await rowsOf(bytes, CONFORM))
  })
})
