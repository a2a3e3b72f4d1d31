/**
 * Coordinates as they are written: seven decimals, about a centimetre.
 *
 * Spec: processing.md §8.3. Heights are rounded too; what comes after a height is dropped.
 */

import type { Geometry, Position } from '../row.ts'
import { roundDecimal } from './decimal.ts'
import { ogrHeight } from './ogr_number.ts'

/** Decimals of a coordinate in the output. */
export const COORDINATE_DECIMALS = 7
const SCALE = 10 ** COORDINATE_DECIMALS

/** Fifteen digits change a coordinate below this size by far less than the distance, in units of the last decimal. */
const DEGREES_MAX = 1000
const SAFE_DISTANCE = 1e-4

type Round = (ordinate: number) => number

/**
 * A geometry correctly rounded, halves to even.
 *
 * @returns null for an empty point, which GeoJSON cannot say
 */
export function roundGeometry(geometry: Geometry, decimals: number = COORDINATE_DECIMALS): Geometry | null {
  return isNowhere(geometry) ? null : rounded(geometry, (ordinate) => roundDecimal(ordinate, decimals))
}

/** One ordinate of `roundGeometry`. */
export function roundOrdinate(ordinate: number): number {
  return roundDecimal(ordinate, COORDINATE_DECIMALS)
}

/**
 * The same as writing a geometry as OGR does, reading it back and rounding it, as the reference does.
 *
 * It matters for coordinates that are nearly half-way, and interior points, being middles, often are:
 * 25.128779450000002 goes up, but with 15 digits it is 25.12877945, which is a little less and goes down.
 */
export function roundAsWritten(geometry: Geometry): Geometry | null {
  return isNowhere(geometry) ? null : rounded(geometry, ordinateAsWritten)
}

/** One ordinate of `roundAsWritten`; what is not finite stays so. */
export function ordinateAsWritten(x: number): number {
  const scaled = x * SCALE
  const whole = Math.round(scaled)
  if (Math.abs(x) < DEGREES_MAX && 0.5 - Math.abs(scaled - whole) > SAFE_DISTANCE) return whole / SCALE
  return Number.isFinite(x) ? roundDecimal(Number(ogrHeight(x)), COORDINATE_DECIMALS) : x
}

function isNowhere(geometry: Geometry): boolean {
  return geometry.type === 'Point' && geometry.coordinates.length === 0
}

function rounded(geometry: Geometry, round: Round): Geometry {
  const { type } = geometry
  switch (type) {
    case 'Point':
      return { type, coordinates: position(geometry.coordinates, round) }
    case 'MultiPoint':
    case 'LineString':
      return { type, coordinates: line(geometry.coordinates, round) }
    case 'MultiLineString':
    case 'Polygon':
      return { type, coordinates: geometry.coordinates.map((part) => line(part, round)) }
    case 'MultiPolygon':
      return {
        type,
        coordinates: geometry.coordinates.map((rings) => rings.map((ring) => line(ring, round))),
      }
    case 'GeometryCollection':
      return { type, geometries: geometry.geometries.map((member) => rounded(member, round)) }
  }
}

function line(positions: readonly Position[], round: Round): Position[] {
  return positions.map((each) => position(each, round))
}

function position(from: Position, round: Round): Position {
  if (from.length === 0) return []
  const x = round(from[0]!)
  const y = round(from[1]!)
  return from.length === 2 ? [x, y] : [x, y, round(from[2]!)]
}
