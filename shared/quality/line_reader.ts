/**
 * From the bytes of `out.geojson` to row views, without an object or a text in between.
 *
 * It knows how this house writes a line, letter by letter, and hops from value to value; a file that is
 * written otherwise is refused. 0.2 to 0.4 µs a row, measured in docs/quality.md.
 */
import { FACTOR_A, FACTOR_B, identifying, mixValue, SEED_A, SEED_B, seedOf, stir } from '../content_id.ts'
import { attributesOf, type LayerName } from '../layer.ts'
import { readEscapedValue } from './escaped_value.ts'
import { readGeometry } from './geometry_reader.ts'
import { MARKS, openRowView, type RowView } from './row_view.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BLANK = 0x20
const COMMA = 0x2c
const CLOSE = 0x7d
const NEWLINE = 0x0a
const N = 0x6e

const HEAD = '{"type": "Feature", "properties": {"hash": "'
const HASH_LENGTH = 16
const TAIL = '}, "geometry": '

/** Reads the rows of pieces of whole lines, one piece after the other. */
export interface LineReader {
  readonly view: RowView
  /** @throws {Error} for lines that this house did not write */
  read(bytes: Uint8Array, see: (row: RowView) => void): void
}

/** Bits of a unit above its byte: what its being there means, and that it is no plain letter. */
const MARK_SHIFT = 8
const SPECIAL = 0x8000

/** A byte as it counts for the id, and what its being there means. */
const UNITS = Uint16Array.from({ length: 256 }, (_, byte) => {
  const isSmall = byte >= 0x61 && byte <= 0x7a
  const marks = byte === 0x3f ? MARKS.question : byte === 0x7f ? MARKS.control : 0
  const special = byte === QUOTE || byte === BACKSLASH || byte === BLANK ? SPECIAL : 0
  return (isSmall ? byte - 0x20 : byte) | (marks << MARK_SHIFT) | special
})

/** A reader for files of a layer. */
export function lineReader(layer: LayerName): LineReader {
  const names = attributesOf(layer)
  const view = openRowView(names)
  const keys = names.map((name) => name.length + ', "": '.length)
  const firsts = names.map((name) => name.charCodeAt(0))
  const counted = new Set(identifying(layer).map(({ at }) => at - 1))
  const places = names.map((_, at) => (counted.has(at) ? at + 1 : 0))
  const seed = seedOf(layer)
  const value = { a: 0, b: 0 }

  function readLine(start: number): number {
    const { bytes, what } = view
    let at = start + HEAD.length + HASH_LENGTH
    if (bytes[at] !== QUOTE || bytes[start + HEAD.length - 1] !== QUOTE) throw strange(view)
    at += 1
    what.a = seed.a
    what.b = seed.b
    view.allMarks = 0
    for (let index = 0; index < keys.length; index++) {
      if (bytes[at] !== COMMA || bytes[at + 3] !== firsts[index]) throw strange(view)
      at = readValue(view, index, at + keys[index]!)
      if (view.from[index] === view.to[index]) continue
      view.allMarks |= view.marks[index]!
      if (places[index] === 0) continue
      value.a = view.a[index]!
      value.b = view.b[index]!
      mixValue(what, places[index]!, value)
    }
    if (bytes[at] !== CLOSE) throw strange(view)
    return readGeometry(view, at + TAIL.length)
  }

  return {
    view,
    read(bytes, see): void {
      view.bytes = bytes
      view.isSamePiece = false
      for (let start = 0; start < bytes.length; ) {
        view.start = start
        view.number += 1
        const end = readLine(start)
        view.isSamePiece = true
        if (bytes[end] !== CLOSE || bytes[end + 1] !== NEWLINE) throw strange(view)
        see(view)
        start = end + 2
      }
    },
  }
}

/** Read a value, quoted or bare; where its end is. */
function readValue(view: RowView, index: number, start: number): number {
  const { bytes, from, to, marks } = view
  if (bytes[start] !== QUOTE) return readBare(view, index, start)
  if (bytes[start + 1] === QUOTE) {
    from[index] = to[index] = start + 1
    marks[index] = 0
    return start + 2
  }
  if (view.isSamePiece && isAsBefore(view, index, start + 1)) return start + 2 + to[index]! - from[index]!
  return readPlain(view, index, start + 1)
}

/**
 * Whether a value is the one of the row before; then its span is moved. City and region mostly are, and to compare is
 * cheaper than to hash.
 */
function isAsBefore({ bytes, from, to, marks }: RowView, index: number, start: number): boolean {
  const before = from[index]!
  const length = to[index]! - before
  if (length === 0 || bytes[start] !== bytes[before] || bytes[start + length] !== QUOTE) return false
  for (let at = 1; at < length; at++) if (bytes[start + at] !== bytes[before + at]) return false
  if (bytes[before - 1] !== QUOTE || (marks[index]! & MARKS.escaped) !== 0) return false
  from[index] = start
  to[index] = start + length
  return true
}

/** Read a value as long as it is plain; from its first byte. */
function readPlain(view: RowView, index: number, start: number): number {
  const { bytes, from, to, marks } = view
  let a = SEED_A
  let b = SEED_B
  let mark = 0
  let at = start
  from[index] = start
  for (; ; at++) {
    const unit = UNITS[bytes[at]!]!
    if (unit < SPECIAL) {
      mark |= unit
      a = Math.imul(a ^ (unit & 0xff), FACTOR_A)
      b = Math.imul(b ^ (unit & 0xff), FACTOR_B)
      continue
    }
    if (bytes[at] === BACKSLASH) return readEscaped(view, index)
    if (bytes[at] !== BLANK) break
    // One blank counts, between other signs.
    const next = bytes[at + 1]
    if (next === BLANK || next === QUOTE || a === SEED_A) continue
    a = Math.imul(a ^ BLANK, FACTOR_A)
    b = Math.imul(b ^ BLANK, FACTOR_B)
  }
  if (bytes[at] !== QUOTE) throw strange(view)
  to[index] = a === SEED_A ? start : at
  marks[index] = (mark >> MARK_SHIFT) | decimal(bytes, start, at) | word(bytes[start]!, at - start)
  view.a[index] = stir(a)
  view.b[index] = stir(b)
  return at + 1
}

const escaped = { a: 0, b: 0, marks: 0, end: 0, isBlank: false }

/** A value with something that is not plain. */
function readEscaped(view: RowView, index: number): number {
  const { bytes, from, to, marks } = view
  readEscapedValue(bytes, from[index]!, escaped)
  if (bytes[escaped.end] !== QUOTE) throw strange(view)
  to[index] = escaped.isBlank ? from[index]! : escaped.end
  marks[index] = escaped.marks | decimal(bytes, from[index]!, escaped.end)
  view.a[index] = escaped.a
  view.b[index] = escaped.b
  return escaped.end + 1
}

/** A number, true, false, or null, which is nothing. */
function readBare(view: RowView, index: number, start: number): number {
  const { bytes, from, to, marks } = view
  let at = start
  let a = SEED_A
  let b = SEED_B
  for (let byte = bytes[at]!; byte !== COMMA && byte !== CLOSE; byte = bytes[++at]!) {
    a = Math.imul(a ^ (UNITS[byte]! & 0xff), FACTOR_A)
    b = Math.imul(b ^ (UNITS[byte]! & 0xff), FACTOR_B)
    if (at >= bytes.length) throw strange(view)
  }
  from[index] = start
  to[index] = bytes[start] === N ? start : at
  marks[index] = 0
  view.a[index] = stir(a)
  view.b[index] = stir(b)
  return at
}

const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39

function decimal(bytes: Uint8Array, from: number, to: number): number {
  if (bytes[to - 1] !== ZERO || bytes[to - 2] !== POINT || to - from < 3) return 0
  const digit = bytes[to - 3]!
  return digit >= ZERO && digit <= NINE ? MARKS.decimal : 0
}

/** `null`, `undefined`, `(null)`, `#n/a` … are so long and begin so. */
function word(first: number, length: number): number {
  if (length < 3 || length > 11) return 0
  const letter = first | 0x20
  const isInitial = letter === 0x6e || letter === 0x75 || first === 0x3c || first === 0x23 || first === 0x28
  return isInitial ? MARKS.word : 0
}

function strange({ bytes, start, number }: RowView): Error {
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, start + 120))
  return new Error(`line ${number} is not as out.geojson is written: ${text}`)
}
