/**
 * Finds the features in blocks of JSON bytes: json_scan.ts, which is its oracle, without making texts.
 */
import { BETWEEN, brokenJson, notGeojson, OBJECT_CHARS_MAX } from './json_scan.ts'

export interface SpanFinder {
  /** What was found since it was emptied: start and end of each object, in the bytes that were looked at. */
  readonly found: number[]
  /** Look at bytes up to `to`; what stands before `from` was looked at already. */
  look(bytes: Buffer, to: number): void
  /** Up to where nothing is needed any more; the rest has to be given again, from there. */
  shift(): number
  /** @throws {SourceError} when the text ended in the middle of something */
  end(): void
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN = 0x7b
const CLOSE = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const RECORD_SEPARATOR = 0x1e

/** How deep the elements of the list stand: in the list, in the object. */
const LIST_DEPTH = 2
const LIST_NAME = 'features'

const MARKS = new Uint8Array(256)
for (const mark of [QUOTE, COLON, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST]) MARKS[mark] = 1

export function openSpanFinder(): SpanFinder {
  let at = 0
  let depth = 0
  let start = -1
  let isInList = false
  let hadList = false
  let lastString = ''
  let name = ''
  let count = 0
  const found: number[] = []

  function look(bytes: Buffer, to: number): void {
    while (at < to) {
      if (depth > 0) {
        while (at < to && MARKS[bytes[at]!] === 0) at++
        if (at === to) break
      }
      const byte = bytes[at]!
      if (byte === QUOTE) {
        if (!skipString(bytes, to)) break
        continue
      }
      if (byte === OPEN || byte === OPEN_LIST) open(byte)
      else if (byte === CLOSE || byte === CLOSE_LIST) close(bytes, to)
      else if (depth === 1 && byte === COLON) name = lastString
      else if (depth === 0 && byte !== RECORD_SEPARATOR) {
        const length = between(bytes, to)
        if (length === 0) break
        at += length - 1
      }
      at++
    }
    if (at - (start < 0 ? at : start) > OBJECT_CHARS_MAX)
      throw brokenJson('has an object too large for a feature', count)
  }

  /** How long the character between two objects is; 0 when it is not there to its end. */
  function between(bytes: Buffer, to: number): number {
    const byte = bytes[at]!
    const length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    if (at + length > to) return 0
    if (!BETWEEN.test(bytes.toString('utf8', at, at + length))) throw notGeojson(shown(bytes, to))
    return length
  }

  /** Step over a string; false when it is not there to its end. */
  function skipString(bytes: Buffer, to: number): boolean {
    if (depth === 0) throw notGeojson(shown(bytes, to))
    let end = at + 1
    while (end < to && bytes[end] !== QUOTE) end += bytes[end] === BACKSLASH ? 2 : 1
    if (end >= to) return false
    if (depth === 1) lastString = bytes.toString('utf8', at + 1, end)
    at = end + 1
    return true
  }

  function open(byte: number): void {
    if (depth === 0 && byte === OPEN_LIST) throw notGeojson('a list')
    if (depth === 0) hadList = false
    if (depth === 1 && byte === OPEN_LIST && name === LIST_NAME) {
      isInList = true
      hadList = true
      start = -1
    } else if (depth === 0 || (isInList && depth === LIST_DEPTH)) start = at
    depth++
  }

  function close(bytes: Buffer, to: number): void {
    depth--
    if (depth < 0) throw notGeojson(shown(bytes, to))
    if (isInList && depth === 1) isInList = false
    const isWhole = isInList ? depth === LIST_DEPTH : depth === 0 && !hadList
    if (!isWhole) return
    found.push(start, at + 1)
    start = -1
    count++
  }

  function shown(bytes: Buffer, to: number): string {
    return bytes.toString('utf8', at, Math.min(to, at + 160)).slice(0, 40)
  }

  function shift(): number {
    const by = start < 0 ? at : start
    at -= by
    if (start >= 0) start = 0
    found.length = 0
    return by
  }

  function end(): void {
    if (depth > 0) throw brokenJson('ends in the middle', count)
  }

  return { found, look, shift, end }
}
