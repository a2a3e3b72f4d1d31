/**
 * GeoJSON as cells: the same rows and places as geojson.ts gives, for the engine.
 *
 * A feature that is written as most are is read off its bytes; any other by geojson.ts, and its row put
 * behind. Columns are those seen so far, so a feature that brings a new one begins a new batch.
 */
import { readGeometry } from '../../shared/geometry/geojson.ts'
import { GeometryError } from '../../shared/geometry/geometry_error.ts'
import type { Feature, Geometry } from '../../shared/row.ts'
import { type CellBatch, type CellSheet, putCell } from './cells.ts'
import { featureReader, type NamedColumn, type ReadFeatureCells } from './feature_cells.ts'
import { clearFlat, type FlatDraft, flatShapes, openFlatDraft, putFlat } from './flat_shapes.ts'
import { type GeojsonOptions, isNowhere, readFeature, worldOptions } from './geojson.ts'
import { grownSpans } from './grown_spans.ts'
import { openSpanFinder } from './json_spans.ts'
import type { Reading } from './reading.ts'
import { hasBlocks, openBlocks, type TextBlocks } from './text_blocks.ts'

/** Rows of the same columns, until they are a batch. */
interface Draft {
  readonly columns: readonly NamedColumn[]
  readonly names: readonly string[]
  spans: Int32Array
  count: number
  readonly xs: number[]
  readonly ys: number[]
  readonly shapes: Map<number, Geometry | null>
  readonly flat: FlatDraft
}

/** Undefined where only geojson.ts can read it. */
export function readGeojsonCells(reading: Reading): AsyncGenerator<CellBatch> | undefined {
  return hasBlocks(reading.conform.encoding) ? readAll(worldOptions(reading)) : undefined
}

async function* readAll(options: GeojsonOptions): AsyncGenerator<CellBatch> {
  const blocks = await openBlocks(options.path, options.encoding, options.signal)
  try {
    yield* readBatches(options, blocks)
  } finally {
    await blocks.close()
  }
}

async function* readBatches(options: GeojsonOptions, blocks: TextBlocks): AsyncGenerator<CellBatch> {
  const sheet: CellSheet = { bytes: Buffer.allocUnsafe(1024 * 1024), end: 0 }
  const finder = openSpanFinder()
  const read = featureReader()
  const flat = openFlatDraft()
  let draft = draftOf([], flat)
  while (await blocks.more(sheet)) {
    const to = sheet.end
    finder.look(sheet.bytes, to)
    const { found } = finder
    blocks.check(sheet.bytes.subarray(0, found.at(-1) ?? 0))
    for (let i = 0; i < found.length; i += 2) {
      if (putFeature(draft, sheet, read, found[i]!)) continue
      const feature = readFeature(sheet.bytes.toString('utf8', found[i], found[i + 1]), options, (row) => row)
      if (feature === undefined) continue
      const names = new Set([...draft.names, ...Object.keys(feature.row)])
      if (names.size > draft.names.length) {
        if (draft.count > 0) yield batchOf(draft, sheet, to)
        clearFlat(flat)
        draft = draftOf([...names], flat)
      }
      putRow(draft, sheet, feature)
    }
    if (draft.count > 0) yield batchOf(draft, sheet, to)
    clearFlat(flat)
    draft = { ...draft, count: 0, xs: [], ys: [], shapes: new Map() }
    const rest = finder.shift()
    sheet.bytes.copyWithin(0, rest, to)
    sheet.end = to - rest
  }
  blocks.check(sheet.bytes.subarray(0, sheet.end))
  finder.end()
}

function draftOf(names: readonly string[], flat: FlatDraft): Draft {
  const columns = names.map((name) => ({ name, bytes: Buffer.from(name) }))
  return { columns, names, spans: new Int32Array(0), count: 0, xs: [], ys: [], shapes: new Map(), flat }
}

/** Put a feature by its bytes; false when that cannot be done. */
function putFeature(draft: Draft, sheet: CellSheet, read: ReadFeatureCells, start: number): boolean {
  const { columns, count } = draft
  const base = 2 * count * columns.length
  draft.spans = grownSpans(draft.spans, base + 2 * columns.length)
  const before = sheet.end
  const found = read(start, { sheet, columns, spans: draft.spans, base })
  const shape = found === undefined ? null : shapeIn(sheet.bytes, found.geometryStart, found.geometryEnd)
  if (found === undefined || shape === null) {
    sheet.end = before
    return false
  }
  if (shape !== undefined && !putFlat(draft.flat, count, shape)) draft.shapes.set(count, shape)
  putPoint(draft, shape === undefined ? [found.x, found.y] : undefined)
  return true
}

/** A geometry that is no plain point; undefined where there is none to read, null where it is not good. */
function shapeIn(bytes: Buffer, start: number, end: number): Geometry | null | undefined {
  if (end === 0) return undefined
  try {
    const shape = readGeometry(JSON.parse(bytes.toString('utf8', start, end)))
    return isNowhere(shape) ? null : shape
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof GeometryError) return null
    throw error
  }
}

function putRow(draft: Draft, sheet: CellSheet, { row, geometry }: Feature): void {
  const { names, count } = draft
  const base = 2 * count * names.length
  draft.spans = grownSpans(draft.spans, base + 2 * names.length)
  names.forEach((name, column) => {
    draft.spans[base + 2 * column] = sheet.end
    putCell(sheet, row[name] ?? '')
    draft.spans[base + 2 * column + 1] = sheet.end
  })
  if (geometry === null || !putFlat(draft.flat, count, geometry)) draft.shapes.set(count, geometry)
  putPoint(draft, undefined)
}

function putPoint(draft: Draft, point: readonly [number, number] | undefined): void {
  draft.xs.push(point?.[0] ?? Number.NaN)
  draft.ys.push(point?.[1] ?? Number.NaN)
  draft.count++
}

/** @param escapedFrom  where the bytes of the file end, and cells that were written begin */
function batchOf(draft: Draft, { bytes }: CellSheet, escapedFrom: number): CellBatch {
  const { names, count, spans, xs, ys, shapes } = draft
  const flat = flatShapes(draft.flat, count)
  const xy = new Float64Array(2 * count)
  xy.set(xs)
  xy.set(ys, count)
  return { columns: names, count, bytes, spans, escapedFrom, xy, shapes, flat }
}
