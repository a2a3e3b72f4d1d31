import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { anyGeometry } from '../../shared/geometry/arbitrary_geometry.ts'
import type { Conform } from '../../shared/source.ts'
import { cellsOf, rowsOf } from './read_cells_cases.ts'

const CONFORM: Conform = { format: 'geojson' }

/** Values as they stand in files, some of which are none. */
const value = fc.oneof(
  fc.constantFrom(
    '"a"',
    '""',
    '12',
    '-7',
    '0',
    '-0',
    '12.0',
    '1.5',
    '1e3',
    '12345678901234567890',
    'null',
    'true',
    'false',
  ),
  fc.constantFrom(
    '"\\u00e9"',
    '"é"',
    '"a\\"b"',
    '"\\/"',
    '"😀"',
    '[1, "a", null]',
    '{"a": {"b": 2.0}}',
    'x',
    '01',
    '"\\x"',
    '"a\tb"',
  ),
  fc.string({ maxLength: 4 }).map((text) => JSON.stringify(text)),
)
const name = fc.constantFrom('A', 'B', 'C', 'é', 'oa:geom', '__proto__', 'a\\"')
const properties = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .array(fc.tuple(name, value), { maxLength: 4 })
      .map((all) => `{${all.map(([key, one]) => `"${key}": ${one}`).join(', ')}}`),
  },
  { weight: 1, arbitrary: fc.constantFrom('null', '[]', '3') },
)
const geometry = fc.oneof(
  fc
    .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer())
    .map(([x, y]) => `{"type": "Point", "coordinates": [${x}, ${y}]}`),
  fc.constantFrom(
    '{"coordinates":[ 1.25 ,-2 ],"type":"Point"}',
    '{"type": "Point", "coordinates": [01, 2]}',
    '{"type": "Point", "coordinates": [+1, 2]}',
  ),
  fc.constantFrom(
    'null',
    '{"type": "Point", "coordinates": []}',
    '{"type": "Point", "coordinates": [1, 2, 3]}',
    '{"type": "Point", "coordinates": ["1", 2]}',
  ),
  fc.constantFrom(
    '{"type": "Point", "coordinates": [1e999, 2]}',
    '{"type": "Point", "coordinates": [1, 2], "crs": {}}',
    '{"type": "X"}',
    '{',
  ),
  anyGeometry.map((shape) => JSON.stringify(shape)),
)
const feature = fc
  .tuple(
    properties,
    geometry,
    fc.constantFrom('"Feature"', '"feature"', '"FeatureCollection"', '1'),
    fc.constantFrom('', ', "id": "a]b"', ', "bbox": [1, {"a": "}"}]'),
  )
  .map(([row, place, type, more]) => `{"type": ${type}, "properties": ${row}, "geometry": ${place}${more}}`)

const file = fc.oneof(
  fc
    .tuple(fc.array(feature, { maxLength: 6 }), fc.constantFrom('\n', '\r\n', ' ', '\u001e', ','))
    .map(([all, between]) => all.join(between)),
  fc
    .tuple(
      fc.array(feature, { maxLength: 6 }),
      fc.constantFrom('', '"name": "features", ', '"x": [{"features": [1]}], '),
      fc.constantFrom('', '\ufeff', '\u00a0'),
    )
    .map(
      ([all, before, mark]) =>
        `${mark}{${before}"features": [${all.join(',\n')}], "type": "FeatureCollection"}\n`,
    ),
  fc.constantFrom(
    '',
    '[]',
    '{"type": "FeatureCollection", "features": [',
    'x',
    '{"type": "FeatureCollection"}',
    '"a"',
    '{}}',
  ),
)

describe('the cells of GeoJSON', () => {
  test('are those of its features, for any file', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (text) => {
        expect(await cellsOf(text, CONFORM)).toEqual(await rowsOf(text, CONFORM))
      }),
      { numRuns: 600 },
    )
  })

  test('come whole where a feature lies on two blocks', async () => {
    const one = (at: number) =>
      `{"type":"Feature","properties":{"N":"${at}","S":"Ké \\"x\\" ${at}"},"geometry":{"type":"Point","coordinates":[${at / 7},2]}}`
    const all = Array.from({ length: 9000 }, (_, at) => one(at))

    const collection = `{"type":"FeatureCollection","features":[${all.join(',')}]}`
    expect(await cellsOf(collection, CONFORM)).toEqual(await rowsOf(collection, CONFORM))
    expect(await cellsOf(all.join('\n'), CONFORM)).toEqual(await rowsOf(all.join('\n'), CONFORM))
  })

  test('are refused where the bytes are no text', async () => {
    const bytes = Buffer.from(
      '{"type":"Feature","properties":{"N":"\xe9"},"geometry":{"type":"Point","coordinates":[1,2]}}',
      'latin1',
    )

    expect(await cellsOf(bytes, CONFORM)).toEqual(await rowsOf(bytes, CONFORM))
  })
})
