/**
 * Rows as cells: for formats that are read row by row, so that the engine serves them too.
 *
 * Their texts were made by the reader; everything behind them, which is most of the work, goes by bytes.
 */
import type { Feature, Geometry } from '../../shared/row.ts'
import { type CellBatch, type CellSheet, makeRoom, putCell } from './cells.ts'
import { clearFlat, type FlatDraft, flatShapes, openFlatDraft, putFlat } from './flat_shapes.ts'
import { grownSpans } from './grown_spans.ts'

/** Rows of the same columns, until they are a batch. */
interface Draft {
  readonly columns: readonly string[]
  readonly plain: CellSheet
  /** Cells with escapes; they come behind all others in the end. */
  readonly odd: CellSheet
  /** Where in `spans` those are. */
  readonly oddSpans: number[]
  spans: Int32Array
  readonly places: (Geometry | null)[]
}

/** Features of a reader as cells, in the same order. */
export async function* cellsOfFeatures(batches: AsyncIterable<Feature[]>): AsyncGenerator<CellBatch> {
  let draft: Draft | undefined
  const flat = openFlatDraft()
  for await (const features of batches) {
    for (const feature of features) {
      if (draft === undefined || !hasColumns(feature, draft.columns)) {
        if (draft !== undefined && draft.places.length > 0) yield batchOf(draft, flat)
        draft = draftOf(Object.keys(feature.row))
      }
      putFeature(draft, feature)
    }
    if (draft === undefined) continue
    if (draft.places.length > 0) yield batchOf(draft, flat)
    draft = draftOf(draft.columns)
  }
}

function hasColumns({ row }: Feature, columns: readonly string[]): boolean {
  let at = 0
  for (const name in row) if (columns[at++] !== name) return false
  return at === columns.length
}

function draftOf(columns: readonly string[]): Draft {
  return { columns, plain: sheet(), odd: sheet(), oddSpans: [], spans: new Int32Array(0), places: [] }
}

function sheet(): CellSheet {
  return { bytes: Buffer.allocUnsafe(64 * 1024), end: 0 }
}

function putFeature(draft: Draft, { row, geometry }: Feature): void {
  const { columns, plain, odd, places } = draft
  const base = 2 * places.length * columns.length
  draft.spans = grownSpans(draft.spans, base + 2 * columns.length)
  for (let column = 0; column < columns.length; column++) {
    const text = row[columns[column]!]!
    const span = base + 2 * column
    const start = plain.end
    if (!putCell(plain, text)) {
      draft.spans[span] = start
      draft.spans[span + 1] = plain.end
      continue
    }
    const length = plain.end - start
    makeRoom(odd, length)
    plain.bytes.copy(odd.bytes, odd.end, start, plain.end)
    plain.end = start
    draft.spans[span] = odd.end
    odd.end += length
    draft.spans[span + 1] = odd.end
    draft.oddSpans.push(span)
  }
  places.push(geometry)
}

function batchOf({ columns, plain, odd, oddSpans, spans, places }: Draft, flat: FlatDraft): CellBatch {
  const escapedFrom = plain.end
  makeRoom(plain, odd.end)
  odd.bytes.copy(plain.bytes, escapedFrom, 0, odd.end)
  for (const span of oddSpans) {
    spans[span]! += escapedFrom
    spans[span + 1]! += escapedFrom
  }
  const { bytes } = plain
  return { columns, count: places.length, bytes, spans, escapedFrom, ...placesOf(places, flat) }
}

/** Plain points, lines and areas as numbers, everything else as it is. */
export function placesOf(
  places: readonly (Geometry | null)[],
  flat: FlatDraft,
): Pick<CellBatch, 'xy' | 'shapes' | 'flat'> {
  clearFlat(flat)
  const count = places.length
  const xy = new Float64Array(2 * count).fill(Number.NaN)
  const shapes = new Map<number, Geometry | null>()
  for (let row = 0; row < count; row++) {
    const place = places[row]!
    const [x, y, ...more] = place?.type === 'Point' ? place.coordinates : []
    if (Number.isFinite(x) && Number.isFinite(y) && more.length === 0) {
      xy[row] = x!
      xy[count + row] = y!
    } else if (place !== null && !putFlat(flat, row, place)) shapes.set(row, place)
  }
  return { xy, shapes, flat: flatShapes(flat, count) }
}
