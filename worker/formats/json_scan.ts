/**
 * Finds the features in a stream of JSON text, without ever holding more than one of them.
 *
 * The text is one object with a list `features`, of which each element is given as its text; or one
 * object after another, line by line or not, of which each is given whole. Only brackets, strings and
 * the names at the top are looked at; whether an element is good JSON is seen by those who read it.
 */
import { SourceError } from '../../shared/problem.ts'

export interface Scanner {
  /** The texts of the objects that this piece completes. */
  write(text: string): string[]
  /** @throws {SourceError} when the text ends in the middle of something */
  end(): void
}

/** An object of this size is no feature: the file is another kind of JSON. */
export const OBJECT_CHARS_MAX = 64 * 1024 * 1024

const LIST_NAME = 'features'
/** How deep the elements of the list stand: in the list, in the object. */
const LIST_DEPTH = 2

const OPENING = '{['
/** The only characters that mean something inside an object. */
const MARKS = new Set([...'"{}[]:'].map((character) => character.charCodeAt(0)))
/** What may stand between two objects: RFC 8142 has its record separator there. */
const RECORD_SEPARATOR = '\u001e'
export const BETWEEN = /^[\s,\ufeff]$/

export function openScanner(): Scanner {
  let text = ''
  let at = 0
  let depth = 0
  /** Where the object that is being read begins; -1 when there is none. */
  let start = -1
  let isInList = false
  let hadList = false
  /** The last string at the top, and whether a colon made it a name. */
  let lastString = ''
  let name = ''
  let found: string[] = []
  let count = 0

  function write(piece: string): string[] {
    text += piece
    while (at < text.length && step()) if (depth > 0) skipPlain()
    const kept = start < 0 ? at : start
    text = text.slice(kept)
    at -= kept
    if (start >= 0) start = 0
    if (text.length > OBJECT_CHARS_MAX) throw broken('has an object too large for a feature')
    const complete = found
    found = []
    return complete
  }

  /** Deal with what stands here; false when the rest of it is not there yet. */
  function step(): boolean {
    const character = text.charAt(at)
    if (character === '"') return skipString()
    if (OPENING.includes(character)) open(character)
    else if (character === '}' || character === ']') close()
    else if (character === ':' && depth === 1) name = lastString
    else if (depth === 0 && character !== RECORD_SEPARATOR && !BETWEEN.test(character))
      throw notGeojson(text.slice(at, at + 40))
    at++
    return true
  }

  /** Pass over digits, blanks, words and commas; it is most of the text, and by code it is quick. */
  function skipPlain(): void {
    while (at < text.length && !MARKS.has(text.charCodeAt(at))) at++
  }

  function skipString(): boolean {
    if (depth === 0) throw notGeojson(text.slice(at, at + 40))
    const end = endOfString(text, at)
    if (end < 0) return false
    if (depth === 1) lastString = text.slice(at + 1, end)
    at = end + 1
    return true
  }

  function open(character: string): void {
    if (depth === 0 && character === '[') throw notGeojson('a list')
    if (depth === 0) hadList = false
    const opensList = depth === 1 && character === '[' && name === LIST_NAME
    if (opensList) {
      isInList = true
      hadList = true
      start = -1
    } else if (depth === 0 || (isInList && depth === LIST_DEPTH)) {
      start = at
    }
    depth++
  }

  function close(): void {
    depth--
    if (depth < 0) throw notGeojson(text.slice(at, at + 40))
    if (isInList && depth === 1) isInList = false
    const isWhole = isInList ? depth === LIST_DEPTH : depth === 0 && !hadList
    if (!isWhole) return
    found.push(text.slice(start, at + 1))
    start = -1
    count++
  }

  function broken(what: string): SourceError {
    return brokenJson(what, count)
  }

  function end(): void {
    if (depth > 0) throw broken('ends in the middle')
  }

  return { write, end }
}

/** Where a string ends: at its closing quote; -1 when it is not there. */
export function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, start, end)) end = text.indexOf('"', end + 1)
  return end
}

/** An odd number of backslashes takes the quote behind them into the string. */
function isEscaped(text: string, start: number, quote: number): boolean {
  let backslashes = 0
  while (quote - 1 - backslashes > start && text.charAt(quote - 1 - backslashes) === '\\') backslashes++
  return backslashes % 2 === 1
}

/** The text is GeoJSON up to here. */
export function brokenJson(what: string, count: number): SourceError {
  return new SourceError('conform-failed', `the JSON ${what}, after ${count} features`)
}

/** The text is no GeoJSON. */
export function notGeojson(what: string): SourceError {
  return new SourceError(
    'conform-failed',
    `not GeoJSON: found ${JSON.stringify(what)} where an object is expected`,
  )
}
