import { describe, expect, test } from 'bun:test'
import { SourceError } from './problem.ts'
import { dataSources, findDataSource, isSourcePath, readSource, sourceBase } from './source.ts'

const ENTRY = {
  name: 'county',
  data: 'http://example.com/a.zip',
  protocol: 'http',
  conform: { format: 'csv' },
}

function sourceOf(...addresses: unknown[]) {
  return readSource(JSON.stringify({ schema: 2, coverage: { country: 'us' }, layers: { addresses } }))
}

describe('readSource', () => {
  test('moves the tags of schema 1 into one data source', () => {
    const source = readSource('{"coverage": {"country": "us"}, "data": "http://x", "protocol": "http"}')

    expect(source).toEqual({
      schema: 1,
      coverage: { country: 'us' },
      layers: { addresses: [{ name: 'primary', data: 'http://x', protocol: 'http' }] },
    })
    expect(findDataSource(source, 'parcels', 'whatever').name).toBe('primary')
  })

  test('keeps the layers of schema 2, with or without the number', () => {
    expect(readSource('{"layers": {"parcels": []}}')).toEqual({ schema: 2, layers: { parcels: [] } })
  })

  test('refuses what is no JSON, no object, or has a schema and no layers', () => {
    expect(() => readSource('{')).toThrow(SyntaxError)
    expect(() => readSource('[]')).toThrow(new TypeError('expected a source to be an object, got a list'))
    expect(() => readSource('{"schema": 1, "data": "http://x"}')).toThrow(
      new TypeError('expected layers to be an object, got nothing'),
    )
  })
})

describe('dataSources', () => {
  test('lists every entry in file order, under its layer', () => {
    const source = readSource(
      JSON.stringify({
        schema: 2,
        layers: { parcels: [ENTRY], addresses: [ENTRY, { ...ENTRY, name: 'city' }], roads: [ENTRY] },
      }),
    )

    expect(dataSources(source).map(({ layer, index, name }) => [layer, index, name])).toEqual([
      ['parcels', 0, 'county'],
      ['addresses', 0, 'county'],
      ['addresses', 1, 'city'],
    ])
  })

  test('keeps what is wrong with a tag beside it, and the neighbours whole', () => {
    const [bad, good] = dataSources(
      sourceOf({ ...ENTRY, data: 7, conform: { headers: '2', lon: null } }, ENTRY),
    )

    expect(bad?.faults).toEqual([
      { path: ['data'], message: 'must be text or list, not number' },
      { path: ['conform', 'headers'], message: 'must be number, not text' },
    ])
    expect(bad?.conform).toEqual({})
    expect(good?.faults).toEqual([])
  })

  test('takes the first address of a list', () => {
    expect(dataSources(sourceOf({ ...ENTRY, data: ['http://a', 'http://b'] }))[0]?.data).toBe('http://a')
  })

  const skips: [skip: unknown, expected: boolean][] = [
    [true, true],
    ['false', true],
    [false, false],
    ['', false],
    [undefined, false],
  ]
  for (const [skip, expected] of skips) {
    test(`take skip ${JSON.stringify(skip)} for ${expected}`, () => {
      expect(dataSources(sourceOf({ ...ENTRY, skip }))[0]?.skip).toBe(expected)
    })
  }

  test('keep attribute tags in file order', () => {
    const conform = { street: 'S', format: 'csv', number: 'N' }
    expect(Object.keys(dataSources(sourceOf({ ...ENTRY, conform }))[0]?.conform ?? {})).toEqual([
      'format',
      'street',
      'number',
    ])
  })
})

describe('findDataSource', () => {
  test('finds the first of two with one name', () => {
    expect(findDataSource(sourceOf(ENTRY, { ...ENTRY, data: 'http://b' }), 'addresses', 'county').data).toBe(
      ENTRY.data,
    )
  })

  test('says which one is not there, or which tag is wrong', () => {
    expect(() => findDataSource(sourceOf(ENTRY), 'parcels', 'county')).toThrow(
      new SourceError('source-invalid', 'no data source parcels/county'),
    )
    expect(() => findDataSource(sourceOf({ ...ENTRY, protocol: '' }), 'addresses', 'county')).toThrow(
      new SourceError('source-invalid', 'addresses/county: protocol is missing'),
    )
  })
})

describe('paths', () => {
  test('of sources have a base', () => {
    expect(sourceBase('sources/us/ca/berkeley.json')).toBe('us/ca/berkeley')
    expect(sourceBase('sources/fi/etelä-karjala-fi.json')).toBe('fi/etelä-karjala-fi')
  })

  const paths: [path: string, expected: boolean][] = [
    ['sources/us/ca/berkeley.json', true],
    ['sources/countrywide.json', true],
    ['sources/us/README.md', false],
    ['sources/.json', false],
    ['schema/layers/address.json', false],
    ['sources/us/ca/berkeley.geojson', false],
  ]
  for (const [path, expected] of paths) {
    test(`${path} is ${expected ? 'a' : 'no'} source's`, () => expect(isSourcePath(path)).toBe(expected))
  }
})
