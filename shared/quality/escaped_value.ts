/**
 * Values with escapes, unit by unit, because whole countries write with letters that JSON escapes here.
 *
 * It gives the hash that `hashText` gives for the decoded text, without the text. Where case or composition is
 * more than one unit for one (ß, combining accents, what is beyond the BMP), it leaves the value to `hashText`.
 */
import { FACTOR_A, FACTOR_B, hashText, type Lanes, SEED_A, SEED_B, stir } from '../content_id.ts'
import { MARKS } from './row_view.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BLANK = 0x20
const SMALL_U = 0x75
const QUESTION = 0x3f
const REPLACEMENT = 0xfffd

/** What was read: the hash, the marks, and where the value ends. */
export interface EscapedValue extends Lanes {
  marks: number
  end: number
  isBlank: boolean
}

/** How a unit counts; 0 not looked up yet. */
const COUNTED = new Uint16Array(0x10000)

/** This unit is not one for one. */
const APART = 0xffff

/** Escapes of one letter. */
const SHORT: Readonly<Record<number, number>> = { 110: 0x0a, 116: 0x09, 114: 0x0d, 98: 0x08, 102: 0x0c }

/** A first byte of UTF-8 and one that goes on, as they look when they were read as Latin-1 or Windows-1252. */
const isLead = (unit: number) => unit >= 0xc2 && unit <= 0xf4
const goesOn = (unit: number) => (unit >= 0x80 && unit <= 0xbf) || (unit > 0xff && WINDOWS.has(unit))

/** What Windows-1252 has in place of the control characters 0x80 to 0x9f. */
export const WINDOWS_1252 = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ'
const WINDOWS: ReadonlySet<number> = new Set([...WINDOWS_1252].map((sign) => sign.charCodeAt(0)))

/** Read a value from the byte behind its first quote. */
export function readEscapedValue(bytes: Uint8Array, start: number, value: EscapedValue): void {
  let a = SEED_A
  let b = SEED_B
  let marks: number = MARKS.escaped
  let isApart = false
  let isBetween = false
  let before = 0
  let at = start
  while (bytes[at] !== QUOTE && at < bytes.length) {
    let unit = bytes[at]!
    at += 1
    if (unit === BACKSLASH) {
      unit = bytes[at] === SMALL_U ? hex(bytes, at + 1) : (SHORT[bytes[at]!] ?? bytes[at]!)
      at += bytes[at] === SMALL_U ? 5 : 1
    }
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) marks |= MARKS.control
    else if (unit === QUESTION) marks |= MARKS.question
    else if (unit === REPLACEMENT) marks |= MARKS.lost
    if (isLead(before) && goesOn(unit)) marks |= MARKS.suspect
    before = unit
    const counted = COUNTED[unit]! || lookUp(unit)
    if (counted === APART) isApart = true
    else if (counted === BLANK) isBetween = a !== SEED_A
    else {
      if (isBetween) {
        a = Math.imul(a ^ BLANK, FACTOR_A)
        b = Math.imul(b ^ BLANK, FACTOR_B)
        isBetween = false
      }
      a = Math.imul(a ^ counted, FACTOR_A)
      b = Math.imul(b ^ counted, FACTOR_B)
    }
  }
  value.end = at
  value.marks = marks
  value.isBlank = a === SEED_A && !isApart
  value.a = stir(a)
  value.b = stir(b)
  if (isApart) hashApart(bytes, start, value)
}

function hashApart(bytes: Uint8Array, start: number, value: EscapedValue): void {
  const raw = new TextDecoder('latin1').decode(bytes.subarray(start, value.end))
  hashText(value, JSON.parse(`"${raw}"`) as string)
}

function lookUp(unit: number): number {
  const sign = String.fromCharCode(unit)
  const counted = countedAs(sign)
  COUNTED[unit] = counted
  return counted
}

/** Marks compose with what stands before them, and so do the vowels and final consonants of Hangul. */
const COMPOSES = /[\p{M}\u1160-\u11ff\ud800-\udfff]/u

function countedAs(sign: string): number {
  if (/\s/u.test(sign)) return BLANK
  const upper = sign.toUpperCase()
  if (COMPOSES.test(sign) || sign.normalize('NFC') !== sign || upper.length > 1 || sign === '\0') return APART
  return upper.charCodeAt(0)
}

function hex(bytes: Uint8Array, at: number): number {
  return (
    (digit(bytes[at]!) << 12) |
    (digit(bytes[at + 1]!) << 8) |
    (digit(bytes[at + 2]!) << 4) |
    digit(bytes[at + 3]!)
  )
}

/** Of `0` to `9`, `a` to `f` and `A` to `F`. */
function digit(byte: number): number {
  return (byte & 0xf) + (byte >= 0x41 ? 9 : 0)
}
