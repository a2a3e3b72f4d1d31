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
import { count, scored } from '../../test/conformance/score.ts'
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

const FUNCTIONS = 'functions.json'
const ROW_FUNCTIONS = 'observed/row-functions.json'
const REGEXPS = 'regexp-golden.json'
const EXTRACTS = 'golden/*/extract.csv'

const FOLDER = fileURLToPath(new URL('../../../shared/conformance', import.meta.url))
const isHere = existsSync(FOLDER)
if (!isHere) console.log('skipped: ../shared/conformance is not here')

// biome-ignore lint/suspicious/noExplicitAny: the suite is read as it stands.
type Case = Record<string, any>

function suite(name: string): Case {
  return isHere ? JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) : { cases: [], items: [], tests: [] }
}

function casesOf(op: string): Case[] {
  return suite(FUNCTIONS)['cases'].filter((one: Case) => one['op'] === op)
}

const sha1Hex = (text: string) => createHash('sha1').update(text).digest('hex')
const hasher = (fingerprint: string) => (row: WorkingRow) => rowHash(sha1Hex, fingerprint, row)

describe.skipIf(!isHere)(FUNCTIONS, () => {
  for (const { id, layer, conform, attributes, input, expect: expected } of casesOf('apply')) {
    scored(FUNCTIONS, `apply ${id}`, () => {
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
    scored(FUNCTIONS, `convert_to_out ${id}`, () => {
      const properties = compileConform(layer, data_source.conform).properties(input, '')

      expect(properties).toEqual(expected.feature.properties)
      expect(readWkt(input[GEOMETRY_COLUMN])).toEqual(expected.feature.geometry)
    })
  }

  for (const { id, layer, data_source, input, expect: expected } of casesOf('transform')) {
    scored(FUNCTIONS, `transform ${id}`, () => {
      expect(transform(layer, data_source.conform, input, data_source.fingerprint)).toEqual(expected.feature)
    })
  }

  for (const { id, input, expect: expected } of casesOf('canonicalize')) {
    scored(FUNCTIONS, `canonicalize ${id}`, () => {
      const conform = { number: 'number', street: 'street', unit: 'unit' }
      expect(compileConform('addresses', conform).properties(input, '')).toMatchObject(expected.values)
    })
  }

  for (const { id, input, expect: expected } of casesOf('regexp_replace_syntax')) {
    scored(FUNCTIONS, `regexp_replace_syntax ${id}`, () => {
      expect(pythonTemplate(input)).toBe(expected.python_template)
    })
  }

  for (const { id, pattern, replace, input, expect: expected } of casesOf('regexp_sub')) {
    scored(FUNCTIONS, `regexp_sub ${id}`, () => {
      const compiled = compilePattern(pattern)
      expect(substitute(compiled, readTemplate(pythonTemplate(replace), compiled), input)).toBe(
        expected.result,
      )
    })
  }

  for (const { id, source_file, layer, layersource, expect: expected } of casesOf('acceptance_tests')) {
    scored(FUNCTIONS, `acceptance_tests ${id}`, () => {
      const { passed, detail } = runAcceptanceTests(dataSource(join(FOLDER, source_file), layer, layersource))

      expect(passed).toBe(expected.passed)
      if (expected.message_contains !== undefined) expect(detail).toContain(expected.message_contains)
      else expect(detail).toBeNull()
    })
  }

  for (const { id, layer, conform, expect: expected } of casesOf('esri_fields')) {
    scored(FUNCTIONS, `esri_fields ${id}`, () => {
      expect(esriColumns(layer, conform)).toEqual(expected.fields)
    })
  }
})

/** Label in observed/row-functions.json: what we do instead of failing the source, and its number in §13. */
const DELIBERATE: Readonly<Record<string, { reason: string; properties: object }>> = {
  'chain, nothing produced, no variable': {
    reason: '#8: a chain variable that nothing has filled is empty',
    properties: { street: '' },
  },
  'chain, bare variable missing': {
    reason: '#8: a chain variable that nothing has filled is empty',
    properties: { street: '' },
  },
  'geometry GEOMETRYCOLLECTION (POINT (1 2))': {
    reason: '#15: a collection is a geometry like others',
    properties: { pid: '1' },
  },
}

describe.skipIf(!isHere)(ROW_FUNCTIONS, () => {
  for (const { label, layer, conform, input, feature, error } of suite(ROW_FUNCTIONS)['items']) {
    const { reason, properties } = DELIBERATE[label] ?? {}
    scored(
      ROW_FUNCTIONS,
      label,
      () => {
        const transformed = () => transform(layer, conform, input, '0000')
        if (properties !== undefined) {
          expect(error).toBe('KeyError')
          expect(transformed().properties).toMatchObject(properties)
        } else if (feature === undefined) expect(transformed).toThrow()
        else expect(transformed()).toEqual(feature)
      },
      { deliberate: reason },
    )
  }
})

describe.skipIf(!isHere)(REGEXPS, () => {
  test('has no difference', () => {
    const differences: unknown[] = []
    let same = 0
    for (const { pattern, replace, function: call, cases } of suite(REGEXPS)['items']) {
      const run = call === undefined ? regexpRunner(pattern, replace ?? '') : callRunner(call)
      for (const [input, expected] of cases) {
        const actual = run(input)
        if (actual === expected) same++
        else differences.push({ pattern: `${pattern}`.slice(0, 60), replace, input, expected, actual })
      }
    }
    count(REGEXPS, 'passed', same)
    count(REGEXPS, 'failed', differences.length)

    expect(differences).toEqual([])
    expect(same).toBeGreaterThan(6000)
  })
})

describe.skipIf(!isHere)('golden, from extract.csv to out.geojson', () => {
  const folders = isHere ? readdirSync(join(FOLDER, 'golden')) : []
  for (const { name, kind, source, layer, layersource } of suite('manifest.json')['cases']) {
    const folder = join(FOLDER, 'golden', name)
    if (!folders.includes(name) || !existsSync(join(folder, 'out.geojson'))) continue
    const { conform = {}, protocol } = dataSource(join(FOLDER, source), layer, layersource)
    // The rows of files are counted where they are read, worker/formats/goldens.test.ts.
    const tested = protocol === 'ESRI' ? (...args: [string, () => void]) => scored(EXTRACTS, ...args) : test
    tested(`${name}: every line of out.geojson, the hash included`, () => {
      const lines = readFileSync(join(folder, 'out.geojson'), 'utf8').trimEnd().split('\n')
      const rows = readCsv(readFileSync(join(folder, 'extract.csv'), 'utf8'))
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
