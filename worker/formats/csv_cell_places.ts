/** The places of a batch of CSV cells; numbers and points that are written plainly are read off their bytes. */
import type { Geometry } from '../../shared/row.ts'
import { type CellBatch, cellString } from './cells.ts'
import { NO_NUMBER, readPoint, readWkt } from './csv_place.ts'
import { numberIn } from './number_in.ts'
import { type OnBadRow, shortened } from './reading.ts'

type Unplaced = Omit<CellBatch, 'xy' | 'shapes'>

interface Places {
  readonly xy: Float64Array
  readonly shapes: Map<number, Geometry | null>
}

const COMMA = 0x2c
const BLANK = 0x20
const CLOSE = 0x29
const POINT_OPEN = Buffer.from('POINT (')

/** @param columns  one of WKT, or those of x and y */
export function readPlaces(batch: Unplaced, columns: readonly number[], onBadRow: OnBadRow): Places {
  const { count } = batch
  const places: Places = { xy: new Float64Array(2 * count).fill(Number.NaN), shapes: new Map() }
  const [first = 0, second] = columns
  for (let row = 0; row < count; row++) {
    if (second === undefined) readShape(batch, row, first, places, onBadRow)
    else readPair(batch, row, [first, second], places, onBadRow)
  }
  return places
}

function readPair(
  batch: Unplaced,
  row: number,
  [lon, lat]: readonly [number, number],
  { xy, shapes }: Places,
  onBadRow: OnBadRow,
): void {
  const { bytes, spans, columns, count } = batch
  const base = 2 * row * columns.length
  const x = numberIn(bytes, spans[base + 2 * lon]!, spans[base + 2 * lon + 1]!, COMMA)
  const y = numberIn(bytes, spans[base + 2 * lat]!, spans[base + 2 * lat + 1]!, COMMA)
  if (!Number.isNaN(x) && !Number.isNaN(y)) {
    xy[row] = x
    xy[count + row] = y
    return
  }
  const point = readPoint(textAt(batch, row, lon), textAt(batch, row, lat))
  if (point === undefined) onBadRow(NO_NUMBER, shortened(recordText(batch, row)), 'displaced')
  else if (point !== null) shapes.set(row, point)
}

function readShape(
  batch: Unplaced,
  row: number,
  column: number,
  { xy, shapes }: Places,
  onBadRow: OnBadRow,
): void {
  const { bytes, spans, columns, count } = batch
  const at = 2 * (row * columns.length + column)
  const start = spans[at]!
  const end = spans[at + 1]!
  const numbers = start + POINT_OPEN.length
  if (
    end > numbers &&
    bytes[end - 1] === CLOSE &&
    bytes.compare(POINT_OPEN, 0, POINT_OPEN.length, start, numbers) === 0
  ) {
    let blank = numbers
    while (blank < end && bytes[blank] !== BLANK) blank++
    const x = numberIn(bytes, numbers, blank)
    const y = numberIn(bytes, blank + 1, end - 1)
    if (!Number.isNaN(x) && !Number.isNaN(y)) {
      xy[row] = x
      xy[count + row] = y
      return
    }
  }
  const shape = readWkt(textAt(batch, row, column), onBadRow)
  if (shape !== null) shapes.set(row, shape)
}

function textAt(batch: Unplaced, row: number, column: number): string {
  return cellString(batch, row, column)
}

/** The record for a person; the cells that were there, as csv.ts shows them. */
function recordText(batch: Unplaced, row: number): string {
  const { columns, spans } = batch
  // Only a missing cell is nothing at the very beginning.
  const isThere = (column: number) => column === 0 || spans[2 * (row * columns.length + column)] !== 0
  const cells = columns.map((_, column) => (isThere(column) ? textAt(batch, row, column) : undefined))
  return cells.filter((cell) => cell !== undefined).join(', ')
}
