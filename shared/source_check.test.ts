import { describe, expect, test } from 'bun:test'
import { checkSource } from './source_check.ts'
import { CONFORM, inAddresses, isError, TAGS, withConform, withNumber } from './source_check_cases.ts'

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
    inAddresses(`{"data": "http://x", "protocol": "http", ${CONFORM}}`),
    '/layers/addresses/0/name',
    'name is missing',
  ],
  [
    'an entry without data',
    inAddresses(`{"name": "x", "protocol": "http", ${CONFORM}}`),
    '/layers/addresses/0/data',
    'data is missing',
  ],
  [
    'an entry without a protocol',
    inAddresses(`{"name": "x", "data": "http://x", ${CONFORM}}`),
    '/layers/addresses/0/protocol',
    'protocol is missing',
  ],
  [
    'a protocol',
    inAddresses(`{"name": "x", "data": "http://x", "protocol": "gopher", ${CONFORM}}`),
    '/layers/addresses/0/protocol',
    'the protocol "gopher" is none of http, https, ftp, esri, file',
  ],
  [
    'a compression',
    inAddresses(`{${TAGS}, "compression": "7z", ${CONFORM}}`),
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
    withConform('"headers": "2"'),
    '/layers/addresses/0/conform/headers',
    'headers must be number, not text',
  ],
  [
    'a second entry of the same name',
    inAddresses(`{${TAGS}, ${CONFORM}}`, `{${TAGS}, ${CONFORM}}`),
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
  [
    'a tag of schema 1',
    `{"data": "http://x", "protocol": "gopher", ${CONFORM}}`,
    '/protocol',
    'the protocol "gopher"',
  ],
  [
    'an address',
    withConform('', TAGS.replace('http://x', 'x')),
    '/layers/addresses/0/data',
    '"x" is not an http',
  ],
  [
    'an ESRI service behind ftp',
    withConform('', '"name": "x", "data": "ftp://x", "protocol": "ESRI"'),
    '/layers/addresses/0/data',
    'not reached by ftp',
  ],
  ['a data source without a conform', inAddresses(`{${TAGS}}`), '/layers/addresses/0', 'there is no conform'],
  [
    'a conform without a format',
    inAddresses(`{${TAGS}, "conform": {"number": "N"}}`),
    '/layers/addresses/0/conform/format',
    'format is missing',
  ],
  [
    'a CSV without a latitude',
    inAddresses(`{${TAGS}, "conform": {"format": "csv", "lon": "X"}}`),
    '/layers/addresses/0/conform/lat',
    'a CSV needs both',
  ],
  [
    'a csvsplit of two characters',
    withConform('"csvsplit": "||"'),
    '/layers/addresses/0/conform/csvsplit',
    'must be one character',
  ],
  [
    'headers without skiplines',
    withConform('"headers": 2'),
    '/layers/addresses/0/conform/headers',
    'must be equal, not 2 and 0',
  ],
  [
    'skiplines without headers',
    withConform('"skiplines": 2'),
    '/layers/addresses/0/conform/skiplines',
    'must be equal, not absent and 2',
  ],
  [
    'an encoding',
    withConform('"encoding": "klingon"'),
    '/layers/addresses/0/conform/encoding',
    'the encoding "klingon" is not known',
  ],
  [
    'a coordinate system',
    withConform('"srs": "Lambert 93"'),
    '/layers/addresses/0/conform/srs',
    'not a code such as',
  ],
  [
    'a result that nothing has set',
    withNumber('{"function": "regexp", "field": "oa:street", "pattern": "(a)"}'),
    '/layers/addresses/0/conform/number/field',
    'nothing has set "oa:street"',
  ],
  [
    'a variable that is read before its chain',
    withNumber('{"function": "join", "fields": ["oa:wip"]}'),
    '/layers/addresses/0/conform/number/fields',
    'nothing has set "oa:wip"',
  ],
  [
    'an acceptance test that fails',
    withConform(
      '',
      `${TAGS}, "test": {"acceptance-tests": [{"inputs": {"N": "1", "S": ""}, "expected": {"number": "2"}}]}`,
    ),
    '/layers/addresses/0/test',
    'expected {"number":"2"}, got {"number":"1"}',
  ],
]

describe('checkSource finds fault with', () => {
  for (const [name, text, pointer, message] of cases) {
    test(name, () => {
      const faults = checkSource(text, { knowsEncoding: (name) => name !== 'klingon' }).filter(isError)

      expect(faults.map((fault) => fault.pointer)).toEqual([pointer])
      expect(faults[0]?.message).toContain(message)
    })
  }
})

describe('checkSource', () => {
  test('finds no fault with a good source of either schema', () => {
    expect(checkSource(withNumber('{"function": "prefixed_number", "field": "A"}'))).toEqual([])
    const first = '"coverage": {"US Census": {}}, "data": "http://x", "protocol": "ESRI"'
    expect(checkSource(`{${first}, "conform": {"format": "geojson", "number": "N", "street": "S"}}`)).toEqual(
      [],
    )
    expect(checkSource(`{${first}, "skip": true}`).filter(isError)).toEqual([])
  })

  test('says where, and tells all faults in the order of the file', () => {
    const faults = checkSource(
      inAddresses(
        '{"name": "a", "data": "http://x", "protocol": "http", "conform": {"format": "xls"}}',
        `  {"name": "b", ${CONFORM}}`,
      ),
    ).filter(isError)

    expect(faults.map(({ pointer, line, column }) => [pointer, line, column])).toEqual([
      ['/layers/addresses/0/conform/format', 2, 77],
      ['/layers/addresses/1/data', 3, 3],
      ['/layers/addresses/1/protocol', 3, 3],
    ])
  })

  test('names a function that does not exist at the place of its name', () => {
    const [fault] = checkSource(
      '{"data": "http://x", "protocol": "http", "conform": {"format": "gdb", "number":\n {"function": "split"}}}',
    ).filter(isError)

    expect(fault).toMatchObject({ pointer: '/conform/number/function', line: 2, column: 15 })
  })
})
