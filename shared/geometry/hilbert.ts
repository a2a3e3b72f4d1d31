/**
 * The Hilbert curve over the map: one number for a place, so that places with near numbers are near.
 *
 * A file in this order has its neighbours together, and a reader of a small area passes over the rest.
 * Steps of the curve are 2^16 in each direction: about 600 m at the equator, fine enough for groups of rows.
 */

/** Bits in each direction; two of them fit into 32. */
const ORDER = 16
const SIDE = 2 ** ORDER

/** The number of a place on Earth, from 0 to 2^32 − 1. Lon, lat in degrees. */
export function hilbertNumber(lon: number, lat: number): number {
  let x = step((lon + 180) / 360)
  let y = step((lat + 90) / 180)
  let number = 0
  for (let side = SIDE / 2; side >= 1; side /= 2) {
    const isRight = (x & side) > 0 ? 1 : 0
    const isUpper = (y & side) > 0 ? 1 : 0
    number += side * side * ((3 * isRight) ^ isUpper)
    if (isUpper === 1) continue
    // The lower quarters are turned, so that the curve goes on where it left the one before.
    if (isRight === 1) {
      x = SIDE - 1 - x
      y = SIDE - 1 - y
    }
    ;[x, y] = [y, x]
  }
  return number
}

function step(share: number): number {
  return Math.min(SIDE - 1, Math.max(0, Math.floor(share * SIDE)))
}
