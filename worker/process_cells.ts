/**
 * The step between readers of cells and outputs: what process_rows.ts does for features, by the engine.
 *
 * Rows of which the engine knows nothing, as their columns are named like its own, go the plain way.
 */
import type { Conform } from '../shared/source.ts'
import { canConform, openEngine } from './engine/engine.ts'
import { type CellBatch, featureAt, geometryAt, rowAt } from './formats/cells.ts'
import type { Lines } from './outputs/output.ts'
import { countBox, countPlace, countPoint, type Tally } from './outputs/tally.ts'
import { countFault, type RowStep, rowStep } from './process_rows.ts'

/** The conform of a batch, as a function from cells to lines. */
export function cellStep(options: RowStep & { readonly conform: Conform }): (batch: CellBatch) => Lines {
  const { tally } = options
  const plain = rowStep(options)
  const keep = openKeeper()
  const engine = openEngine({
    ...options,
    witness: {
      onPoint: (lon, lat) => countPoint(tally, lon, lat),
      onShape(geometry, round) {
        if (geometry !== null) countPlace(tally, geometry, round)
      },
      onFlat: (box, geometry, round) => countBox(tally, box, geometry, round),
      onBadRow: (error, batch, row) => countFault(tally, error, () => rowAt(batch, row)),
    },
  })

  return (batch) => {
    if (!canConform(batch.columns)) {
      const lines = plain(featuresIn(batch)).map(({ line }) => `${line}\n`)
      return { bytes: Buffer.from(lines.join(''), 'latin1'), count: lines.length }
    }
    noteType(tally, batch)
    const { bytes, count, filled } = engine(batch)
    tally.written += count
    for (const [attribute, rows] of Object.entries(filled)) tally.filled[attribute]! += rows
    return { bytes: keep(bytes), count }
  }
}

/** An output has two batches under way at most; a third buffer is free again. */
const BUFFERS = 3

/**
 * Copies of what the engine has on its desk, on which it writes again while they are on their way.
 *
 * The same few buffers are used over and over: as garbage they pile up in Bun, whose memory may double
 * before it is cleaned, and beside PROJ that was 100 MB.
 */
function openKeeper(): (bytes: Buffer) => Buffer {
  const buffers = Array.from({ length: BUFFERS }, () => Buffer.alloc(0))
  let turn = 0
  return (bytes) => {
    turn = (turn + 1) % BUFFERS
    if (buffers[turn]!.length < bytes.length) buffers[turn] = Buffer.allocUnsafe(2 * bytes.length)
    const kept = buffers[turn]!.subarray(0, bytes.length)
    bytes.copy(kept)
    return kept
  }
}

function featuresIn(batch: CellBatch) {
  return Array.from({ length: batch.count }, (_, row) => featureAt(batch, row))
}

/** The type of the first place, as it is in the data. */
function noteType(tally: Tally, batch: CellBatch): void {
  for (let row = 0; row < batch.count && tally.geometryType === null; row++) {
    tally.geometryType = geometryAt(batch, row)?.type ?? null
  }
}
