/**
 * The interior point of areas: the middle of the widest stretch of a horizontal line that lies inside.
 *
 * The line runs half-way between the ordinates of vertices above and below the middle of the
 * polygon's envelope, so that it passes through no vertex. Of several polygons the one with the
 * widest stretch wins, of equal ones the first.
 *
 * Source: the InteriorPointArea algorithm of JTS and GEOS. Order and form of the sums matter: the
 * result is hashed with 15 digits.
 */

import type { Geometry, Position } from '../row.ts'
import { boundingBox, extendBounds, noBounds } from './bounds.ts'

type Ring = readonly Position[]

/** The best place so far; `width` is -1 before the first. */
interface Best {
  x: number
  y: number
  width: number
}

/** Rings of one or two points are no rings to GEOS; then the middle of the envelope is used. */
const RING_POINTS_MIN = 3

/** A place inside the polygons of a geometry, its lines and points left aside; null if all are empty. */
export function areaPoint(geometry: Geometry): Position | null {
  const best: Best = { x: 0, y: 0, width: -1 }
  if (!search(geometry, best)) return envelopeCentre(geometry)
  return best.width < 0 ? null : [best.x, best.y]
}

/** Look through all polygons; false if one of them has a ring that is none. */
function search(geometry: Geometry, best: Best): boolean {
  switch (geometry.type) {
    case 'Polygon':
      return searchPolygon(geometry.coordinates, best)
    case 'MultiPolygon':
      return geometry.coordinates.every((rings) => searchPolygon(rings, best))
    case 'GeometryCollection':
      return geometry.geometries.every((member) => search(member, best))
    default:
      return true
  }
}

function searchPolygon(rings: readonly Ring[], best: Best): boolean {
  const shell = rings[0]
  if (shell === undefined || shell.length === 0) return true
  for (const ring of rings) if (ring.length > 0 && ring.length < RING_POINTS_MIN) return false

  // A polygon without any width is at its first vertex.
  if (best.width < 0) {
    best.x = shell[0]![0]!
    best.y = shell[0]![1]!
    best.width = 0
  }
  const y = scanLine(rings, shell)
  const crossings: number[] = []
  for (const ring of rings) addCrossings(ring, y, crossings)
  if (crossings.length > 2) crossings.sort((a, b) => a - b)
  else if (crossings.length === 2 && crossings[0]! > crossings[1]!) crossings.reverse()
  for (let i = 0; i + 1 < crossings.length; i += 2) {
    const from = crossings[i]!
    const to = crossings[i + 1]!
    if (to - from > best.width) {
      best.x = (from + to) / 2
      best.y = y
      best.width = to - from
    }
  }
  return true
}

/** The height of the line: half-way between the vertices next to the middle of the envelope. */
function scanLine(rings: readonly Ring[], shell: Ring): number {
  let bottom = Infinity
  let top = -Infinity
  for (let i = 0; i < shell.length; i++) {
    const y = shell[i]![1]!
    if (y < bottom) bottom = y
    if (y > top) top = y
  }
  const middle = (bottom + top) / 2
  let below = bottom
  let above = top
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i++) {
      const y = ring[i]![1]!
      if (y <= middle) {
        if (y > below) below = y
      } else if (y < above) above = y
    }
  }
  return (above + below) / 2
}

/** Where the sides of a ring meet the line; a vertex on the line counts once. */
function addCrossings(ring: Ring, y: number, crossings: number[]): void {
  for (let i = 1; i < ring.length; i++) {
    const from = ring[i - 1]!
    const to = ring[i]!
    const y0 = from[1]!
    const y1 = to[1]!
    // A side counts where it leaves or reaches the upper side of the line: a level one never does.
    if (y0 <= y ? y1 <= y : y1 > y) continue
    const x0 = from[0]!
    const x1 = to[0]!
    crossings.push(x0 === x1 ? x0 : x0 + (y - y0) / ((y1 - y0) / (x1 - x0)))
  }
}

function envelopeCentre(geometry: Geometry): Position | null {
  const bounds = noBounds()
  extendBounds(bounds, geometry)
  const box = boundingBox(bounds)
  return box && [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
}
