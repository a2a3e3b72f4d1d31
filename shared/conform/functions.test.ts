import { describe, expect, test } from 'bun:test'
import type { WorkingRow } from '../row.ts'
import type { Scope } from './evaluate.ts'
import { compileCall } from './functions.ts'
import { RowError } from './row_error.ts'

function evaluate(call: object, row: WorkingRow) {
  const scope: Scope = { layer: 'addresses', variables: new Set(), compile: compileCall }
  return compileCall(call, scope)(row, 'street')
}

type Expected = string | number | null | undefined

const cases: Record<string, [name: string, parameters: object, row: WorkingRow, expected: Expected][]> = {
  join: [
    [
      'puts a space between fields by default',
      { fields: ['a', 'b'] },
      { a: '12', b: 'Main St' },
      '12 Main St',
    ],
    ['leaves blank fields out', { fields: ['a', 'b'], separator: '-' }, { a: ' ', b: '921' }, '921'],
    ['takes null for blank', { fields: ['a', 'b'] }, { a: null, b: 'x' }, 'x'],
    ['gives nothing when a column is absent', { fields: ['a', 'b'] }, { a: '12' }, undefined],
  ],
  format: [
    [
      'leaves out what surrounds blanks',
      { fields: ['a', 'b', 'c'], format: '$1-$2-$3' },
      { a: '12.0', b: '', c: '56' },
      '12-56',
    ],
    [
      'keeps the text around when anything stands',
      { fields: ['a', 'b'], format: 'No $1-$2 end' },
      { a: '', b: 'y' },
      'No y end',
    ],
    ['gives an empty text when all are blank', { fields: ['a'], format: 'No $1 end' }, { a: ' ' }, ''],
    ['passes over references to no field', { fields: ['a'], format: 'q $0 w $1' }, { a: 'x' }, 'x'],
  ],
  regexp: [
    [
      'joins the groups of the first match',
      { field: 'a', pattern: '^(\\S+) (\\S+)' },
      { a: '12 Main St' },
      '12Main',
    ],
    ['gives an empty text without a match', { field: 'a', pattern: '(z)' }, { a: '12' }, ''],
    ['replaces all matches', { field: 'a', pattern: '(\\d)', replace: '<$1>' }, { a: '1 2' }, '<1> <2>'],
    ['keeps a text that does not match', { field: 'a', pattern: '(z)', replace: '$1$1' }, { a: '12' }, '12'],
  ],
  prefixed_number: [
    ['takes a fraction along', { field: 'a' }, { a: '123 1/2 MAPLE ST' }, '123 1/2'],
    ['takes a letter along', { field: 'a' }, { a: '123-A 3RD ST' }, '123-A'],
    ['takes no ordinal for a number', { field: 'a' }, { a: '3RD ST' }, ''],
  ],
  postfixed_street: [
    ['drops the number', { field: 'a' }, { a: ' 12 3RD ST' }, '3RD ST'],
    ['keeps a unit', { field: 'a' }, { a: '123 MAPLE ST UNIT 3' }, 'MAPLE ST UNIT 3'],
    [
      'drops a unit when told to',
      { field: 'a', may_contain_units: true },
      { a: '123 MAPLE ST #3' },
      'MAPLE ST',
    ],
    ['takes the first line only', { field: 'a' }, { a: '12 MAPLE ST\nCITY' }, 'MAPLE ST'],
  ],
  postfixed_unit: [
    ['keeps the word', { field: 'a' }, { a: 'Main Street Apt. 300' }, 'Apt. 300'],
    ['wants a blank before it', { field: 'a' }, { a: 'Main Street runit 300' }, ''],
  ],
  remove_prefix: [
    ['cuts and strips spaces', { field: 'a', field_to_remove: 'b' }, { a: '123  MAPLE', b: '123' }, 'MAPLE'],
    ['leaves a tab', { field: 'a', field_to_remove: 'b' }, { a: 'P\tx', b: 'P' }, '\tx'],
    ['strips spaces for an empty prefix too', { field: 'a', field_to_remove: 'b' }, { a: '  x', b: '' }, 'x'],
    ['minds letter case', { field: 'a', field_to_remove: 'b' }, { a: 'pq', b: 'P' }, 'pq'],
  ],
  remove_postfix: [
    [
      'cuts and strips spaces',
      { field: 'a', field_to_remove: 'b' },
      { a: 'MAPLE ST  UNIT 5', b: 'UNIT 5' },
      'MAPLE ST',
    ],
    ['leaves all for an empty postfix', { field: 'a', field_to_remove: 'b' }, { a: 'x  ', b: '' }, 'x  '],
  ],
  first_non_empty: [
    ['passes blanks over and trims nothing', { fields: ['a', 'b'] }, { a: ' \t ', b: ' y ' }, ' y '],
    ['does not miss a column behind the hit', { fields: ['a', 'b'] }, { a: 'x' }, 'x'],
    ['gives nothing when all are blank', { fields: ['a'] }, { a: '' }, undefined],
  ],
  constant: [
    ['gives its text', { value: 'PA' }, {}, 'PA'],
    ['keeps a number a number', { value: 5 }, {}, 5],
  ],
  map: [
    ['looks up the exact text', { field: 'a', mapping: { x: 1, y: 'two' } }, { a: 'y' }, 'two'],
    ['gives else for the rest', { field: 'a', mapping: { x: 1 }, else: 5 }, { a: ' x' }, 5],
    ['gives an empty text without else', { field: 'a', mapping: { x: 1 } }, { a: 'q' }, ''],
    ['keeps a null that is meant', { field: 'a', mapping: { x: 1 }, else: null }, { a: 'q' }, null],
    ['finds nothing in what objects inherit', { field: 'a', mapping: {} }, { a: 'constructor' }, ''],
    ['gives nothing when the column is absent', { field: 'a', mapping: { x: 1 }, else: 5 }, {}, undefined],
  ],
  mph_to_kph: [
    ['rounds to whole kilometres', { field: 'a' }, { a: ' 25 ' }, '40'],
    ['reads numbers as Python does', { field: 'a' }, { a: '1_0' }, '16'],
    ['gives an empty text for no number', { field: 'a' }, { a: '35 mph' }, ''],
    ['gives an empty text for an infinite speed', { field: 'a' }, { a: 'inf' }, ''],
    ['writes all digits', { field: 'a' }, { a: '1e22' }, '16093400000000000262144'],
  ],
  get: [
    [
      'takes a member of a Python list',
      { field: 'a', index: 1 },
      { a: "['Polska', 'kujawsko-pomorskie','x']" },
      'kujawsko-pomorskie',
    ],
    ['counts from the end', { field: 'a', index: -1 }, { a: '["it\'s", "a \\"b\\""]' }, 'a "b"'],
    ['reads bare words', { field: 'a', index: 0 }, { a: '[12, None]' }, '12'],
    ['takes None for empty', { field: 'a', index: 1 }, { a: '[12, None]' }, ''],
    ['gives an empty text where there is no member', { field: 'a', index: 7 }, { a: "['x']" }, ''],
    ['gives an empty text where there is no list', { field: 'a', index: 0 }, { a: 'x' }, ''],
  ],
  chain: [
    [
      'hands each result on under its variable',
      {
        variable: 'wip',
        functions: [
          { function: 'format', fields: ['a', 'b'], format: '$1-$2' },
          { function: 'remove_postfix', field: 'wip', field_to_remove: 'unit' },
        ],
      },
      { a: '12', b: '34 UNIT 5', unit: 'UNIT 5' },
      '12-34',
    ],
    [
      'reads an empty text from a variable that nothing was put into',
      {
        variable: 'wip',
        functions: [
          { function: 'regexp', field: 'a', pattern: '(z)' },
          { function: 'join', fields: ['wip', 'b'] },
        ],
      },
      { a: 'x', b: 'y' },
      'y',
    ],
    [
      'works without a variable',
      {
        functions: [
          { function: 'constant', value: 'x' },
          { function: 'join', fields: ['oa:street', 'b'] },
        ],
      },
      { b: 'y' },
      'x y',
    ],
    [
      'gives an empty text when no step gave anything',
      { functions: [{ function: 'first_non_empty', fields: ['a'] }] },
      { a: '' },
      '',
    ],
  ],
}

for (const [name, table] of Object.entries(cases)) {
  describe(name, () => {
    for (const [sentence, parameters, row, expected] of table) {
      test(sentence, () => {
        expect(evaluate({ function: name, ...parameters }, row)).toEqual(expected)
      })
    }
  })
}

describe('a function', () => {
  const needy: object[] = [
    { function: 'format', fields: ['a'], format: '$1' },
    { function: 'regexp', field: 'a', pattern: '(x)' },
    { function: 'prefixed_number', field: 'a' },
    { function: 'postfixed_street', field: 'a' },
    { function: 'postfixed_unit', field: 'a' },
    { function: 'remove_prefix', field: 'b', field_to_remove: 'a' },
    { function: 'remove_postfix', field: 'a', field_to_remove: 'b' },
    { function: 'first_non_empty', fields: ['a'] },
    { function: 'get', field: 'a', index: 0 },
  ]
  for (const call of needy) {
    test(`says which column is absent: ${JSON.stringify(call)}`, () => {
      expect(() => evaluate(call, { b: 'x' })).toThrow(new RowError('no-such-column', 'a'))
    })
  }

  test('takes no inherited name for a column', () => {
    expect(() => evaluate({ function: 'prefixed_number', field: 'constructor' }, {})).toThrow(RowError)
  })
})

describe('compileCall refuses', () => {
  const refused: [name: string, call: unknown, message: string][] = [
    [
      'a function that does not exist',
      { function: 'split', field: 'a' },
      '"split" is none of join, format, regexp',
    ],
    ['a call without a name', { field: 'a' }, 'nothing is none of'],
    ['what is no call', ['a', 'b'], 'must be the call of a function, not a list'],
    ['a missing parameter', { function: 'constant' }, 'value: constant needs it'],
    [
      'a parameter of another type',
      { function: 'join', fields: 'a' },
      'fields: must be a list of column names, not text',
    ],
    [
      'a column list in a chain',
      { function: 'chain', functions: [['a', 'b']] },
      'must be the call of a function, not a list',
    ],
    [
      'a pattern that Python refuses',
      { function: 'regexp', field: 'a', pattern: '(' },
      'A pattern of the conform cannot be used: "("',
    ],
    [
      'a group that the pattern does not have',
      { function: 'regexp', field: 'a', pattern: '(b)', replace: '$11' },
      'names a group',
    ],
  ]
  for (const [name, call, message] of refused) {
    test(name, () => {
      expect(() => evaluate(call as object, {})).toThrow(message)
    })
  }
})
