/**
 * The readers against the reference: 69 odd texts with the features it made of them, its own tests of
 * reading, and the rows it took from real files. Data of ../shared, read there and never copied.
 */
import { describe, expect } from 'bun:test'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { compileConform } from '../../shared/conform/conform.ts'
import { rowHash } from '../../shared/conform/hash.ts'
import { interiorPoint } from '../../shared/geometry/interior_point.ts'
import { ogrWkt } from '../../shared/geometry/ogr_wkt.ts'
import { roundAsWritten } from '../../shared/geometry/round.ts'
import type { LayerName } from '../../shared/layer.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Feature, Geometry, OutFeature, Row } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { scored } from '../../test/conformance/score.ts'
import { type Outcome, readFiles } from './read_all.ts'

const CONFORMANCE = '../shared/conformance'
const TEXTS = 'observed/text-extraction.json'
const IS_HERE = existsSync(CONFORMANCE)
if (!IS_HERE) console.log(`skipped: the readers against the reference, as ${CONFORMANCE} is not here`)

interface TextCase {
  readonly label: string
  readonly layer: LayerName
  readonly protocol: string
  readonly conform: Conform
  readonly file_name: string
  readonly input_base64: string
  readonly features?: readonly OutFeature[]
  readonly error?: string
}

/** Where we do not do as the reference does. */
interface Difference {
  /** Its number in processing.md §13, or the issue that asks for it. */
  readonly why: string
  readonly features: number
  readonly bad: number
}

const DELIBERATE: Readonly<Record<string, Difference>> = {
  'csv srs out of domain': { why: '#15: the row is counted', features: 1, bad: 1 },
  'csv blank-space coordinate': { why: '#15: blank as if empty', features: 1, bad: 0 },
  'csv oa:geom column, addresses, empty': { why: '#15: no geometry, as in lon and lat', features: 2, bad: 0 },
  'csv ESRI with srs: reprojected again': { why: '#14: it is lon, lat already', features: 1, bad: 0 },
  'geojson new property later': { why: '#15: a new column', features: 2, bad: 0 },
  'geojson null properties first': { why: '#15: a row without columns', features: 2, bad: 0 },
  'geojson lines': { why: 'issue 3: line-delimited is GeoJSON too', features: 2, bad: 0 },
  'geojson bare feature': { why: 'issue 3: one line of line-delimited', features: 1, bad: 0 },
  'geojson unclosed ring': { why: '#15: the row is counted', features: 0, bad: 1 },
  'geojson geometry collection, parcels': { why: '#15: a geometry like others', features: 1, bad: 0 },
}

function json<T>(name: string): T {
  return JSON.parse(readFileSync(`${CONFORMANCE}/${name}`, 'utf8')) as T
}

/** The features as a run would write them; the fingerprint of the observed runs was "0000". */
function conformed({ layer, conform }: TextCase, features: readonly Feature[]): OutFeature[] {
  const conformer = compileConform(layer, conform)
  const sha1Hex = (text: string) => createHash('sha1').update(text).digest('hex')
  return features.map(({ row, geometry }) => {
    const point = geometry === null || layer !== 'addresses' ? geometry : interiorPoint(geometry)
    const wkt = point === null ? '' : ogrWkt(point)
    const place = point === null ? null : roundAsWritten(point)
    return conformer.apply({ row, geometry: place }, wkt, (working) => rowHash(sha1Hex, '0000', working))
  })
}

function outcomeOf(one: TextCase): Promise<Outcome> {
  const bytes = Buffer.from(one.input_base64, 'base64')
  return readFiles({ [one.file_name]: bytes }, one.conform, { isEsri: one.protocol === 'ESRI' })
}

describe.skipIf(!IS_HERE)('texts the reference was shown', () => {
  const cases = IS_HERE ? json<{ items: TextCase[] }>(TEXTS).items : []
  for (const one of cases) {
    const difference = DELIBERATE[one.label]
    const name = one.error === undefined ? one.label : `${one.label} is refused`
    scored(TEXTS, difference === undefined ? name : one.label, () => asExpected(one, difference), {
      deliberate: difference?.why,
    })
  }
})

async function asExpected(one: TextCase, difference: Difference | undefined): Promise<void> {
  if (difference !== undefined) {
    const { features, bad } = await outcomeOf(one)
    const { features: rows, bad: badRows } = difference
    return expect({ features: features.length, bad: bad.length }).toEqual({ features: rows, bad: badRows })
  }
  if (one.error !== undefined) return expect(outcomeOf(one)).rejects.toBeInstanceOf(SourceError)
  expect(conformed(one, (await outcomeOf(one)).features)).toEqual([...(one.features ?? [])])
}

interface FunctionCase {
  readonly id: string
  readonly op: string
  readonly data_source: { readonly protocol?: string; readonly conform: Conform }
  readonly input?: Row
  readonly input_base64?: string
  readonly input_file?: string
  readonly expect: Expectation
}

/** What its own tests say of the lines of the intermediate table, of one row, or of all rows. */
interface Expectation {
  readonly lines?: Readonly<Record<string, string>>
  readonly line_count?: number
  readonly row?: Row
  readonly rows?: readonly Row[]
  readonly values?: Row
  readonly point?: { readonly x: number; readonly y: number; readonly tolerance: number }
}

/** A row of strings as a CSV, as the reference would have met it. */
function csvOf(row: Row): string {
  const line = (cells: string[]) => cells.map((cell) => `"${cell}"`).join(',')
  return `${line(Object.keys(row))}\n${line(Object.values(row))}\n`
}

/** The intermediate table of the reference, without quotes, as no case needs them. */
function linesOf(features: readonly Feature[]): string[] {
  const rows = features.map(({ row, geometry }) => [
    ...Object.values(row),
    geometry === null ? '' : ogrWkt(geometry),
  ])
  const [first] = features
  return [[...Object.keys(first?.row ?? {}), 'oa:geom'], ...rows].map((cells) => cells.join(','))
}

describe.skipIf(!IS_HERE)("the reference's own tests of reading", () => {
  const OPS = ['extract_csv', 'extract_geojson', 'extract_and_reproject']
  const cases = IS_HERE ? json<{ cases: FunctionCase[] }>('functions.json').cases : []
  for (const one of cases.filter(({ op }) => OPS.includes(op))) {
    scored('functions.json', one.id, async () => {
      const bytes =
        one.input_file === undefined
          ? Buffer.from(one.input_base64 ?? btoa(csvOf(one.input ?? {})), 'base64')
          : readFileSync(`${CONFORMANCE}/${one.input_file}`)
      const format = one.op === 'extract_geojson' ? 'geojson' : 'csv'
      const isEsri = one.data_source.protocol === 'ESRI'
      const { features } = await readFiles(
        { data: bytes },
        { ...one.data_source.conform, format },
        { isEsri },
      )

      checkLines(linesOf(features), one.expect)
      checkPlaces(features, one.expect)
    })
  }
})

function checkLines(lines: readonly string[], { lines: expected = {}, line_count }: Expectation): void {
  for (const [index, line] of Object.entries(expected)) expect(lines[Number(index)]).toBe(line)
  if (line_count !== undefined) expect(lines).toHaveLength(line_count)
}

function checkPlaces(features: readonly Feature[], { row, rows, values, point }: Expectation): void {
  const points = features.map(({ geometry }) => (geometry === null ? null : interiorPoint(geometry)))
  const withWkt = features.map((one, index) => ({ ...one.row, 'oa:geom': wktOf(points[index]) }))
  if (row !== undefined) expect(withWkt[0] as Row).toEqual(row)
  if (values !== undefined) expect(withWkt[0]).toMatchObject(values)
  rows?.forEach((one, index) => {
    expect(withWkt[index]).toMatchObject(one)
  })
  if (point === undefined) return
  const [x, y] = points[0]?.coordinates ?? []
  expect(Math.abs((x ?? 0) - point.x)).toBeLessThan(point.tolerance)
  expect(Math.abs((y ?? 0) - point.y)).toBeLessThan(point.tolerance)
}

function wktOf(geometry: Geometry | null | undefined): string | null {
  return geometry === null || geometry === undefined ? null : ogrWkt(geometry)
}
