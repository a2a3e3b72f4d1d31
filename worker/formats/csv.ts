/**
 * CSV: a table of texts, with the place in two columns or, as WKT, in the column `oa:geom`.
 *
 * Tags: `encoding`, `csvsplit`, `headers`, `skiplines`, `lon`, `lat`, `srs`. What our ESRI client wrote
 * is such a table too, always UTF-8, with commas, and in lon, lat already.
 */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import { parseWkt } from '../../shared/geometry/wkt.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Feature, Geometry, Row } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { openTokenizer, type Tokenizer } from './csv_tokens.ts'
import { readText } from './encoding.ts'
import { placed } from './place.ts'
import { openProjection } from './projection.ts'
import { BATCH_ROWS, named, type OnBadRow, type Reading, shortened } from './reading.ts'

/** How a table is written down. */
interface Layout {
  readonly encoding: string | undefined
  readonly delimiter: string
  /** Lines before the one with the names. */
  readonly skippedLines: number
  /** False: the first record is data, and the columns are COLUMN1, COLUMN2 … */
  readonly isNamed: boolean
}

/** Makes a feature of a record; undefined when the record is dropped. */
type ReadRecord = (cells: string[]) => Feature | undefined

const ESRI_LAYOUT: Layout = { encoding: 'utf-8', delimiter: ',', skippedLines: 0, isNamed: true }

const BYTE_ORDER_MARK = '\ufeff'

const TOO_LONG = 'has more cells than there are columns'
const TWICE = 'is dropped because a column name stands twice in the header'
const NO_NUMBER = 'has a coordinate that is not a number'
const NO_WKT = 'has a geometry that cannot be read'

/** Our ESRI client writes what a server sent, and some send NaN. */
const NOWHERE = /\bnan\b/i
const OLD_NOWHERE = 'POINT (nan nan)'

/** A number as GDAL reads one inside WKT. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

export async function* readCsv(reading: Reading): AsyncGenerator<Feature[]> {
  const { conform, isEsri, onBadRow } = reading
  // ESRI servers were asked for lon, lat: reprojecting that again for `srs` was a defect.
  const projection = await openProjection(isEsri ? 'EPSG:4326' : (conform.srs ?? 'EPSG:4326'))
  yield* placed(readTable(reading), projection, onBadRow)
}

async function* readTable(reading: Reading): AsyncGenerator<Feature[]> {
  const { isNamed, encoding, ...layout } = reading.isEsri ? ESRI_LAYOUT : readLayout(reading.conform)
  let readRecord: ReadRecord | undefined
  let batch: Feature[] = []
  for await (const records of readRecords(reading, encoding, openTokenizer(layout))) {
    for (const cells of records) {
      if (readRecord === undefined) {
        readRecord = openTable(reading, isNamed ? cells : cells.map((_, index) => `COLUMN${index + 1}`))
        if (isNamed) continue
      }
      const feature = readRecord(cells)
      if (feature !== undefined) batch.push(feature)
      if (batch.length < BATCH_ROWS) continue
      yield batch
      batch = []
    }
  }
  if (readRecord === undefined) throw new SourceError('no-features', 'the file is empty')
  if (batch.length > 0) yield batch
}

/** The records of the file, as many at a time as one read from the disk completes. */
async function* readRecords(
  { path, signal }: Reading,
  encoding: string | undefined,
  tokenizer: Tokenizer,
): AsyncGenerator<string[][]> {
  for await (const text of readText(path, encoding, signal)) yield tokenizer.write(text)
  yield tokenizer.end()
}

/** @throws {SourceError} `source-invalid`, when tags contradict each other */
function readLayout({ encoding, csvsplit = ',', headers, skiplines = 0 }: Conform): Layout {
  if (csvsplit.length !== 1) {
    throw new SourceError('source-invalid', `csvsplit must be one character, not ${JSON.stringify(csvsplit)}`)
  }
  const isNamed = headers !== -1
  if (isNamed && (headers ?? 0) !== skiplines) {
    throw new SourceError(
      'source-invalid',
      `headers and skiplines must be equal, not ${headers ?? 'absent'} and ${skiplines}`,
    )
  }
  return { encoding, delimiter: csvsplit, skippedLines: Math.max(0, skiplines - 1), isNamed }
}

/** Look at the header once, so that each record is read without asking again. */
function openTable(reading: Reading, columns: readonly string[]): ReadRecord {
  const { conform, isEsri, log, onBadRow } = reading
  if (columns[0]?.startsWith(BYTE_ORDER_MARK)) {
    log('the first column name begins with a byte order mark; encoding "utf-8-sig" would remove it')
  }
  const hasTwins = new Set(columns).size < columns.length
  const readRow = columns.includes(GEOMETRY_COLUMN)
    ? wktRow(columns, onBadRow)
    : pointRow(columns, placeColumns(conform, isEsri, columns), onBadRow)
  return (cells) => {
    if (cells.length <= columns.length && !hasTwins) return readRow(cells)
    onBadRow(hasTwins ? TWICE : TOO_LONG, shortened(cells.join(', ')), 'dropped')
    return undefined
  }
}

/** @throws {SourceError} when the two columns are not named, or not there */
function placeColumns({ lon, lat }: Conform, isEsri: boolean, columns: readonly string[]): [string, string] {
  if (isEsri) throw new SourceError('no-such-column', `no ${GEOMETRY_COLUMN} in the file of an ESRI source`)
  if (lon === undefined || lat === undefined) {
    throw new SourceError('source-invalid', 'a CSV needs the tags conform.lon and conform.lat')
  }
  const missing = [lon, lat].filter((name) => !columns.includes(name))
  if (missing.length === 0) return [lon, lat]
  throw new SourceError('no-such-column', `no ${named(missing)}; there are ${named(columns)}`)
}

function wktRow(columns: readonly string[], onBadRow: OnBadRow): ReadRecord {
  const others = columns.map((column) => (column === GEOMETRY_COLUMN ? undefined : column))
  const at = columns.indexOf(GEOMETRY_COLUMN)
  return (cells) => ({ row: rowOf(others, cells), geometry: readWkt(cells[at] ?? '', onBadRow) })
}

function pointRow(columns: readonly string[], [lon, lat]: [string, string], onBadRow: OnBadRow): ReadRecord {
  const others = columns.map((column) => (column === lon || column === lat ? undefined : column))
  const [lonAt, latAt] = [columns.indexOf(lon), columns.indexOf(lat)]
  return (cells) => {
    const geometry = readPoint(cells[lonAt] ?? '', cells[latAt] ?? '')
    if (geometry === undefined) onBadRow(NO_NUMBER, shortened(cells.join(', ')), 'displaced')
    return { row: rowOf(others, cells), geometry: geometry ?? null }
  }
}

/** The cells under their names; a cell that is missing is empty, a column without a name here is left out. */
function rowOf(columns: readonly (string | undefined)[], cells: readonly string[]): Row {
  const row: Row = {}
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i]
    if (column !== undefined) row[column] = cells[i] ?? ''
  }
  return row
}

/** A point; null where either coordinate is blank, undefined where one is no number. */
function readPoint(lon: string, lat: string): Geometry | null | undefined {
  const texts = [lon, lat].map((text) => text.trim().replaceAll(',', '.'))
  if (texts.includes('')) return null
  if (!texts.every((text) => NUMBER.test(text))) return undefined
  return { type: 'Point', coordinates: texts.map(Number) }
}

function readWkt(wkt: string, onBadRow: OnBadRow): Geometry | null {
  if (wkt.trim() === '') return null
  try {
    const geometry = parseWkt(wkt)
    if (NOWHERE.test(wkt)) onBadRow(NO_NUMBER, shortened(wkt), 'displaced')
    // The reference knew one spelling, that of older GEOS, and took it for nothing at all. `POINT (NaN NaN)`,
    // which newer GEOS writes, became an empty point; both end as null, but their hashes differ.
    return wkt === OLD_NOWHERE ? null : geometry
  } catch (error) {
    if (!(error instanceof GeometryError)) throw error
    onBadRow(`${NO_WKT} (${error.fault})`, shortened(wkt), 'displaced')
    return null
  }
}
