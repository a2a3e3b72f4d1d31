/**
 * CSV: a table of texts, with the place in two columns or, as WKT, in the column `oa:geom`.
 *
 * Tags: `encoding`, `csvsplit`, `headers`, `skiplines`, `lon`, `lat`, `srs`. What our ESRI client wrote
 * is such a table too, always UTF-8, with commas, and in lon, lat already.
 */
import { GEOMETRY_COLUMN } from '../../shared/conform/conform.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Feature, Row } from '../../shared/row.ts'
import { NO_NUMBER, placeColumns, readPoint, readWkt } from './csv_place.ts'
import { columnNumbers, readLayout, TOO_LONG, TWICE, tellMark } from './csv_table.ts'
import { openTokenizer, type Tokenizer } from './csv_tokens.ts'
import { readText } from './encoding.ts'
import { placed } from './place.ts'
import { openProjection } from './projection.ts'
import { BATCH_ROWS, type OnBadRow, type Reading, shortened } from './reading.ts'

/** Makes a feature of a record; undefined when the record is dropped. */
type ReadRecord = (cells: string[]) => Feature | undefined

export async function* readCsv(reading: Reading): AsyncGenerator<Feature[]> {
  const { conform, isEsri, onBadRow } = reading
  // ESRI servers were asked for lon, lat: reprojecting that again for `srs` was a defect.
  const projection = await openProjection(isEsri ? 'EPSG:4326' : (conform.srs ?? 'EPSG:4326'))
  yield* placed(readTable(reading), projection, onBadRow)
}

async function* readTable(reading: Reading): AsyncGenerator<Feature[]> {
  const { isNamed, encoding, ...layout } = readLayout(reading)
  let readRecord: ReadRecord | undefined
  let batch: Feature[] = []
  for await (const records of readRecords(reading, encoding, openTokenizer(layout))) {
    for (const cells of records) {
      if (readRecord === undefined) {
        readRecord = openTable(reading, isNamed ? cells : columnNumbers(cells))
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

/** Look at the header once, so that each record is read without asking again. */
function openTable(reading: Reading, columns: readonly string[]): ReadRecord {
  const { onBadRow } = reading
  tellMark(reading, columns)
  const hasTwins = new Set(columns).size < columns.length
  const readRow = columns.includes(GEOMETRY_COLUMN)
    ? wktRow(columns, onBadRow)
    : pointRow(columns, placeColumns(reading, columns), onBadRow)
  return (cells) => {
    if (cells.length <= columns.length && !hasTwins) return readRow(cells)
    onBadRow(hasTwins ? TWICE : TOO_LONG, shortened(cells.join(', ')), 'dropped')
    return undefined
  }
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
