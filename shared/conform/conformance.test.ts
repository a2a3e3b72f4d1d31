/**
 * The reference's own answers, read from ../shared/conformance where that is at hand.
 *
 * Where we differ on purpose, a table says so with the number in spec/processing.md §13.
 */
import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { roundAsWritten } from '../geometry/round.ts'
import type { LayerName } from '../layer.ts'
import type { Geometry, Row, WorkingRow } from '../row.ts'
import { type Conform, type DataSource, dataSources, readSource } from '../source.ts'
import { runAcceptanceTests } from './acceptance.ts'
import { esriColumns } from './columns.ts'
import { compileConform, GEOMETRY_COLUMN } from './conform.ts'
import { compileCall } from './functions.ts'
import { rowHash } from './hash.ts'
import { outText } from './out_text.ts'
import { matchedGroups } from './regexp.ts'
import { compilePattern } from './regexp_dialect.ts'
import { pythonTemplate, readTemplate, substitute } from './regexp_replace.ts'

const FOLDER = fileURLToPath(new URL('../../../shared/conformance', import.meta.url))
const isHere = existsSync(FOLDER)
if (!isHere) console.log('skipped: ../shared/conformance is not here')

// biome-ignore lint/suspicious/noExplicitAny: the suite is read as it stands.
type Case = Record<string, any>

function suite(name: string): Case {
  return isHere ? JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) : { cases: [], items: [], tests: [] }
}

function casesOf(op: string): Case[] {
  return suite('functions.json')['cases'].filter((one: Case) => one['op'] === op)
}

const sha1Hex = (text: string) => createHash('sha1').update(text).digest('hex')
const hasher = (fingerprint: string) => (row: WorkingRow) => rowHash(sha1Hex, fingerprint, row)

describe.skipIf(!isHere)('functions.json', () => {
  for (const { id, layer, conform, attributes, input, expect: expected } of casesOf('apply')) {
    test(`apply ${id}`, () => {
      const row: WorkingRow = { ...input }
      const ordered = Object.fromEntries(
        attributes.map((attribute: string) => [attribute, conform[attribute]]),
      )

      compileConform(layer, ordered).work(row)

      if (expected.row !== undefined) expect(row).toEqual(expected.row)
      else expect(row).toMatchObject(expected.values)
    })
  }

  for (const { id, layer, data_source, input, expect: expected } of casesOf('convert_to_out')) {
    test(`convert_to_out ${id}`, () => {
      const properties = compileConform(layer, data_source.conform).properties(input, '')

      expect(properties).toEqual(expected.feature.properties)
      expect(readWkt(input[GEOMETRY_COLUMN])).toEqual(expected.feature.geometry)
    })
  }

  for (const { id, layer, data_source, input, expect: expected } of casesOf('transform')) {
    test(`transform ${id}`, () => {
      expect(transform(layer, data_source.conform, input, data_source.fingerprint)).toEqual(expected.feature)
    })
  }

  for (const { id, input, expect: expected } of casesOf('canonicalize')) {
    test(`canonicalize ${id}`, () => {
      const conform = { number: 'number', street: 'street', unit: 'unit' }
      expect(compileConform('addresses', conform).properties(input, '')).toMatchObject(expected.values)
    })
  }

  for (const { id, input, expect: expected } of casesOf('regexp_replace_syntax')) {
    test(`regexp_replace_syntax ${id}`, () => {
      expect(pythonTemplate(input)).toBe(expected.python_template)
    })
  }

  for (const { id, pattern, replace, input, expect: expected } of casesOf('regexp_sub')) {
    test(`regexp_sub ${id}`, () => {
      const compiled = compilePattern(pattern)
      expect(substitute(compiled, readTemplate(pythonTemplate(replace), compiled), input)).toBe(
        expected.result,
      )
    })
  }

  for (const { id, source_file, layer, layersource, expect: expected } of casesOf('acceptance_tests')) {
    test(`acceptance_tests ${id}`, () => {
      const { passed, detail } = runAcceptanceTests(dataSource(join(FOLDER, source_file), layer, layersource))

      expect(passed).toBe(expected.passed)
      if (expected.message_contains !== undefined) expect(detail).toContain(expected.message_contains)
      else expect(detail).toBeNull()
    })
  }

  for (const { id, layer, conform, expect: expected } of casesOf('esri_fields')) {
    test(`esri_fields ${id}`, () => {
      expect(esriColumns(layer, conform)).toEqual(expected.fields)
    })
  }
})

/** Label in observed/row-functions.json: what we do instead of failing the source. */
const ROW_DIFFERENCES: Record<string, { section: string; properties: object }> = {
  'chain, nothing produced, no variable': { section: '§13 #8', properties: { street: '' } },
  'chain, bare variable missing': { section: '§13 #8', properties: { street: '' } },
  'geometry GEOMETRYCOLLECTION (POINT (1 2))': { section: '§13 #15', properties: { pid: '1' } },
}

describe.skipIf(!isHere)('observed/row-functions.json', () => {
  for (const { label, layer, conform, input, feature, error } of suite('observed/row-functions.json')[
    'items'
  ]) {
    const difference = ROW_DIFFERENCES[label]
    test(`${label}${difference === undefined ? '' : ` (differs, ${difference.section})`}`, () => {
      if (difference !== undefined) {
        expect(error).toBe('KeyError')
        expect(transform(layer, conform, input, '0000').properties).toMatchObject(difference.properties)
      } else if (feature === undefined) {
        expect(() => transform(layer, conform, input, '0000')).toThrow()
      } else {
        expect(transform(layer, conform, input, '0000')).toEqual(feature)
      }
    })
  }
})

describe.skipIf(!isHere)('regexp-golden.json', () => {
  test('has no difference', () => {
    const differences: unknown[] = []
    let compared = 0
    for (const { pattern, replace, function: call, cases } of suite('regexp-golden.json')['items']) {
      const run = call === undefined ? regexpRunner(pattern, replace ?? '') : callRunner(call)
      for (const [input, expected] of cases) {
        compared++
        const actual = run(input)
        if (actual !== expected)
          differences.push({ pattern: `${pattern}`.slice(0, 60), replace, input, expected, actual })
      }
    }

    expect(differences).toEqual([])
    expect(compared).toBeGreaterThan(6000)
  })
})

describe.skipIf(!isHere)('golden', () => {
  const folders = isHere ? readdirSync(join(FOLDER, 'golden')) : []
  for (const { name, kind, source, layer, layersource } of suite('manifest.json')['cases']) {
    const folder = join(FOLDER, 'golden', name)
    if (!folders.includes(name) || !existsSync(join(folder, 'out.geojson'))) continue
    test(`${name}: every line of out.geojson, the hash included`, () => {
      const lines = readFileSync(join(folder, 'out.geojson'), 'utf8').trimEnd().split('\n')
      const rows = readCsv(readFileSync(join(folder, 'extract.csv'), 'utf8'))
      const { conform = {} } = dataSource(join(FOLDER, source), layer, layersource)
      const fingerprint =
        kind === 'conform' ? '0000' : JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')).fingerprint
      const conformer = compileConform(layer, conform)

      const written = rows.map(({ [GEOMETRY_COLUMN]: wkt = '', ...row }) =>
        outText(conformer.apply({ row, geometry: roundedPlace(wkt) }, wkt, hasher(fingerprint))),
      )

      expect(written).toEqual(lines)
    })
  }
})

function dataSource(path: string, layer: string, name: string): DataSource {
  const source = readSource(readFileSync(path, 'utf8'))
  // Some fixtures could not run for want of a protocol; their conform can.
  return dataSources(source).find((one) => source.schema === 1 || (one.layer === layer && one.name === name))!
}

/** As the pipeline hands it over. */
function roundedPlace(wkt: string): Geometry | null {
  const geometry = readWkt(wkt)
  return geometry === null ? null : roundAsWritten(geometry)
}

function transform(layer: LayerName, conform: Conform, input: WorkingRow, fingerprint: string) {
  const { [GEOMETRY_COLUMN]: wkt, ...row } = input
  const geometry = roundedPlace(`${wkt ?? ''}`)
  // A test's input may hold null, which no reader gives.
  return compileConform(layer, conform).apply(
    { row: row as Row, geometry },
    `${wkt ?? ''}`,
    hasher(fingerprint),
  )
}

function regexpRunner(pattern: string, replace = ''): (input: string) => string {
  const compiled = compilePattern(pattern)
  if (replace === '') return (input) => matchedGroups(compiled, input)
  const template = readTemplate(pythonTemplate(replace), compiled)
  return (input) => substitute(compiled, template, input)
}

function callRunner(call: unknown): (input: string) => unknown {
  const evaluate = compileCall(call, { layer: 'addresses', variables: new Set(), compile: compileCall })
  return (input) => evaluate({ F: input }, 'street')
}

/** As much of WKT as the suite writes. */
function readWkt(wkt: string): Geometry | null {
  const match = /^([A-Z]+)(?: Z)? *(?:EMPTY|(\(.*\)))$/.exec(wkt)
  if (match === null || match[2] === undefined) return null
  if (match[1] === 'GEOMETRYCOLLECTION') {
    return { type: 'GeometryCollection', geometries: [readWkt(match[2].slice(1, -1))!] }
  }
  const type = GEOMETRY_TYPES[match[1]!]!
  const lists = match[2]
    .replace(/[^(),]+/g, (numbers) => `[${numbers.trim().split(/ +/).join(',')}]`)
    .replaceAll('(', '[')
    .replaceAll(')', ']')
  const coordinates = JSON.parse(lists.replaceAll(/(?<=[[,])\[\](?=,\[|\[)/g, ''))
  return { type, coordinates: type === 'Point' ? coordinates[0] : coordinates } as Geometry
}

const GEOMETRY_TYPES: Record<string, string> = {
  POINT: 'Point',
  LINESTRING: 'LineString',
  POLYGON: 'Polygon',
  MULTIPOINT: 'MultiPoint',
  MULTILINESTRING: 'MultiLineString',
  MULTIPOLYGON: 'MultiPolygon',
}

/** Rows of a CSV with RFC 4180 quotes. */
function readCsv(text: string): Row[] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain! : quoted.replaceAll('""', '"'))
    if (end !== ',') rows.push([])
  }
  const [header = [], ...data] = rows.filter((cells) => cells.length > 1 || (cells[0] ?? '') !== '')
  return data.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])))
}
