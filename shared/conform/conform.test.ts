import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import type { WorkingRow } from '../row.ts'
import { esriColumns, referredColumns } from './columns.ts'
import { compileConform } from './conform.ts'
import { rowHash, rowText } from './hash.ts'
import { outText } from './out_text.ts'

const hash = (row: WorkingRow) =>
  rowHash((text) => createHash('sha1').update(text).digest('hex'), '0000', row)

describe('compileConform', () => {
  test('makes a feature of a row', () => {
    const conformer = compileConform('addresses', {
      number: 'N',
      street: ['S', 'T'],
      accuracy: { function: 'map', field: 'A', mapping: { roof: 1 } },
      lon: 'X',
    })
    const row = { N: ' 12.0 ', S: ' OAK', T: 'ST', A: 'roof' }

    const feature = conformer.apply(
      { row, geometry: { type: 'Point', coordinates: [-119.1234568, 39.3] } },
      'POINT (-119.123456789 39.3)',
      hash,
    )

    expect(outText(feature)).toBe(
      '{"type": "Feature", "properties": {"hash": "66018043fbb3579b", "number": "12", "street": "OAK ST", ' +
        '"unit": "", "city": "", "district": "", "region": "", "postcode": "", "id": "", "accuracy": 1}, ' +
        '"geometry": {"type": "Point", "coordinates": [-119.1234568, 39.3]}}',
    )
    expect(row).toEqual({ N: ' 12.0 ', S: ' OAK', T: 'ST', A: 'roof' })
  })

  test('gives null for a column that the data lacks, and an empty text for what is not mapped', () => {
    const { properties } = compileConform('centerlines', { name: 'NAME', speed: 35 })

    expect(properties({}, '')).toMatchObject({ name: null, speed: '', id: '' })
  })

  test('lets later attributes read earlier results', () => {
    const conformer = compileConform('addresses', {
      number: { function: 'prefixed_number', field: 'A' },
      street: { function: 'remove_prefix', field: 'A', field_to_remove: 'oa:number' },
    })
    const row = { A: '12 MAIN ST' }
    conformer.work(row)

    expect(conformer.properties(row, '')).toMatchObject({ number: '12', street: 'MAIN ST' })
  })

  test('lets a second chain read what the first has left in their common variable', () => {
    const conformer = compileConform('addresses', {
      number: { function: 'chain', variable: 'v', functions: [{ function: 'prefixed_number', field: 'A' }] },
      street: {
        function: 'chain',
        variable: 'v',
        functions: [
          { function: 'postfixed_street', field: 'A' },
          { function: 'join', fields: ['oa:v'] },
        ],
      },
    })
    const row = { A: '12 MAIN ST' }
    conformer.work(row)

    expect(conformer.properties(row, '')).toMatchObject({ number: '12', street: '12' })
  })

  test('trims nothing outside of addresses, and only three properties there', () => {
    expect(compileConform('parcels', { pid: 'P' }).properties({ P: ' 1.0 ' }, '')).toEqual({
      hash: '',
      pid: ' 1.0 ',
    })
    expect(
      compileConform('addresses', { city: 'C', unit: 'U' }).properties({ C: ' c ', U: ' 3.0 ' }, ''),
    ).toMatchObject({
      city: ' c ',
      unit: '3.0',
    })
  })

  test('names the columns it refers to', () => {
    const { columns } = compileConform('addresses', {
      number: { function: 'first_non_empty', fields: ['b', 'a'] },
      street: {
        function: 'chain',
        variable: 'wip',
        functions: [
          { function: 'join', fields: ['S', 'a'] },
          { function: 'remove_postfix', field: 'wip', field_to_remove: 'U' },
        ],
      },
      unit: { function: 'join', fields: ['oa:street', ''] },
      format: 'csv',
    })

    expect(columns).toEqual(['S', 'U', 'a', 'b'])
  })
})

describe('esriColumns', () => {
  test('keeps all columns where the conform names none', () => {
    expect(referredColumns('buildings', { format: 'geojson' })).toEqual([])
    expect(esriColumns('buildings', { format: 'geojson' })).toBeNull()
    expect(esriColumns('addresses', null)).toBeNull()
  })
})

describe('rowText', () => {
  test('sorts by code points and writes as Python does', () => {
    expect(rowText({ '\uff21': 'x', '😀': 'y', b: 1, a: null, ab: 'é' })).toBe(
      '[["a",null],["ab","\\u00e9"],["b",1],["\\uff21","x"],["\\ud83d\\ude00","y"]]',
    )
  })
})

describe('outText', () => {
  test('writes a feature without a place', () => {
    expect(outText({ type: 'Feature', properties: { hash: 'x', pid: null }, geometry: null })).toBe(
      '{"type": "Feature", "properties": {"hash": "x", "pid": null}, "geometry": null}',
    )
  })

  test('writes collections and whole ordinates', () => {
    const geometry = {
      type: 'GeometryCollection',
      geometries: [
        {
          type: 'LineString',
          coordinates: [
            [0, 1e-7],
            [-0, 2],
          ],
        },
      ],
    } as const
    expect(outText({ type: 'Feature', properties: { hash: '' }, geometry })).toContain(
      '"geometries": [{"type": "LineString", "coordinates": [[0.0, 1e-07], [-0.0, 2.0]]}]}',
    )
  })
})
