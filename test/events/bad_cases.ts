/** Pull requests that bring something wrong: each is a verdict, on its line. */
import { AT, CONFORM, lines, ONE, type Row } from './change_cases.ts'

/** Sources in which something is wrong. */
export const BAD: readonly Row[] = [
  {
    name: 'JSON that breaks, with line and column',
    after: { 'a.json': '{\n  "schema": 2,\n  "layers": {,}\n}\n' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:3:14 source-invalid '],
  },
  {
    name: 'JSON that ends too early',
    after: { 'a.json': '{"schema": 2, "layers": {' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:1:26 source-invalid '],
  },
  {
    name: 'a comma too much',
    before: { 'a.json': ONE },
    after: { 'a.json': ONE.replace('"country": "us"', '"country": "us",') },
    fails: ['a.json source-invalid'],
    findings: ['a.json:5:3 source-invalid '],
  },
  {
    name: 'bytes that are not UTF-8',
    after: {
      'a.json': Buffer.concat([Buffer.from('{\n "note": "Gr'), Buffer.from([0xfc]), Buffer.from('n"}')]),
    },
    fails: ['a.json source-invalid'],
    findings: ['a.json:2:13 source-invalid '],
  },
  {
    name: 'an empty file',
    after: { 'a.json': '' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:1:1 source-invalid '],
  },
  {
    name: 'a file of blanks',
    after: { 'a.json': ' \n\n' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:1:1 source-invalid '],
  },
  {
    name: 'a byte order mark before good JSON',
    after: { 'a.json': `\uFEFF${ONE}` },
    runs: ['a.json addresses/city'],
  },
  {
    name: 'a list instead of an object',
    after: { 'a.json': '[]' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:1:1 source-invalid '],
  },
  {
    name: 'no layer at all',
    after: { 'a.json': '{"schema": 2, "coverage": {"country": "us"}, "layers": {}}' },
    fails: ['a.json source-invalid'],
    findings: ['a.json:1:56 source-invalid /layers'],
  },
  {
    name: 'a layer that nobody knows beside a good one',
    after: { 'a.json': ONE.replace('"addresses"', '"adresses": [], "addresses"') },
    runs: ['a.json addresses/city'],
    fails: ['a.json source-invalid'],
    findings: ['a.json:7:17 source-invalid /layers/adresses'],
  },
  {
    name: 'an unknown function, beside a good data source',
    after: {
      'a.json': lines(
        `{"name": "city", ${AT}, ${CONFORM.replace('"number": "N"', '"number": {"function": "guess", "field": "N"}')}}`,
        `{"name": "county", ${AT}, ${CONFORM}}`,
      ),
    },
    runs: ['a.json addresses/county'],
    fails: ['a.json addresses/city unknown-function'],
    findings: ['a.json:2:163 unknown-function /layers/addresses/0/conform/number/function'],
  },
  {
    name: 'an unknown format',
    after: { 'a.json': lines(`{"name": "city", ${AT}, ${CONFORM.replace('"csv"', '"dwg"')}}`) },
    fails: ['a.json addresses/city unknown-format'],
    findings: ['a.json:2:94 unknown-format /layers/addresses/0/conform/format'],
  },
  {
    name: 'an unknown protocol',
    after: { 'a.json': lines(`{"name": "city", ${AT.replace('"http"', '"gopher"')}, ${CONFORM}}`) },
    fails: ['a.json addresses/city unknown-protocol'],
    findings: ['a.json:2:64 unknown-protocol /layers/addresses/0/protocol'],
  },
  {
    name: 'no conform',
    after: { 'a.json': lines(`{"name": "city", ${AT}}`) },
    fails: ['a.json addresses/city conform-missing'],
    findings: ['a.json:2:1 conform-missing /layers/addresses/0'],
  },
  {
    name: 'a pattern that is none',
    after: {
      'a.json': lines(
        `{"name": "city", ${AT}, ${CONFORM.replace('"N"', '{"function": "regexp", "field": "N", "pattern": "("}')}}`,
      ),
    },
    fails: ['a.json addresses/city pattern-invalid'],
    findings: ['a.json:2:198 pattern-invalid /layers/addresses/0/conform/number/pattern'],
  },
  {
    name: 'a chain variable that nobody sets',
    after: {
      'a.json': lines(
        `{"name": "city", ${AT}, ${CONFORM.replace(
          '"N"',
          '{"function": "chain", "variable": "v", "functions": [{"function": "format", "fields": ["other"], "format": "$1"}, {"function": "remove_prefix", "field": "w_result", "field_to_remove": "v"}]}',
        )}}`,
      ),
    },
    runs: ['a.json addresses/city'],
  },
  {
    name: 'no data and no protocol',
    after: { 'a.json': lines(`{"name": "city", ${CONFORM}}`) },
    fails: ['a.json addresses/city source-invalid'],
    findings: [
      'a.json:2:1 source-invalid /layers/addresses/0/data',
      'a.json:2:1 source-invalid /layers/addresses/0/protocol',
    ],
  },
  {
    name: 'two data sources of one name',
    after: { 'a.json': lines(`{"name": "city", ${AT}, ${CONFORM}}`, `{"name": "city", ${AT}, ${CONFORM}}`) },
    fails: ['a.json addresses/city source-invalid'],
    findings: ['a.json:3:10 source-invalid /layers/addresses/1/name'],
  },
  {
    name: 'a fault that was there before, in a data source that nobody touched',
    before: { 'a.json': lines(`{"name": "city", ${CONFORM}}`, `{"name": "county", ${AT}, ${CONFORM}}`) },
    after: {
      'a.json': lines(
        `{"name": "city", ${CONFORM}}`,
        `{"name": "county", ${AT}, ${CONFORM.replace('"N"', '"M"')}}`,
      ),
    },
    runs: ['a.json addresses/county'],
  },
  {
    name: 'a fault in a data source that says to skip it',
    after: { 'a.json': lines(`{"name": "city", "skip": true, ${CONFORM}}`) },
    runs: ['a.json addresses/city'],
    findings: [
      'a.json:2:1 source-invalid /layers/addresses/0/data',
      'a.json:2:1 source-invalid /layers/addresses/0/protocol',
    ],
  },
  {
    name: 'a file that could not be read before, and can now',
    before: { 'a.json': '{' },
    after: { 'a.json': ONE },
    runs: ['a.json addresses/city'],
  },
]
