import { describe, expect, test } from 'bun:test'
import { SourceError } from '../../shared/problem.ts'
import { readJsonFeature } from './json_feature.ts'
import { openScanner } from './json_scan.ts'
import { readFiles } from './read_all.ts'

const GEOJSON = { format: 'geojson' }

function feature(
  properties: object | null,
  geometry: object | null = { type: 'Point', coordinates: [1, 2] },
): string {
  return JSON.stringify({ type: 'Feature', properties, geometry })
}

/** Every text is read whole and cut in two at every place. */
function scanned(text: string): string[][] {
  return Array.from({ length: text.length + 1 }, (_, cut) => {
    const scanner = openScanner()
    const found = [...scanner.write(text.slice(0, cut)), ...scanner.write(text.slice(cut))]
    scanner.end()
    return found
  })
}

describe('openScanner', () => {
  const cases: [name: string, text: string, expected: string[]][] = [
    [
      'finds the elements of the list',
      '{"type":"x","features":[{"a":1}, {"b":[{}]}]}',
      ['{"a":1}', '{"b":[{}]}'],
    ],
    ['finds none in an empty list', '{"features":[]}\n', []],
    [
      'looks for the list at the top only',
      '{"meta":{"features":[{"a":1}]},"features":[{"b":2}],"crs":{"c":[3]}}',
      ['{"b":2}'],
    ],
    [
      'is not misled by texts',
      '{"a":"\\"features\\":[{","features":[{"s":"}\\\\"},{"t":"\\\\\\"]"}]}',
      ['{"s":"}\\\\"}', '{"t":"\\\\\\"]"}'],
    ],
    [
      'is not misled by a text of that name',
      '{"a":["features"],"b":[{"c":1}],"features":[{"d":2}]}',
      ['{"d":2}'],
    ],
    ['finds objects line by line', '{"a":1}\n{"b":"}"}\r\n\n{"c":{}}', ['{"a":1}', '{"b":"}"}', '{"c":{}}']],
    [
      'finds them after record separators, and a byte order mark',
      '\ufeff\u001e{"a":1}\n\u001e{"b":2}\n',
      ['{"a":1}', '{"b":2}'],
    ],
    ['passes over null elements', '{"features":[null,{"a":1},3,"{"]}', ['{"a":1}']],
  ]
  for (const [name, text, expected] of cases) {
    test(name, () => {
      for (const found of scanned(text)) expect(found).toEqual(expected)
    })
  }

  test('refuses what is no JSON, and what ends in the middle', () => {
    expect(() => openScanner().write('<html>')).toThrow('not GeoJSON: found "<html>"')
    const scanner = openScanner()
    scanner.write('{"features":[{"a":1},{"b"')
    expect(() => scanner.end()).toThrow('the JSON ends in the middle, after 1 features')
  })
})

describe('readJsonFeature', () => {
  const cases: [json: string, asIntegers: string, asReals: string][] = [
    ['"12 \\u00e9\\n"', '12 é\n', '12 é\n'],
    ['12', '12', '12'],
    ['-0', '0', '0'],
    ['12345678901234567890', '12345678901234567890', '12345678901234567890'],
    ['12.0', '12', '12.0'],
    ['1e3', '1000', '1000.0'],
    ['1.50', '1.5', '1.5'],
    ['1e-7', '1e-07', '1e-07'],
    ['true', 'True', 'True'],
    ['null', '', ''],
    ['[1, "x", null, [false]]', "[1, 'x', None, [False]]", "[1, 'x', None, [False]]"],
    ['{"a": 1.0, "b": {}}', "{'a': 1, 'b': {}}", "{'a': 1.0, 'b': {}}"],
    ['[]', '[]', '[]'],
  ]
  for (const [json, asIntegers, asReals] of cases) {
    test(`${json} is ${JSON.stringify(asIntegers)}`, () => {
      const text = `{ "properties" : { "a" : ${json} } , "geometry" : null }`

      expect(readJsonFeature(text, 'as integers').row).toEqual({ a: asIntegers })
      expect(readJsonFeature(text, 'as reals').row).toEqual({ a: asReals })
    })
  }

  const broken = [
    '{"properties":{"a":NaN}}',
    '{"properties":{"a":constructor}}',
    '{"properties":{"a":01}}',
    '{"a":1 "b":2}',
  ]
  for (const text of broken) {
    test(`refuses ${text}`, () => expect(() => readJsonFeature(text, 'as reals')).toThrow(SyntaxError))
  }
})

describe('readGeojson', () => {
  test('gives every row the columns seen so far', async () => {
    const text = [feature({ a: 1 }), feature({ b: 2 }), feature(null), feature({ a: 3 })].join('\n')

    expect((await readFiles({ 'a.geojson': text }, GEOJSON)).features.map(({ row }) => row)).toEqual([
      { a: '1' },
      { a: '', b: '2' },
      { a: '', b: '' },
      { a: '3', b: '' },
    ])
  })

  test('drops and counts features without a place', async () => {
    const nowhere = [null, { type: 'Point', coordinates: [] }, { type: 'Point', coordinates: null }]
    const broken = [
      { type: 'Foo', coordinates: [1, 2] },
      { type: 'Point', coordinates: ['a', 'b'] },
    ]
    const text = [...nowhere, ...broken].map((geometry) => feature({}, geometry)).join('\n')
    const { features, bad } = await readFiles(
      { 'a.geojson': `${text}\n{"type":"Feature","properties":{"a":NaN}}` },
      GEOJSON,
    )

    expect(features).toEqual([])
    expect(bad).toEqual([
      'is dropped because it has no geometry',
      'is dropped because it has no geometry',
      'is dropped because it has no geometry',
      'is dropped because of its geometry (unknown-type)',
      'is dropped because of its geometry (not-a-number)',
      'is dropped because it is not good JSON',
    ])
  })

  test('obeys the encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"type":"Feature","properties":{"a":"'),
      Buffer.from([0xcf, 0xf0]),
    ])
    const whole = Buffer.concat([bytes, Buffer.from('"},"geometry":{"type":"Point","coordinates":[1,2]}}')])

    const { features } = await readFiles({ 'a.geojson': whole }, { ...GEOJSON, encoding: 'CP1251' })
    expect(features[0]?.row).toEqual({ a: 'Пр' })
    await expect(readFiles({ 'a.geojson': whole }, GEOJSON)).rejects.toBeInstanceOf(SourceError)
  })

  test('gives what came before a file ends too early, then refuses', async () => {
    const text = `{"features":[${feature({ a: 1 })},{"type":`

    await expect(readFiles({ 'a.geojson': text }, GEOJSON)).rejects.toThrow(
      'ends in the middle, after 1 features',
    )
  })
})
