/**
 * Reading a Python pattern character by character: what the two halves of the dialect share.
 */

/** How far a pattern has been read, and what is known of it by then. */
export interface Cursor {
  readonly pattern: string
  at: number
  readonly ignoreCase: boolean
  /** `(?a)`: `\d \w \s \b` know ASCII only. */
  readonly ascii: boolean
  readonly shift: number
  groups: number
  readonly names: Map<string, number>
}

/** A pattern that Python refuses, or that JavaScript cannot say; becomes `pattern-invalid`. */
export class PatternFault extends Error {
  override readonly name = 'PatternFault'
}

/** The next character, and one step on. */
export function take(cursor: Cursor): string {
  const code = cursor.pattern.codePointAt(cursor.at)
  if (code === undefined) throw new PatternFault('it ends too early')
  const character = String.fromCodePoint(code)
  cursor.at += character.length
  return character
}

/** Ignoring case, Python takes these four for one letter; JavaScript keeps the two Turkish ones apart. */
export const TURKISH_I = 'iIİı'

/** A character that stands for itself, outside of brackets. */
export function literal(character: string, { ignoreCase }: Cursor): string {
  if (ignoreCase && TURKISH_I.includes(character)) return `[${TURKISH_I}]`
  return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character
}

const NAMED: Readonly<Record<string, string>> = {
  a: '\x07',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

/** The one character that an escape stands for; the cursor is behind the backslash. */
export function escapedCharacter(cursor: Cursor): string {
  const octal = /^(?:0[0-7]{0,2}|[0-3][0-7]{2})/.exec(cursor.pattern.slice(cursor.at, cursor.at + 3))
  if (octal !== null) {
    cursor.at += octal[0].length
    return String.fromCodePoint(Number.parseInt(octal[0], 8))
  }

  const letter = take(cursor)
  const named = NAMED[letter]
  if (named !== undefined) return named

  const length = HEX_LENGTHS[letter]
  if (length !== undefined) return hexCharacter(cursor, length)
  // Python keeps all other letters and digits for later use.
  if (/[A-Za-z0-9]/.test(letter)) throw new PatternFault(`the escape \\${letter} does not exist`)
  return letter
}

function hexCharacter(cursor: Cursor, length: number): string {
  const digits = cursor.pattern.slice(cursor.at, cursor.at + length)
  const code = Number.parseInt(digits, 16)
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length < length || code > 0x10ffff) {
    throw new PatternFault(`an escape needs ${length} hex digits, not "${digits}"`)
  }
  cursor.at += length
  return String.fromCodePoint(code)
}
