/** Every rule by rows that break it and rows that just do not, through the bytes that a run writes. */
import { describe, expect, test } from 'bun:test'
import { outText } from '../conform/out_text.ts'
import { attributesOf, type LayerName } from '../layer.ts'
import type { Geometry, OutFeature } from '../row.ts'
import { countRepeats } from './duplicates.ts'
import type { Quality } from './finding.ts'
import { readLimits } from './limits.ts'
import { type Outline, outlineOf } from './outline.ts'
import { openQuality } from './quality.ts'
import { RULES } from './rules.ts'

/** Some ten degrees of land, as Oregon is. */
const CORNERS = [-124, 42, -117, 42, -117, 46, -124, 46, -124, 42]
const RING = [0, 2, 4, 6, 8].map((at) => CORNERS.slice(at, at + 2))
const LAND = outlineOf('Land', [RING])

interface Row {
  readonly [attribute: string]: string | number | null | Geometry | readonly number[]
}

const HOME: readonly number[] = [-122.5, 45.5]

function feature(layer: LayerName, { at = HOME, shape, ...values }: Row): OutFeature {
  const named = attributesOf(layer).map((name) => [name, (values[name] ?? '') as string])
  const point = at === null ? null : ({ type: 'Point', coordinates: at } as Geometry)
  return {
    type: 'Feature',
    properties: { hash: '27b4e9ecf971be8c', ...Object.fromEntries(named) },
    geometry: (shape as Geometry | undefined) ?? point,
  }
}

interface Options {
  readonly layer?: LayerName
  readonly mapped?: readonly string[]
  readonly outline?: Outline | null
  readonly limits?: Readonly<Record<string, number>>
}

function count(rows: readonly Row[], options: Options = {}): Quality {
  const { layer = 'addresses', mapped = ['number', 'street'], outline = LAND, limits = {} } = options
  const keys: number[] = []
  const counter = openQuality({ layer, mapped, outline, limits, sink: (a, b) => keys.push(a, b) })
  for (const row of rows) counter.see(Buffer.from(`${outText(feature(layer, row))}\n`, 'latin1'))
  return counter.finish(countRepeats(Int32Array.from(keys)))
}

/** Rows that are all right, each another. */
function good(rows: number): Row[] {
  return Array.from({ length: rows }, (_, row) => ({
    number: `${row + 1}`,
    street: `Oak St ${row % 17}`,
    at: [-122.5 + row / 1e4, 45.5],
  }))
}

function found({ findings }: Quality): string[] {
  return findings.map(({ code, severity, count, of }) => `${severity} ${code} ${count}/${of}`)
}

const MERCATOR: readonly number[] = [-13636000, 5700000]

/** The code, one row that breaks the rule, and what is said of it among 99 that do not. */
const BREAKS: readonly [sentence: string, row: Row, expected: readonly string[]][] = [
  ['a row without a place', { number: '1', street: 'A', at: null }, ['info no-geometry 1/100']],
  [
    'a row in metres',
    { number: '1', street: 'A', at: MERCATOR },
    ['warning off-globe 1/100', 'info outside-coverage 1/100', 'info wrong-srs 1/100'],
  ],
  [
    'a row at 0, 0',
    { number: '1', street: 'A', at: [0, 0] },
    ['warning null-island 1/100', 'info outside-coverage 1/100'],
  ],
  ['a row beyond the coast', { number: '1', street: 'A', at: [-125, 45] }, ['info outside-coverage 1/100']],
  [
    'a row in the next state but three',
    { number: '1', street: 'A', at: [-100, 40] },
    ['info outside-coverage 1/100', 'info wrong-srs 1/100'],
  ],
  [
    'a row with swapped axes',
    { number: '1', street: 'A', at: [45.5, -122.5] },
    ['warning off-globe 1/100', 'warning swapped-axes 1/100', 'info outside-coverage 1/100'],
  ],
  ['a row without a number', { street: 'A' }, ['info no-number 1/100']],
  ['a row without a street', { number: '1', street: '  ' }, ['info no-street 1/100']],
  [
    'a row with nothing but a city',
    { city: 'X' },
    ['info no-number 1/100', 'info no-street 1/100', 'info no-number-and-street 1/100'],
  ],
  ['the number 0', { number: '0', street: 'A' }, ['info number-zero 1/100']],
  ['a street that is the number', { number: '325', street: '325' }, ['info street-is-number 1/100']],
  ['a postcode with .0', { number: '1', street: 'A', postcode: '97201.0' }, ['warning decimal-ending 1/100']],
  ['the word NULL', { number: '1', street: '<Null>' }, ['info null-words 1/100']],
  [
    'UTF-8 read as Latin-1',
    { number: '1', street: 'Stra\u00c3\u009fe' },
    ['warning control-characters 1/100', 'warning mojibake 1/100'],
  ],
  ['UTF-8 read as Windows-1252', { number: '1', street: 'StraÃŸe' }, ['warning mojibake 1/100']],
  ['Japanese read as Latin-1', { number: '1', street: '\u00e6\u00b1\u00ba' }, ['warning mojibake 1/100']],
  ['a lost letter', { number: '1', street: 'Caf\ufffd' }, ['warning replacement-characters 1/100']],
  ['a ? for a letter', { number: '1', street: 'Rue Aim? Rey' }, ['warning question-marks 1/100']],
  ['a line break', { number: '1', street: 'Oak\nSt' }, ['warning control-characters 1/100']],
  [
    'a row that is there already',
    { number: '1', street: 'Oak St 0', at: [-122.5, 45.5] },
    ['info duplicates 1/100'],
  ],
]

describe('a rule', () => {
  for (const [sentence, row, expected] of BREAKS)
    test(`tells ${sentence}`, () => {
      expect(found(count([...good(99), row])).sort()).toEqual([...expected].sort())
    })

  const fine: [sentence: string, row: Row][] = [
    ['100.05 and 2300.5', { number: '2300.5', street: 'A', unit: '100.05' }],
    ['a street called Null Rd, None or N', { number: '1', street: 'Null Rd', unit: 'N', city: 'None' }],
    ['letters of many alphabets', { number: '1', street: 'Größe Łódź Ñandú 東京 ул. Ленина São' }],
    ['a question', { number: '1', street: '?', unit: '? 5' }],
    ['the number 00 and 10', { number: '00', street: '10' }],
    ['a pier', { number: '1', street: 'Pier', at: [-124.05, 45] }],
  ]
  for (const [sentence, row] of fine)
    test(`says nothing of ${sentence}`, () => {
      expect(found(count([...good(99), row]))).toEqual([])
    })

  test('weighs by its limits, and shows three rows', () => {
    const quality = count([...good(40), ...good(60).map((row) => ({ ...row, at: [0, 0] }))])

    const [worst] = quality.findings
    expect(worst).toMatchObject({
      code: 'null-island',
      severity: 'error',
      count: 60,
      of: 100,
      share: 0.6,
      limit: 0.1,
    })
    expect(worst?.examples).toEqual([
      'row 41: number "1", street "Oak St 0", at 0, 0',
      'row 42: number "2", street "Oak St 1", at 0, 0',
      'row 43: number "3", street "Oak St 2", at 0, 0',
    ])
  })

  test('can be told another limit by the source', () => {
    const rows = [...good(40), ...good(60).map((row) => ({ ...row, number: '' }))]

    expect(found(count(rows))).toEqual(['warning no-number 60/100'])
    expect(found(count(rows, { limits: { 'no-number': 0.5 } }))).toEqual(['error no-number 60/100'])
    const at = rows.map((row) => ({ ...row, at: [0, 0] }))
    expect(found(count(at, { limits: { 'null-island': 1, 'outside-coverage': 1 } })).slice(0, 1)).toEqual([
      'warning null-island 100/100',
    ])
  })

  test('says nothing of a coverage that is not known', () => {
    expect(
      found(
        count(
          good(10).map((row) => ({ ...row, at: [7, 50] })),
          { outline: null },
        ),
      ),
    ).toEqual([])
  })
})

describe('columns', () => {
  test('that are mapped and empty are told', () => {
    const quality = count(good(100), { mapped: ['number', 'street', 'unit'] })

    expect(quality.findings).toMatchObject([
      { code: 'empty-column', attribute: 'unit', severity: 'warning', count: 100 },
    ])
    expect(quality.attributes['unit']).toEqual({ filled: 0, distinct: 0, top: null })
  })

  test('with one value in most rows are told, those with a city in all are not', () => {
    const rows = good(200).map((row, at) => ({
      ...row,
      city: 'PORTLAND',
      ...(at < 120 ? { number: '99' } : {}),
    }))

    const quality = count(rows, { mapped: ['number', 'street', 'city'] })

    expect(quality.findings).toMatchObject([
      {
        code: 'repeated-value',
        attribute: 'number',
        severity: 'warning',
        count: 120,
        examples: ['"99" in 120 rows'],
      },
    ])
    expect(quality.attributes['city']).toEqual({
      filled: 200,
      distinct: 1,
      top: { value: 'PORTLAND', rows: 200 },
    })
  })

  test('count different values within two percent, or one', () => {
    const rows = Array.from({ length: 30_000 }, (_, row) => ({
      number: `${row}`,
      street: `Street ${row % 40}`,
    }))

    const { attributes } = count(rows)

    expect(Math.abs((attributes['street']?.distinct ?? 0) - 40)).toBeLessThan(2)
    expect(Math.abs((attributes['number']?.distinct ?? 0) - 30_000)).toBeLessThan(600)
  })
})

describe('the middle', () => {
  test('is where the rows are, whatever one of them does', () => {
    const rows = [...good(1000), { number: '1', street: 'A', at: [100, -30] }]

    expect(count(rows).middle).toEqual([-122.5, 45.5, -122.4, 45.51])
    expect(count([{ number: '1', at: null }]).middle).toBeNull()
  })
})

describe('other layers', () => {
  test('have the rules that mean something for them, over shapes too', () => {
    const corner = (x: number): Geometry => ({
      type: 'MultiPolygon',
      coordinates: [
        [
          [
            [x, 45, 12],
            [x + 0.01, 45, 12],
            [x, 45.01, 12],
            [x, 45, 12],
          ],
        ],
      ],
    })
    const rows = [
      { pid: '7.0', shape: corner(-122) },
      { pid: '8', shape: corner(-179.995) },
      { pid: '9', shape: corner(180) },
    ]

    expect(found(count(rows, { layer: 'parcels', mapped: ['pid'] })).sort()).toEqual([
      'error off-globe 1/3',
      'error outside-coverage 2/3',
      'error wrong-srs 2/3',
      'warning decimal-ending 1/3',
    ])
  })
})

describe('rules', () => {
  test('have codes of their own, limits and a reason for them', () => {
    expect(new Set(RULES.map(({ code }) => code)).size).toBe(RULES.length)
    for (const { limits, reason, sentence } of RULES) {
      expect(Object.keys(limits).length).toBeGreaterThan(0)
      expect(reason).toMatch(/\.$/)
      expect(sentence).toMatch(/^rows /)
    }
  })

  test('are given other limits by a source, which is told what of it means nothing', () => {
    expect(readLimits(undefined)).toEqual({ limits: {}, faults: [] })
    expect(readLimits({ 'no-street': 1, 'rows-fell': 0.5 }).limits).toEqual({
      'no-street': 1,
      'rows-fell': 0.5,
    })
    expect(readLimits({ 'no-streets': 1, 'no-number': 30, mojibake: '1' })).toEqual({
      limits: {},
      faults: [
        '"quality" has no rule "no-streets"',
        'the limit of "no-number" is not a number from 0 to 1',
        'the limit of "mojibake" is not a number from 0 to 1',
      ],
    })
    expect(readLimits([]).faults).toEqual(['"quality" is not an object of limits'])
  })
})

test('lines that this house did not write are refused', () => {
  const counter = openQuality({ layer: 'addresses', mapped: [], outline: null, limits: {}, sink: () => {} })

  expect(() => counter.see(Buffer.from('{"type":"Feature","properties":{}}\n'))).toThrow(
    'line 1 is not as out.geojson',
  )
})
