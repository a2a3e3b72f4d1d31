/**
 * Patterns: sources are written in Python's `re`, and mean what Python means.
 *
 * A pattern is rewritten for JavaScript's `u` flag, piece by piece: named groups, `\d \w \s \b` over
 * all of Unicode, `.` and `$` around line ends, escapes and brackets that `u` would refuse. What has
 * no counterpart (atomic groups, conditionals, flags for a part) is refused, never guessed.
 *
 * Two differences stay, and no source of the catalogue touches them: a back-reference to a group
 * that took no part matches nothing here and fails there; a group repeated in a loop forgets its
 * value on a round that goes without it.
 *
 * Source: docs.python.org/3/library/re.html, "Regular Expression Syntax".
 */
import { SourceError } from '../problem.ts'
import { characterClass, NOT_SPACE, SPACE, WORD } from './regexp_class.ts'
import { watchedExec } from './regexp_watch.ts'
import { type Cursor, escapedCharacter, literal, PatternFault, take } from './regexp_cursor.ts'

/** A pattern, ready for `search`. */
export interface PythonPattern {
  /** As the source writes it. */
  readonly pattern: string
  /** Global: it searches from its `lastIndex` on. */
  readonly regexp: RegExp
  /** How many groups capture. */
  readonly groups: number
  /** Number of each named group. */
  readonly names: ReadonlyMap<string, number>
  /**
   * The same pattern, allowed only matches that are not empty, and only where `lastIndex` says. It
   * captures the rest of the text first, so its groups begin at 2. Made when first needed.
   */
  notEmpty(): RegExp
}

/**
 * Translate and compile a Python pattern.
 *
 * @param flags  `i` to ignore case; the pattern's own `(?i)` counts as well
 * @throws {SourceError} `pattern-invalid` when Python would refuse it, or JavaScript cannot say it
 */
export function compilePattern(pattern: string, flags: 'i' | '' = ''): PythonPattern {
  try {
    const { source, groups, names, ignoreCase } = translate(pattern, flags, 0)
    const jsFlags = ignoreCase ? 'iu' : 'u'
    let notEmpty: RegExp | undefined
    return {
      pattern,
      regexp: new RegExp(source, `${jsFlags}g`),
      groups,
      names,
      notEmpty() {
        // What is left after a match equals what was left before it only if the match is empty.
        notEmpty ??= new RegExp(`(?=([^]*))(?:${translate(pattern, flags, 1).source})(?!\\1$)`, `${jsFlags}y`)
        return notEmpty
      },
    }
  } catch (error) {
    if (!(error instanceof PatternFault || error instanceof SyntaxError)) throw error
    throw new SourceError('pattern-invalid', `${quoted(pattern)}: ${error.message}`, { cause: error })
  }
}

/** The first match at `from` or behind it; `from` is no place inside a character. */
export function search(pattern: PythonPattern, text: string, from = 0): RegExpExecArray | null {
  const { regexp } = pattern
  regexp.lastIndex = from
  let match = watchedExec(regexp, text, pattern.pattern)
  // V8 also finds empty matches between the two halves of a character beyond U+FFFF; they are none.
  while (match !== null && isInsideCharacter(text, match.index)) {
    regexp.lastIndex = match.index + 1
    match = regexp.exec(text)
  }
  return match
}

function isInsideCharacter(text: string, at: number): boolean {
  const isLowHalf = (text.charCodeAt(at) & 0xfc00) === 0xdc00
  return isLowHalf && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
}

/** Long alternations of suburb names reach 48 KB; a message shows their beginning. */
const PATTERN_SHOWN_LENGTH_MAX = 80

function quoted(pattern: string): string {
  const shown = pattern.slice(0, PATTERN_SHOWN_LENGTH_MAX)
  return shown === pattern ? `"${pattern}"` : `"${shown}…"`
}

interface Translation {
  readonly source: string
  readonly groups: number
  readonly names: ReadonlyMap<string, number>
  readonly ignoreCase: boolean
}

const GLOBAL_FLAGS = /^\(\?([A-Za-z]+)\)/
const REPEAT = /\{(?:(\d+)|(\d*),(\d*))\}/y

/** @param shift  by how much group numbers move because of groups that stand before the pattern */
function translate(pattern: string, flags: string, shift: number): Translation {
  const own = GLOBAL_FLAGS.exec(pattern)
  const allFlags = new Set([...flags, ...globalFlags(own?.[1] ?? '')])
  const cursor: Cursor = {
    pattern,
    at: own?.[0].length ?? 0,
    ignoreCase: allFlags.has('i'),
    ascii: allFlags.has('a'),
    shift,
    groups: 0,
    names: new Map(),
  }
  const multiline = allFlags.has('m')
  const pieces: Readonly<Record<string, () => string>> = {
    '\\': () => escapeSequence(cursor),
    '[': () => characterClass(cursor),
    '(': () => groupStart(cursor),
    '{': () => repeat(cursor),
    '.': () => (allFlags.has('s') ? '[^]' : '[^\\n]'),
    '^': () => (multiline ? '(?:^|(?<=\\n))' : '^'),
    // Not multiline, `$` also stands before a final line end.
    $: () => (multiline ? '(?=\\n|$)' : '(?=\\n?$)'),
    ')': () => ')',
    '|': () => '|',
    '*': () => '*',
    '+': () => '+',
    '?': () => '?',
  }

  let source = ''
  while (cursor.at < pattern.length) {
    const character = take(cursor)
    source += pieces[character]?.() ?? literal(character, cursor)
  }
  return { source, groups: cursor.groups, names: cursor.names, ignoreCase: cursor.ignoreCase }
}

function globalFlags(flags: string): string {
  for (const flag of flags) {
    if (!'aimsu'.includes(flag)) throw new PatternFault(`the flag ${flag} cannot be used`)
  }
  return flags
}

function escapeSequence(cursor: Cursor): string {
  const { pattern, at, ascii, shift } = cursor
  const letter = pattern[at] ?? ''
  const meaning = ESCAPES[letter]
  if (meaning !== undefined) {
    cursor.at++
    return meaning(ascii)
  }

  const octal = /^[0-3][0-7][0-7]/.test(pattern.slice(at, at + 3))
  const reference = octal ? null : /^[1-9]\d?/.exec(pattern.slice(at, at + 2))
  if (reference === null) return literal(escapedCharacter(cursor), cursor)
  cursor.at += reference[0].length
  // In brackets, or a digit that follows would join the number.
  return `(?:\\${Number(reference[0]) + shift})`
}

const ESCAPES: Readonly<Record<string, (ascii: boolean) => string>> = {
  d: (ascii) => (ascii ? '[0-9]' : '\\p{Nd}'),
  D: (ascii) => (ascii ? '[^0-9]' : '\\P{Nd}'),
  w: (ascii) => `[${ascii ? '\\w' : WORD}]`,
  W: (ascii) => `[^${ascii ? '\\w' : WORD}]`,
  s: (ascii) => `[${ascii ? ' \\t-\\r' : SPACE}]`,
  S: (ascii) => (ascii ? '[^ \\t-\\r]' : `[${NOT_SPACE}]`),
  b: (ascii) => edge(ascii, true),
  B: (ascii) => edge(ascii, false),
  A: () => '^',
  Z: () => '$',
}

/** `\b`: a word on exactly one side; `\B`: on both or neither. JavaScript's own knows ASCII words only. */
function edge(ascii: boolean, wanted: boolean): string {
  const word = ascii ? '\\w' : `[${WORD}]`
  const [after, before] = wanted ? ['!', '='] : ['=', '!']
  // To Python an empty text has no place that is not an edge, nor one that is.
  const somewhere = wanted ? '' : '(?!^$)'
  return `(?:${somewhere}(?:(?<=${word})(?${after}${word})|(?<!${word})(?${before}${word})))`
}

/** What may follow `(?` as it is. */
const SAME_GROUPS = /(?::|=|!|<=|<!)/y
const NAMED_GROUP = /P<(\w+)>/y
const NAMED_REFERENCE = /P=(\w+)\)/y
const COMMENT = /#[^)]*\)/y

function groupStart(cursor: Cursor): string {
  if (cursor.pattern[cursor.at] !== '?') {
    cursor.groups++
    return '('
  }
  cursor.at++
  const same = match(SAME_GROUPS, cursor)
  if (same !== null) return `(?${same[0]}`

  const named = match(NAMED_GROUP, cursor)
  if (named !== null) {
    cursor.groups++
    cursor.names.set(named[1]!, cursor.groups)
    return `(?<${named[1]}>`
  }
  const reference = match(NAMED_REFERENCE, cursor)
  if (reference !== null) return `\\k<${reference[1]}>`
  if (match(COMMENT, cursor) !== null) return ''

  throw new PatternFault(`a group that begins with (?${cursor.pattern[cursor.at] ?? ''} cannot be used`)
}

/** `{2}`, `{2,}`, `{,3}`, `{2,3}` repeat; every other brace is only a brace. */
function repeat(cursor: Cursor): string {
  cursor.at--
  const found = match(REPEAT, cursor)
  if (found === null) {
    cursor.at++
    return '\\{'
  }
  const [, exactly, least, most] = found
  return exactly !== undefined ? `{${exactly}}` : `{${least || '0'},${most}}`
}

function match(sticky: RegExp, cursor: Cursor): RegExpExecArray | null {
  sticky.lastIndex = cursor.at
  const found = sticky.exec(cursor.pattern)
  if (found !== null) cursor.at = sticky.lastIndex
  return found
}
