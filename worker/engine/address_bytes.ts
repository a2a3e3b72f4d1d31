/**
 * The functions on American addresses, on bytes: what their patterns find in printable ASCII.
 *
 * A pattern over all of Unicode takes 0.5 µs a row and needs a text; this takes 0.1. Oracles are
 * prefixed_number, postfixed_street and postfixed_unit of shared/conform.
 */

/** Part of a cell. */
export interface Part {
  start: number
  end: number
}

const BLANK = 0x20
const HASH = 0x23
const MINUS = 0x2d
const POINT = 0x2e
const SLASH = 0x2f

/** Upper case, each with whether a point may follow. */
const UNIT_WORDS: readonly (readonly [word: string, mayEndInPoint: boolean])[] = [
  ['UNIT', false],
  ['APARTMENT', false],
  ['APT', true],
  ['SUITE', false],
  ['STE', true],
  ['BUILDING', false],
  ['BLDG', true],
  ['LOT', false],
]

/**
 * The house number that a cell begins with, and where what follows it begins; false when there is none.
 *
 * @param number  set to the number
 * @param rest    set to what comes behind the blanks after it
 */
export function houseNumber(bytes: Uint8Array, { start, end }: Part, number: Part, rest: Part): boolean {
  const first = afterBlanks(bytes, start, end)
  const digits = afterDigits(bytes, first, end)
  if (digits === first) return false
  const last = numberEnd(bytes, digits, end)
  if (last < 0) return false
  number.start = first
  number.end = last
  rest.start = afterBlanks(bytes, last, end)
  rest.end = end
  return true
}

/** Where a number ends that has these digits, if a blank follows: `12 1/2`, `12`, `12-34`, `12A`, `12-A`. */
function numberEnd(bytes: Uint8Array, digits: number, end: number): number {
  const next = bytes[digits]
  const isFraction =
    digits + 4 < end &&
    (next === BLANK || next === MINUS) &&
    isDigit(bytes[digits + 1]!) &&
    bytes[digits + 2] === SLASH &&
    isDigit(bytes[digits + 3]!)
  if (isFraction && bytes[digits + 4] === BLANK) return digits + 4
  if (digits >= end) return -1
  if (next === BLANK) return digits
  if (next === MINUS) {
    const second = afterDigits(bytes, digits + 1, end)
    if (second > digits + 1 && second < end && bytes[second] === BLANK) return second
  }
  const letter = next === MINUS ? digits + 1 : digits
  return letter + 1 < end && isLetter(bytes[letter]!) && bytes[letter + 1] === BLANK ? letter + 1 : -1
}

/**
 * Where a unit begins that stands behind a blank and goes to the end of the cell, with something in it.
 *
 * @returns -1 when there is none
 */
export function unitStart(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at + 2 < end; at++) {
    if (bytes[at] === BLANK && isUnit(bytes, at + 1, end)) return at + 1
  }
  return -1
}

function isUnit(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] === HASH) return at + 1 < end
  for (const [word, mayEndInPoint] of UNIT_WORDS) {
    if (!isWord(bytes, at, word)) continue
    let behind = at + word.length
    if (mayEndInPoint && bytes[behind] === POINT) behind++
    // A blank, and at least one more letter.
    if (behind + 1 < end && bytes[behind] === BLANK) return true
  }
  return false
}

function isWord(bytes: Uint8Array, at: number, word: string): boolean {
  for (let i = 0; i < word.length; i++) if ((bytes[at + i]! & 0xdf) !== word.charCodeAt(i)) return false
  return true
}

function afterBlanks(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] === BLANK) at++
  return at
}

function afterDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && isDigit(bytes[at]!)) at++
  return at
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39
}

function isLetter(byte: number): boolean {
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x5a
}
