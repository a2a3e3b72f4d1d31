/** Functions on bytes against those of shared/conform, over random cells. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readCall } from '../../shared/conform/call.ts'
import { compileCall } from '../../shared/conform/functions.ts'
import type { CellBatch } from '../formats/cells.ts'
import { compileBytes } from './byte_functions.ts'
import { openValues } from './values.ts'

const CALLS = [
  { function: 'prefixed_number', field: 'A' },
  { function: 'postfixed_street', field: 'A' },
  { function: 'postfixed_street', field: 'A', may_contain_units: true },
  { function: 'postfixed_unit', field: 'A' },
  { function: 'join', fields: ['A', 'B'], separator: '-' },
]

/** Cells of printable ASCII, made of what the patterns look for. */
const piece = fc.constantFrom(
  ...[
    ' ',
    '  ',
    '1',
    '12',
    '1/2',
    '-',
    '/',
    'A',
    'a',
    'OAK',
    'St',
    '#',
    '.',
    'APT',
    'apt.',
    'Unit',
    'STE',
    'STE.',
    'LOT',
  ],
  ...['BLDG', 'BUILDING', 'APARTMENT', 'SUITE', 'LOTS', '1-', '-A ', '3RD', ' # 4'],
)
const cell = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))

describe('a function on bytes', () => {
  for (const call of CALLS) {
    test(`gives what ${JSON.stringify(call)} gives for texts`, () => {
      const byText = compileCall(call, { layer: 'addresses', variables: new Set(), compile: compileCall })
      fc.assert(
        fc.property(cell, cell, (a, b) => {
          expect(byBytes(call, a, b)).toBe(byText({ A: a, B: b }, 'number') as string)
        }),
        { numRuns: 20_000 },
      )
    })
  }
})

function byBytes(call: object, a: string, b: string): string {
  const values = openValues({ number: call }, ['number'])
  const columns = ['A', 'B']
  const read = readCall(call)
  if (Array.isArray(read)) throw new Error('no call')
  const work = compileBytes(read, columns, { values, index: 0 })!
  const bytes = Buffer.from(a + b, 'latin1')
  const spans = Int32Array.from([0, a.length, a.length, a.length + b.length])
  const batch: CellBatch = {
    columns,
    count: 1,
    bytes,
    spans,
    escapedFrom: bytes.length + 1,
    xy: new Float64Array(2),
    shapes: new Map(),
  }
  work(batch, 0)
  return values.sheet.bytes.toString('latin1', values.starts[0], values.ends[0])
}
