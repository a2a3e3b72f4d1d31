/** From the bytes of a geometry to its box, and to the second half of the row's content id. */
import { LIST_END, mix, SEED_A, SEED_B, STEPS_PER_DEGREE } from '../content_id.ts'
import type { RowView } from './row_view.ts'

const N = 0x6e
const PLUS = 0x2b
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const SMALL_E = 0x65
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const CLOSE = 0x7d
const OPEN = 0x7b
const NEWLINE = 0x0a
const BIG_A = 0x41
const BIG_Z = 0x5a

const POINT_HEAD = '{"type": "Point", "coordinates": ['
const LETTER_AT = '{"type": "P'.length
const BIG_P = 0x50
const SMALL_O = 0x6f
const SMALL_I = 0x69

/** Digits that a number of JavaScript holds exactly. */
const DIGITS_MAX = 15
const POWERS = Array.from({ length: DIGITS_MAX + 1 }, (_, digits) => 10 ** digits)

/** What was read last: a number, and where it ended. One for all: a number and an end do not fit into one result. */
const last = { value: 0, end: 0 }

/** Read a geometry, or null; where its end is, at the `}` of the feature. */
export function readGeometry(view: RowView, start: number): number {
  const { bytes, where } = view
  where.a = SEED_A
  where.b = SEED_B
  if (bytes[start] === N) {
    view.hasPlace = false
    return start + 4
  }
  // "Point" and "Polygon" begin alike.
  const isPoint = bytes[start + LETTER_AT - 1] === BIG_P && bytes[start + LETTER_AT + 1] === SMALL_I
  if (isPoint && bytes[start + LETTER_AT] === SMALL_O) {
    const end = readPoint(view, start + POINT_HEAD.length)
    if (end > 0) return end
  }
  return readShape(view, start)
}

/** A point of two ordinates; 0 when it is something else. */
function readPoint(view: RowView, start: number): number {
  const { bytes, where } = view
  readNumber(bytes, start)
  const lon = last.value
  readNumber(bytes, last.end + 2)
  const lat = last.value
  const { end } = last
  if (bytes[end] !== CLOSE_LIST || bytes[end + 1] !== CLOSE) return 0
  mix(where, BIG_P)
  mix(where, Math.round(lon * STEPS_PER_DEGREE) | 0)
  mix(where, Math.round(lat * STEPS_PER_DEGREE) | 0)
  mix(where, LIST_END)
  view.hasPlace = true
  view.west = lon
  view.east = lon
  view.south = lat
  view.north = lat
  return end + 2
}

/** Any geometry: the first two numbers of each innermost list are a position. */
function readShape(view: RowView, start: number): number {
  const { bytes, where } = view
  view.west = view.south = Number.POSITIVE_INFINITY
  view.east = view.north = Number.NEGATIVE_INFINITY
  let ordinate = 0
  let depth = 0
  let at = start
  for (; bytes[at] !== NEWLINE && at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === OPEN) depth += 1
    else if (byte === CLOSE && --depth < 0) break
    else if (byte === OPEN_LIST) ordinate = 0
    else if (byte === CLOSE_LIST) mix(where, LIST_END)
    else if (byte >= BIG_A && byte <= BIG_Z) mix(where, byte)
    else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      readNumber(bytes, at)
      at = last.end - 1
      see(view, last.value, ordinate)
      ordinate += 1
    }
  }
  view.hasPlace = view.west <= view.east
  return at
}

function see(view: RowView, degrees: number, ordinate: number): void {
  if (ordinate > 1) return
  mix(view.where, Math.round(degrees * STEPS_PER_DEGREE) | 0)
  if (ordinate === 0) {
    if (degrees < view.west) view.west = degrees
    if (degrees > view.east) view.east = degrees
    return
  }
  if (degrees < view.south) view.south = degrees
  if (degrees > view.north) view.north = degrees
}

/** Read a number of JSON into `last`. */
function readNumber(bytes: Uint8Array, start: number): void {
  let at = start
  const isNegative = bytes[at] === MINUS
  if (isNegative) at += 1
  let digits = 0
  let value = 0
  let pointAt = 0
  for (; ; at++) {
    const byte = bytes[at]!
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO)
      digits += 1
    } else if (byte === POINT) pointAt = at
    else break
  }
  if (digits > DIGITS_MAX || bytes[at] === SMALL_E) {
    readLongNumber(bytes, start, at)
    return
  }
  const decimals = pointAt === 0 ? 0 : at - pointAt - 1
  last.value = (isNegative ? -value : value) / POWERS[decimals]!
  last.end = at
}

function readLongNumber(bytes: Uint8Array, start: number, before: number): void {
  let at = before
  while (isOfNumber(bytes[at]!)) at += 1
  last.value = Number(new TextDecoder('latin1').decode(bytes.subarray(start, at)))
  last.end = at
}

function isOfNumber(byte: number): boolean {
  return byte === SMALL_E || byte === PLUS || byte === MINUS || (byte >= ZERO && byte <= NINE)
}
