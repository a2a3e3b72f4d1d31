/**
 * Rounding of coordinates: 7 decimals, about a centimetre on the ground.
 *
 * Python rounds the exact binary value, a half to the even side. `toFixed` does the same but for
 * true halves, which it sends away from zero; a true half at 7 decimals is an odd multiple of 1/256.
 */
import type { Geometry, Position } from '../row.ts'
import { RowError } from './row_error.ts'

const DECIMALS = 7
const SCALE = 10 ** DECIMALS

/** From here on neighbouring doubles lie further apart than two results of the rounding. */
const EXACT_SIZE_MIN = 2 ** 30

/** Below this size `value * SCALE` is off by far less than SAFE_DISTANCE. */
const QUICK_SIZE_MAX = 1e6
const SAFE_DISTANCE = 1e-4

/** One ordinate at 7 decimals, as Python's `round(value, 7)` gives it; `-0` stays `-0`. */
export function roundOrdinate(value: number): number {
  const scaled = value * SCALE
  const nearest = Math.round(scaled)
  // Far from a half the product's own error cannot change the result, and no text has to be made.
  if (Math.abs(value) < QUICK_SIZE_MAX && 0.5 - Math.abs(scaled - nearest) > SAFE_DISTANCE)
    return nearest / SCALE
  if (Math.abs(value) >= EXACT_SIZE_MIN) return value
  if (!isTrueHalf(value)) return Number(value.toFixed(DECIMALS))

  const size = Math.abs(value)
  const below = Math.floor(size * SCALE)
  return (Math.sign(value) * (below % 2 === 0 ? below : below + 1)) / SCALE
}

/** The same geometry with every ordinate rounded, heights too. */
export function roundGeometry(geometry: Geometry): Geometry {
  switch (geometry.type) {
    case 'Point':
      return { type: 'Point', coordinates: roundPosition(geometry.coordinates) }
    case 'MultiPoint':
    case 'LineString':
      return { type: geometry.type, coordinates: geometry.coordinates.map(roundPosition) }
    case 'MultiLineString':
    case 'Polygon':
      return { type: geometry.type, coordinates: geometry.coordinates.map(roundLine) }
    case 'MultiPolygon':
      return { type: geometry.type, coordinates: geometry.coordinates.map((rings) => rings.map(roundLine)) }
    case 'GeometryCollection':
      return { type: geometry.type, geometries: geometry.geometries.map(roundGeometry) }
    default:
      return geometry satisfies never
  }
}

function roundLine(line: readonly Position[]): Position[] {
  return line.map(roundPosition)
}

function roundPosition(position: Position): Position {
  return position.map((ordinate) => {
    if (!Number.isFinite(ordinate)) throw new RowError('coordinate-not-finite', String(ordinate))
    return roundOrdinate(ordinate)
  })
}

function isTrueHalf(value: number): boolean {
  const in256ths = value * 256
  return Number.isInteger(in256ths) && in256ths % 2 !== 0
}
