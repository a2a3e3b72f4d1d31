import { describe, expect, test } from 'bun:test'
import { checkSource } from './source_check.ts'

const TAGS = '"name": "x", "data": "http://x", "protocol": "http"'

function inAddresses(...entries: string[]): string {
  return `{"schema": 2, "layers": {"addresses": [\n${entries.join(',\n')}\n]}}`
}

function withNumber(call: string): string {
  return inAddresses(`{${TAGS}, "conform": {"format": "csv", "number": ${call}}}`)
}

const cases: [name: string, text: string, pointer: string, message: string][] = [
  ['an empty file', ' \n', '', 'the file is empty'],
  ['a file that is no JSON', '{"schema": 2,\n  "layers": [,]}', '', 'this is not JSON: it breaks at ",]}"'],
  ['a comment', '// note\n{}', '', 'this is not JSON: it breaks at "// note\\n{}"'],
  ['a source that is no object', '[]', '', 'expected a source to be an object, got a list'],
  ['layers that are none', '{"schema": 2, "layers": []}', '', 'expected layers to be an object, got a list'],
  ['a source without layers', '{"schema": 2, "layers": {}}', '/layers', 'there are no layers'],
  [
    'an unknown layer',
    '{"layers": {"roads": []}}',
    '/layers/roads',
    'the layer "roads" is none of addresses, parcels, buildings, centerlines',
  ],
  [
    'a layer that is no list',
    '{"layers": {"parcels": {}}}',
    '/layers/parcels',
    'must be a list, not an object',
  ],
  ['an entry that is no object', inAddresses('"x"'), '/layers/addresses/0', 'must be an object, not text'],
  [
    'an entry without a name',
    inAddresses('{"data": "http://x", "protocol": "http"}'),
    '/layers/addresses/0/name',
    'name is missing',
  ],
  [
    'an entry without data',
    inAddresses('{"name": "x", "protocol": "http"}'),
    '/layers/addresses/0/data',
    'data is missing',
  ],
  [
    'an entry without a protocol',
    inAddresses('{"name": "x", "data": "http://x"}'),
    '/layers/addresses/0/protocol',
    'protocol is missing',
  ],
  [
    'a protocol',
    inAddresses('{"name": "x", "data": "x", "protocol": "gopher"}'),
    '/layers/addresses/0/protocol',
    'the protocol "gopher" is none of http, ftp, esri, file',
  ],
  [
    'a compression',
    inAddresses(`{${TAGS}, "compression": "7z"}`),
    '/layers/addresses/0/compression',
    'the compression "7z" is none of zip, gzip',
  ],
  [
    'a format',
    inAddresses(`{${TAGS}, "conform": {"format": "xls"}}`),
    '/layers/addresses/0/conform/format',
    'the format "xls" is none of csv, geojson, shapefile, shapefile-polygon, gdb, gpkg, xml',
  ],
  [
    'an option of another type',
    inAddresses(`{${TAGS}, "conform": {"headers": "2"}}`),
    '/layers/addresses/0/conform/headers',
    'headers must be number, not text',
  ],
  [
    'a second entry of the same name',
    inAddresses(`{${TAGS}}`, `{${TAGS}}`),
    '/layers/addresses/1/name',
    'another data source of addresses is called "x", so this one never runs',
  ],
  [
    'a missing parameter',
    withNumber('{"function": "regexp", "field": "A"}'),
    '/layers/addresses/0/conform/number/pattern',
    'pattern: regexp needs it',
  ],
  [
    'a pattern',
    withNumber('{"function": "regexp", "field": "A", "pattern": "("}'),
    '/layers/addresses/0/conform/number/pattern',
    'A pattern of the conform cannot be used: "("',
  ],
  [
    'a replacement',
    withNumber('{"function": "regexp", "field": "A", "pattern": "(a)", "replace": "$2"}'),
    '/layers/addresses/0/conform/number/pattern',
    'names a group that the pattern does not have',
  ],
  [
    'a step of a chain',
    withNumber('{"function": "chain", "functions": [["a"]]}'),
    '/layers/addresses/0/conform/number/functions/0',
    'must be the call of a function, not a list',
  ],
  ['a tag of schema 1', '{"data": "http://x", "protocol": "gopher"}', '/protocol', 'the protocol "gopher"'],
]

describe('checkSource finds fault with', () => {
  for (const [name, text, pointer, message] of cases) {
    test(name, () => {
      const faults = checkSource(text)
      expect(faults.map((fault) => fault.pointer)).toEqual([pointer])
      expect(faults[0]?.message).toContain(message)
    })
  }
})

describe('checkSource', () => {
  test('finds no fault with a good source of either schema', () => {
    expect(checkSource(withNumber('{"function": "prefixed_number", "field": "A"}'))).toEqual([])
    expect(checkSource('{"coverage": {}, "data": "http://x", "protocol": "ESRI"}')).toEqual([])
  })

  test('says where, and tells all faults in the order of the file', () => {
    const faults = checkSource(
      inAddresses(
        '{"name": "a", "data": "x", "protocol": "http", "conform": {"format": "xls"}}',
        '  {"name": "b"}',
      ),
    )

    expect(faults.map(({ pointer, line, column }) => [pointer, line, column])).toEqual([
      ['/layers/addresses/0/conform/format', 2, 70],
      ['/layers/addresses/1/data', 3, 3],
      ['/layers/addresses/1/protocol', 3, 3],
    ])
  })

  test('names a function that does not exist at the place of its name', () => {
    const [fault] = checkSource(
      '{"data": "x", "protocol": "http", "conform": {"number":\n {"function": "split"}}}',
    )
    expect(fault).toMatchObject({ pointer: '/conform/number/function', line: 2, column: 15 })
  })
})
