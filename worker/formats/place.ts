/**
 * Placing: the features of a reader, from the coordinate system of the data to lon, lat.
 *
 * A whole batch is transformed in one call. A feature with a point that has no place keeps its row and
 * loses its geometry, and is counted.
 */
import type { Feature, Geometry, Position } from '../../shared/row.ts'
import type { Projection } from './projection.ts'
import { type OnBadRow, shortened } from './reading.ts'

/** Why a row is without its place when the coordinate system has none for it. */
export const OUTSIDE = 'has coordinates outside of its coordinate system'

/** The same features, in lon, lat. */
export async function* placed(
  batches: AsyncIterable<Feature[]>,
  projection: Projection,
  onBadRow: OnBadRow,
): AsyncGenerator<Feature[]> {
  for await (const batch of batches) {
    yield projection.isIdentity ? batch : placeBatch(batch, projection, onBadRow)
  }
}

function placeBatch(batch: readonly Feature[], projection: Projection, onBadRow: OnBadRow): Feature[] {
  const xs: number[] = []
  const ys: number[] = []
  for (const { geometry } of batch) {
    if (geometry === null) continue
    mapPositions(geometry, (position) => {
      xs.push(position[0] ?? Number.NaN)
      ys.push(position[1] ?? Number.NaN)
      return position
    })
  }
  const count = xs.length
  const xy = new Float64Array(2 * count)
  xy.set(xs)
  xy.set(ys, count)
  projection.transform(xy)

  let at = 0
  return batch.map(({ row, geometry }) => {
    if (geometry === null) return { row, geometry }
    let isInside = true
    const geometryHere = mapPositions(geometry, (position) => {
      const lon = xy[at] as number
      const lat = xy[count + at] as number
      at++
      isInside &&= !Number.isNaN(lon)
      return position.length > 2 ? [lon, lat, ...position.slice(2)] : [lon, lat]
    })
    if (!isInside) onBadRow(OUTSIDE, shortened(JSON.stringify(row)), 'displaced')
    return { row, geometry: isInside ? geometryHere : null }
  })
}

/** The same geometry with other positions, visited in order; an empty point has none. */
export function mapPositions(geometry: Geometry, change: (position: Position) => Position): Geometry {
  switch (geometry.type) {
    case 'Point':
      return geometry.coordinates.length === 0
        ? geometry
        : { ...geometry, coordinates: change(geometry.coordinates) }
    case 'MultiPoint':
    case 'LineString':
      return { ...geometry, coordinates: geometry.coordinates.map(change) }
    case 'MultiLineString':
    case 'Polygon':
      return { ...geometry, coordinates: geometry.coordinates.map((line) => line.map(change)) }
    case 'MultiPolygon':
      return {
        ...geometry,
        coordinates: geometry.coordinates.map((rings) => rings.map((ring) => ring.map(change))),
      }
    case 'GeometryCollection':
      return { ...geometry, geometries: geometry.geometries.map((one) => mapPositions(one, change)) }
    default:
      return geometry satisfies never
  }
}
