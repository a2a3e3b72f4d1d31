/**
 * Placing of cells: what place.ts does for features, for a batch of them as bytes.
 *
 * Points, and the corners of flat shapes, lie in one array each already, and go through the projection
 * as they are; other shapes take the same way as everywhere.
 */
import { type CellBatch, type geometryAt, rowAt } from './cells.ts'
import { NO_SHAPE } from './flat_shapes.ts'
import { mapPositions, OUTSIDE } from './place.ts'
import type { Projection } from './projection.ts'
import { type OnBadRow, shortened } from './reading.ts'

/** The same rows, in lon, lat. Points are changed in place. */
export function placeCells(batch: CellBatch, projection: Projection, onBadRow: OnBadRow): CellBatch {
  if (projection.isIdentity) return batch
  placePoints(batch, projection, onBadRow)
  placeFlat(batch, projection, onBadRow)
  return batch.shapes.size === 0 ? batch : { ...batch, shapes: placeShapes(batch, projection, onBadRow) }
}

function placePoints(batch: CellBatch, { transform }: Projection, onBadRow: OnBadRow): void {
  const { xy, count } = batch
  const rows: number[] = []
  for (let row = 0; row < count; row++) if (!Number.isNaN(xy[row]!)) rows.push(row)
  if (rows.length === 0) return
  const some = new Float64Array(2 * rows.length)
  rows.forEach((row, at) => {
    some[at] = xy[row]!
    some[rows.length + at] = xy[count + row]!
  })
  transform(some)
  rows.forEach((row, at) => {
    xy[row] = some[at]!
    xy[count + row] = some[rows.length + at]!
    if (Number.isNaN(some[at]!)) tellOutside(batch, row, onBadRow)
  })
}

/** A shape with a corner that has no place is none any more. */
function placeFlat(batch: CellBatch, { transform }: Projection, onBadRow: OnBadRow): void {
  const { flat, count } = batch
  if (flat === undefined) return
  const { kinds, from, to, xy } = flat
  transform(xy)
  for (let row = 0; row < count; row++) {
    if (kinds[row] === NO_SHAPE) continue
    let corner = from[row]!
    while (corner < to[row]! && !Number.isNaN(xy[corner]!)) corner++
    if (corner === to[row]!) continue
    kinds[row] = NO_SHAPE
    tellOutside(batch, row, onBadRow)
  }
}

function placeShapes(
  batch: CellBatch,
  { transform }: Projection,
  onBadRow: OnBadRow,
): Map<number, ReturnType<typeof geometryAt>> {
  const xs: number[] = []
  const ys: number[] = []
  for (const shape of batch.shapes.values()) {
    if (shape === null) continue
    mapPositions(shape, (position) => {
      xs.push(position[0] ?? Number.NaN)
      ys.push(position[1] ?? Number.NaN)
      return position
    })
  }
  const xy = new Float64Array(2 * xs.length)
  xy.set(xs)
  xy.set(ys, xs.length)
  transform(xy)

  let at = 0
  const shapes = new Map<number, ReturnType<typeof geometryAt>>()
  for (const [row, shape] of batch.shapes) {
    let isInside = true
    const here =
      shape &&
      mapPositions(shape, (position) => {
        const lon = xy[at]!
        const lat = xy[xs.length + at]!
        at++
        isInside &&= !Number.isNaN(lon)
        return position.length > 2 ? [lon, lat, ...position.slice(2)] : [lon, lat]
      })
    if (!isInside) tellOutside(batch, row, onBadRow)
    shapes.set(row, isInside ? here : null)
  }
  return shapes
}

function tellOutside(batch: CellBatch, row: number, onBadRow: OnBadRow): void {
  onBadRow(OUTSIDE, shortened(JSON.stringify(rowAt(batch, row))), 'displaced')
}
