/**
 * Character classes of a pattern: `[...]`, and what `\d`, `\w` and `\s` hold, in brackets or not.
 */
import { type Cursor, escapedCharacter, PatternFault, TURKISH_I, take } from './regexp_cursor.ts'

// Each of these is the inside of a class, so that they can stand beside others in one.

/** `\w`: letters and numbers of every script, and the underscore. */
export const WORD = '\\p{L}\\p{N}_'

/** `\s`: what `str.isspace()` says; unlike JavaScript's without U+FEFF, with U+001C and its like. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'

/** `\S`: the gaps between those of `SPACE`. */
export const NOT_SPACE =
  '\\0-\\x08\\x0e-\\x1b\\x21-\\x84\\x86-\\x9f\\xa1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e' +
  '\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\u{10ffff}'

/** `\W`: all other categories; of the connectors (Pc) all but the underscore. */
const NOT_WORD =
  '\\p{M}\\p{Z}\\p{S}\\p{C}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}' +
  '\\u203f\\u2040\\u2054\\ufe33\\ufe34\\ufe4d-\\ufe4f\\uff3f'

const CLASSES: Readonly<Record<string, readonly [unicode: string, ascii: string]>> = {
  d: ['\\p{Nd}', '0-9'],
  D: ['\\P{Nd}', '\\0-/:-\\u{10ffff}'],
  w: [WORD, '\\w'],
  W: [NOT_WORD, '\\W'],
  s: [SPACE, ' \\t-\\r'],
  S: [NOT_SPACE, '\\0-\\x08\\x0e-\\x1f\\x21-\\u{10ffff}'],
}

/** Translate `[...]`; the cursor is behind the opening bracket. */
export function characterClass(cursor: Cursor): string {
  let source = '['
  if (cursor.pattern[cursor.at] === '^') {
    cursor.at++
    source += '^'
  }
  let holdsI = false
  // A closing bracket that comes first is a member.
  for (let first = true; first || cursor.pattern[cursor.at] !== ']'; first = false) {
    const low = member(cursor)
    const high = rangeEnd(cursor)
    source += high === undefined ? low.source : rangeSource(low, high)
    holdsI ||= isCovered(low.code, (high ?? low).code)
  }
  cursor.at++
  return cursor.ignoreCase && holdsI ? `${source}${TURKISH_I}]` : `${source}]`
}

interface Member {
  readonly source: string
  /** Undefined where it is a class of its own, such as `\d`. */
  readonly code: number | undefined
}

function member(cursor: Cursor): Member {
  const character = take(cursor)
  if (character !== '\\') return single(character)

  const letter = cursor.pattern[cursor.at] ?? ''
  const known = CLASSES[letter]
  if (known !== undefined) {
    cursor.at++
    return { source: known[cursor.ascii ? 1 : 0], code: undefined }
  }
  if (letter !== 'b') return single(escapedCharacter(cursor))
  cursor.at++
  return single('\b')
}

function single(character: string): Member {
  const source = /[\\\]^[-]/.test(character) ? `\\${character}` : character
  return { source, code: character.codePointAt(0) }
}

/** The other end of `a-z`; undefined where no hyphen follows, or one that stands last. */
function rangeEnd(cursor: Cursor): Member | undefined {
  const { pattern, at } = cursor
  if (pattern[at] !== '-' || pattern[at + 1] === ']') return undefined
  cursor.at++
  return member(cursor)
}

function rangeSource(low: Member, high: Member): string {
  if (low.code === undefined || high.code === undefined) {
    throw new PatternFault('a range needs one character at each end')
  }
  return `${low.source}-${high.source}`
}

function isCovered(low: number | undefined, high: number | undefined): boolean {
  if (low === undefined || high === undefined) return false
  return [...TURKISH_I].some((letter) => {
    const code = letter.codePointAt(0)!
    return low <= code && code <= high
  })
}
