/**
 * The interior point of lines and of points: the vertex nearest the centroid.
 *
 * For lines the vertices between the ends are tried first, and the ends only if there are none.
 * Of equally near ones the first is taken.
 *
 * Source: InteriorPointLine, InteriorPointPoint and Centroid of JTS and GEOS. Distances are compared
 * as square roots, because a root makes some unequal squares equal; Math.hypot rounds otherwise.
 */

import type { Geometry, Position } from '../row.ts'
import { eachPosition } from './parts.ts'

type Line = readonly Position[]

interface Centroid {
  /** Middles of the segments, weighted by their lengths. */
  lineX: number
  lineY: number
  length: number
  /** Sums over the points, and over lines without length. */
  pointX: number
  pointY: number
  points: number
}

interface Nearest {
  position: Position | null
  distance: number
}

/** The vertex of the lines of a geometry that stands for it, with its height; null if all are empty. */
export function linePoint(geometry: Geometry): Position | null {
  const [x, y] = centroid(geometry)
  const nearest: Nearest = { position: null, distance: Infinity }
  eachLine(geometry, (line) => {
    for (let i = 1; i < line.length - 1; i++) offer(nearest, line[i]!, x, y)
  })
  if (nearest.position !== null) return nearest.position
  eachLine(geometry, (line) => {
    if (line.length === 0) return
    offer(nearest, line[0]!, x, y)
    offer(nearest, line[line.length - 1]!, x, y)
  })
  return nearest.position
}

/** The point of a multipoint, or of a collection of points, that stands for it; without height. */
export function memberPoint(geometry: Geometry): Position | null {
  const [x, y] = centroid(geometry)
  const nearest: Nearest = { position: null, distance: Infinity }
  eachPosition(geometry, (position) => offer(nearest, position, x, y))
  return nearest.position && [nearest.position[0]!, nearest.position[1]!]
}

function offer(nearest: Nearest, position: Position, x: number, y: number): void {
  const away = distance(position[0]! - x, position[1]! - y)
  if (away < nearest.distance) {
    nearest.position = position
    nearest.distance = away
  }
}

function distance(dx: number, dy: number): number {
  return Math.sqrt(dx * dx + dy * dy)
}

function centroid(geometry: Geometry): [number, number] {
  const sums: Centroid = { lineX: 0, lineY: 0, length: 0, pointX: 0, pointY: 0, points: 0 }
  add(sums, geometry)
  if (sums.length > 0) return [sums.lineX / sums.length, sums.lineY / sums.length]
  return [sums.pointX / sums.points, sums.pointY / sums.points]
}

function add(sums: Centroid, geometry: Geometry): void {
  switch (geometry.type) {
    case 'Point':
    case 'MultiPoint':
      eachPosition(geometry, (position) => addPoint(sums, position))
      return
    case 'GeometryCollection':
      for (const member of geometry.geometries) add(sums, member)
      return
    default:
      eachLine(geometry, (line) => addLine(sums, line))
  }
}

function addPoint(sums: Centroid, position: Position): void {
  sums.pointX += position[0]!
  sums.pointY += position[1]!
  sums.points++
}

function addLine(sums: Centroid, line: Line): void {
  let total = 0
  for (let i = 1; i < line.length; i++) {
    const from = line[i - 1]!
    const to = line[i]!
    const length = distance(from[0]! - to[0]!, from[1]! - to[1]!)
    if (length === 0) continue
    total += length
    sums.lineX += length * ((from[0]! + to[0]!) / 2)
    sums.lineY += length * ((from[1]! + to[1]!) / 2)
  }
  sums.length += total
  if (total === 0 && line.length > 0) addPoint(sums, line[0]!)
}

function eachLine(geometry: Geometry, visit: (line: Line) => void): void {
  switch (geometry.type) {
    case 'LineString':
      visit(geometry.coordinates)
      return
    case 'MultiLineString':
      for (const line of geometry.coordinates) visit(line)
      return
    case 'GeometryCollection':
      for (const member of geometry.geometries) eachLine(member, visit)
  }
}
