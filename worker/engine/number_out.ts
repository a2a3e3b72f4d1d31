/**
 * Numbers to bytes: an ordinate as OGR writes it into a hash, and as it stands in the output.
 *
 * Both are exact: the rest of the multiplication is known (Dekker 1971), so that it is certain which way
 * to round. 0.05 µs a number where a text takes 0.5. Oracles: ogrOrdinate of shared/geometry, and Python's
 * repr in shared/conform; what is not between 1 and a million degrees or a true half is left to them.
 */
import { floatText } from '../../shared/conform/python.ts'
import { ogrOrdinate } from '../../shared/geometry/ogr_number.ts'
import { type Desk, makeSpace, putText } from './desk.ts'

const ZERO = 0x30
const POINT = 0x2e
const MINUS = 0x2d

/** Significant digits of OGR. */
const DIGITS = 15
const HIGH_DIGITS = 8
const LOW_SCALE = 1e7

/** Behind how many digits the point stands: for sizes from 1 on. */
const SIZE_MAX = 1e6

/** 2 ** 27 + 1 splits a double into halves that can be multiplied exactly. */
const SPLITTER = 134217729

const SCALES = Array.from({ length: DIGITS }, (_, decimals) => 10 ** decimals)
const SCALES_HIGH = SCALES.map(highHalf)
const SCALES_LOW = SCALES.map((scale, decimals) => scale - SCALES_HIGH[decimals]!)

/** Put an ordinate as OGR writes it into WKT where not both of them are whole numbers. */
export function putOgrOrdinate(desk: Desk, x: number): void {
  const size = Math.abs(x)
  if (!(size >= 1 && size < SIZE_MAX)) {
    putText(desk, ogrOrdinate(x))
    return
  }
  const whole = size < 10 ? 1 : size < 100 ? 2 : size < 1000 ? 3 : size < 1e4 ? 4 : size < 1e5 ? 5 : 6
  const digits = scaled(size, DIGITS - whole)
  if (Number.isNaN(digits)) {
    putText(desk, ogrOrdinate(x))
    return
  }

  makeSpace(desk, DIGITS + 2)
  const { bytes, at } = desk
  const first = x < 0 ? at + 1 : at
  const high = Math.floor(digits / LOW_SCALE)
  let rest = (digits - high * LOW_SCALE) | 0
  for (let i = DIGITS; i > HIGH_DIGITS; i--) {
    const next = (rest / 10) | 0
    bytes[first + i] = ZERO + rest - 10 * next
    rest = next
  }
  rest = high | 0
  for (let i = HIGH_DIGITS - 1; i >= 0; i--) {
    const next = (rest / 10) | 0
    bytes[first + (i < whole ? i : i + 1)] = ZERO + rest - 10 * next
    rest = next
  }
  bytes[first + whole] = POINT
  let end = first + DIGITS
  while (bytes[end] === ZERO) end--
  // How a whole number is written is another matter.
  if (end === first + whole) {
    putText(desk, ogrOrdinate(x))
    return
  }
  if (x < 0) bytes[at] = MINUS
  desk.at = end + 1
}

/** `size` times a power of ten as the nearest whole number; NaN where two are as near, or it has a digit too many. */
function scaled(size: number, decimals: number): number {
  const scale = SCALES[decimals]!
  const product = size * scale
  const high = highHalf(size)
  const low = size - high
  const scaleHigh = SCALES_HIGH[decimals]!
  const scaleLow = SCALES_LOW[decimals]!
  const error = high * scaleHigh - product + high * scaleLow + low * scaleHigh + low * scaleLow
  const below = Math.floor(product)
  const beyondHalf = product - below - 0.5 + error
  if (beyondHalf === 0) return Number.NaN
  const nearest = beyondHalf > 0 ? below + 1 : below
  return nearest >= 1e15 || nearest < 1e14 ? Number.NaN : nearest
}

function highHalf(value: number): number {
  const shifted = SPLITTER * value
  return shifted - (shifted - value)
}

const DECIMALS = 7
/** Written out: of a power Bun does not know that it is an int, and a number takes 0.3 µs in place of 0.03. */
const SCALE = 1e7

/** Smaller numbers, in units of the last decimal, are written with an exponent. */
const UNITS_MIN = 1000
/** And up to here they are ints of 32 bits: 200 degrees. */
const UNITS_MAX = 200 * SCALE

/** The product of a coordinate and `SCALE` is off by far less than this; further from a half it is sure. */
const SAFE_DISTANCE = 1e-4

/**
 * Put an ordinate with up to seven decimals, as Python prints it.
 *
 * @param round  rounds where the quick way is not sure
 * @returns the ordinate, rounded
 */
export function putDegrees(desk: Desk, x: number, round: (x: number) => number): number {
  const product = x < 0 ? -x * SCALE : x * SCALE
  const size = product < UNITS_MAX ? (product + 0.5) | 0 : 0
  const isSure = 0.5 - Math.abs(product - size) > SAFE_DISTANCE
  if (!isSure || size < UNITS_MIN) {
    const rounded = round(x)
    putText(desk, floatText(rounded))
    return rounded
  }
  makeSpace(desk, DECIMALS + 5)
  const { bytes } = desk
  let { at } = desk
  if (x < 0) bytes[at++] = MINUS
  const whole = (size / SCALE) | 0
  if (whole >= 100) bytes[at++] = ZERO + ((whole / 100) | 0)
  if (whole >= 10) bytes[at++] = ZERO + (((whole / 10) | 0) % 10)
  bytes[at++] = ZERO + (whole % 10)
  bytes[at++] = POINT
  let rest = (size - whole * SCALE) | 0
  for (let i = DECIMALS - 1; i >= 0; i--) {
    const next = (rest / 10) | 0
    bytes[at + i] = ZERO + rest - 10 * next
    rest = next
  }
  let end = at + DECIMALS - 1
  while (end > at && bytes[end] === ZERO) end--
  desk.at = end + 1
  return x < 0 ? -size / SCALE : size / SCALE
}
