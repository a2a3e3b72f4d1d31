import { describe, expect, test } from 'bun:test'
import { checkSource } from './source_check.ts'
import { isError, TAGS, withConform, withNumber } from './source_check_cases.ts'

const warnings: [name: string, text: string, pointer: string, message: string][] = [
  [
    'a coverage that is missing',
    `{"layers": {"buildings": [{${TAGS}, "conform": {"format": "gdb"}}]}}`,
    '/coverage',
    'the coverage is missing',
  ],
  [
    'a whole number for the accuracy',
    withConform('"accuracy": 2'),
    '/layers/addresses/0/conform/accuracy',
    'never reaches the output',
  ],
  [
    'an attribute that the layer does not have',
    withConform('"floor": "F"'),
    '/layers/addresses/0/conform/floor',
    'no attribute of addresses',
  ],
  [
    'an attribute that is never written',
    withConform('"notes": "N"'),
    '/layers/addresses/0/conform/notes',
    'no column of the output',
  ],
  ['an empty column name', withConform('"unit": ""'), '/layers/addresses/0/conform/unit', 'names no column'],
  [
    'an option of another format',
    withConform('"layer": "roads"'),
    '/layers/addresses/0/conform/layer',
    'says nothing about the format csv',
  ],
  [
    'an srs for an ESRI service',
    withConform('"srs": "EPSG:2180"', TAGS.replace('"http"', '"ESRI"')),
    '/layers/addresses/0/conform/srs',
    'says nothing about an ESRI service',
  ],
  [
    'a zip without compression',
    withConform('', TAGS.replace('http://x', 'http://x/a.zip')),
    '/layers/addresses/0/data',
    'looks like a zip',
  ],
  [
    'an address of another protocol',
    withConform('', TAGS.replace('http://x', 'ftp://x')),
    '/layers/addresses/0/protocol',
    'begins with ftp:',
  ],
  [
    'blanks around an address',
    withConform('', TAGS.replace('http://x', ' http://x')),
    '/layers/addresses/0/data',
    'blanks around',
  ],
  [
    'a pattern that always gives nothing',
    withNumber('{"function": "regexp", "field": "A", "pattern": "a"}'),
    '/layers/addresses/0/conform/number/pattern',
    'always gives an empty text',
  ],
  [
    'a replacement that names a column',
    withNumber('{"function": "regexp", "field": "A", "pattern": "(a)", "replace": "$city"}'),
    '/layers/addresses/0/conform/number/replace',
    '$city stands for itself',
  ],
  [
    'a chain variable that no step reads',
    withNumber(
      '{"function": "chain", "variable": "v", "functions": [{"function": "prefixed_number", "field": "A"}, {"function": "prefixed_number", "field": "B"}]}',
    ),
    '/layers/addresses/0/conform/number/variable',
    'no step of the chain reads "v"',
  ],
  [
    'a chain variable that is a column of the output',
    withNumber(
      '{"function": "chain", "variable": "street", "functions": [{"function": "prefixed_number", "field": "A"}]}',
    ),
    '/layers/addresses/0/conform/number/variable',
    '"street" is a column of the output',
  ],
  [
    'a chain variable of an earlier chain',
    withConform(
      '"number": {"function": "chain", "variable": "v", "functions": []}, "unit": {"function": "chain", "variable": "v", "functions": [{"function": "get", "field": "A", "index": 0}]}',
    ),
    '/layers/addresses/0/conform/unit/variable',
    'an earlier chain has used "v"',
  ],
  [
    'an attribute that is not mapped',
    '{"coverage": {"geometry": {}}, "data": "http://x", "protocol": "http", "conform": {"format": "gdb", "number": "N"}}',
    '/conform',
    'no street is mapped',
  ],
  [
    'a limit of quality for a rule that there is not',
    `{"coverage": {"geometry": {}}, "layers": {"buildings": [{${TAGS}, "conform": {"format": "gdb"}, "quality": {"no-streets": 1, "null-island": 1}}]}}`,
    '/layers/buildings/0/quality',
    '"quality" has no rule "no-streets"',
  ],
]

describe('checkSource warns of', () => {
  for (const [name, text, pointer, message] of warnings) {
    test(name, () => {
      const faults = checkSource(text)

      expect(faults.filter(isError)).toEqual([])
      expect(faults.filter((fault) => fault.pointer === pointer).map((fault) => fault.message)).toEqual([
        expect.stringContaining(message),
      ])
    })
  }
})
