/** The id of a row: what it survives, what it does not, and that the fast reader gives the same. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { outText } from './conform/out_text.ts'
import { contentId, halfText, stir } from './content_id.ts'
import { anyGeometry } from './geometry/arbitrary_geometry.ts'
import { attributesOf, LAYERS, type LayerName } from './layer.ts'
import { lineReader } from './quality/line_reader.ts'
import type { OutFeature } from './row.ts'

const OAK: OutFeature = {
  type: 'Feature',
  properties: {
    hash: '27b4e9ecf971be8c',
    number: '12',
    street: 'Straße des 17. Juni',
    unit: '',
    city: 'Köln',
    district: '',
    region: '',
    postcode: '10785',
    id: '4711',
    accuracy: '',
  },
  geometry: { type: 'Point', coordinates: [13.3501234, 52.5145678] },
}

function like(properties: OutFeature['properties'], coordinates = [13.3501234, 52.5145678]): OutFeature {
  return {
    ...OAK,
    properties: { ...OAK.properties, ...properties },
    geometry: { type: 'Point', coordinates },
  }
}

describe('the content id', () => {
  const id = contentId('addresses', OAK)

  test('is two halves of sixteen digits that never change', () => {
    expect(id).toBe('b771c1485a4e7173-241275e978dd3fd6')
    expect(contentId('addresses', { ...OAK, geometry: null })).toMatch(/^[0-9a-f]{16}-[0-9a-f]{16}$/)
  })

  const survives: [sentence: string, row: OutFeature][] = [
    ['another hash', like({ hash: 'ffffffffffffffff' })],
    ["another row number of the publisher's", like({ id: '4712' })],
    ['case', like({ street: 'STRASSE DES 17. JUNI' })],
    ['blanks', like({ street: '  Straße  des\t17. Juni ', unit: ' ' })],
    ['null for nothing', like({ unit: null })],
    ['an accent of its own', like({ city: 'Ko\u0308ln' })],
    ['half a metre', like({}, [13.350123, 52.514567])],
    ['a height', like({}, [13.3501234, 52.5145678, 34])],
  ]
  for (const [sentence, row] of survives)
    test(`survives ${sentence}`, () => {
      expect(contentId('addresses', row)).toBe(id)
    })

  const changes: [sentence: string, row: OutFeature, half: 0 | 1][] = [
    ['another number', like({ number: '13' }), 0],
    ['a value in another attribute', like({ city: '', district: 'Köln' }), 0],
    ['two values that have changed places', like({ number: '10785', postcode: '12' }), 0],
    ['a place some metres away', like({}, [13.3502234, 52.5145678]), 1],
    ['lon and lat that have changed places', like({}, [52.5145678, 13.3501234]), 1],
  ]
  for (const [sentence, row, half] of changes)
    test(`is changed in its ${half === 0 ? 'first' : 'second'} half by ${sentence}`, () => {
      const halves = contentId('addresses', row).split('-')
      expect(halves.map((one, at) => one === id.split('-')[at])).toEqual([half !== 0, half !== 1])
    })

  test('is the same by the reader of lines, for any row', () => {
    const value = fc.oneof(
      fc.constantFrom(
        '',
        ' ',
        'Oak St',
        ' 12 ',
        'É',
        'ß',
        'e\u0301',
        '한글',
        '\u00a0x',
        '\t',
        '"',
        '\\',
        '😀',
        '\u007f',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed()),
    )
    const layers = fc.constantFrom(...(Object.keys(LAYERS) as LayerName[]))
    const row = layers.chain((layer) =>
      fc.record({
        layer: fc.constant(layer),
        values: fc.array(fc.option(value), { minLength: 12, maxLength: 12 }),
        geometry: fc.option(anyGeometry),
      }),
    )
    fc.assert(
      fc.property(row, ({ layer, values, geometry }) => {
        const named = attributesOf(layer).map((name, at) => [name, values[at] ?? null] as const)
        const properties = { hash: '27b4e9ecf971be8c', ...Object.fromEntries(named) }
        const feature: OutFeature = { type: 'Feature', properties, geometry }
        expect(byReader(layer, feature)).toBe(contentId(layer, feature))
      }),
      { numRuns: 2_000 },
    )
  })

  test('tells two hundred thousand rows apart', () => {
    const seen = new Set<string>()
    for (let number = 0; number < 200_000; number++) {
      seen.add(
        contentId('parcels', { type: 'Feature', properties: { hash: '', pid: `${number}` }, geometry: null }),
      )
    }
    expect(seen.size).toBe(200_000)
  })
})

function byReader(layer: LayerName, feature: OutFeature): string {
  let id = ''
  lineReader(layer).read(Buffer.from(`${outText(feature)}\n`, 'latin1'), ({ what, where }) => {
    id = `${halfText(stir(what.a), stir(what.b))}-${halfText(stir(where.a), stir(where.b))}`
  })
  return id
}
