import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Feature } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { inTemp } from '../system/temp.ts'
import { type CellBatch, featureAt } from './cells.ts'
import { readCsv } from './csv.ts'
import { readCsvCells } from './csv_cells.ts'
import type { Reading } from './reading.ts'

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

interface Outcome {
  readonly features: readonly Feature[]
  readonly bad: readonly (readonly string[])[]
  readonly logged: readonly string[]
  /** The message of what ended it; nothing where it came to its end. */
  readonly ended: string
}

const cellsOf = (text: string | Buffer, conform: Conform) =>
  outcome(text, conform, async function* (reading) {
    const batches = readCsvCells(reading) as AsyncGenerator<CellBatch>
    for await (const batch of batches) {
      yield Array.from({ length: batch.count }, (_, row) => featureAt(batch, row))
    }
  })

const rowsOf = (text: string | Buffer, conform: Conform) => outcome(text, conform, readCsv)

function outcome(
  text: string | Buffer,
  conform: Conform,
  read: (reading: Reading) => AsyncGenerator<Feature[]>,
): Promise<Outcome> {
  return inTemp('cells', async (folder) => {
    const path = join(folder, 'table.csv')
    await writeFile(path, text)
    const bad: string[][] = []
    const logged: string[] = []
    const features: Feature[] = []
    const reading: Reading = {
      path,
      conform,
      isEsri: false,
      log: (line) => void logged.push(line),
      signal: new AbortController().signal,
      onBadRow: (...args) => void bad.push(args),
    }
    try {
      for await (const batch of read(reading)) features.push(...batch)
      return { features, bad: bad.sort(), logged, ended: '' }
    } catch (error) {
      return { features: [], bad: [], logged, ended: (error as Error).message }
    }
  })
}
