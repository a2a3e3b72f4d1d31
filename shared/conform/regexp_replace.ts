/**
 * Replacement of all matches: what the `replace` of a `regexp` means.
 *
 * `$1` and `${1}` become Python's `\1` and `\g<1>`, which may also be written at once; then the whole
 * follows Python's rules, down to `$0` being a NUL and `$name` standing for itself.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "regexp"; docs.python.org, `re.sub`.
 */
import { SourceError } from '../problem.ts'
import { watchedExec } from './regexp_watch.ts'
import { type PythonPattern, search } from './regexp_dialect.ts'

/** Texts, and numbers of groups between them. */
export type Template = readonly (string | number)[]

/** `$1` to `\1`, `${12}` to `\g<12>`; all else stays. */
export function pythonTemplate(replace: string): string {
  return replace.replace(/\$([0-9]+)/g, '\\$1').replace(/\$\{([0-9]+)\}/g, '\\g<$1>')
}

const PIECES = /\\g<(\w+)>|\\(0[0-7]{0,2}|[0-7]{3}|[1-9][0-9]?)|\\([\s\S])|[^\\]+|\\$/g

const ESCAPED: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/**
 * Read a replacement in Python's spelling.
 *
 * @throws {SourceError} `pattern-invalid` when it names a group that the pattern does not have
 */
export function readTemplate(template: string, { groups, names }: PythonPattern): Template {
  const parts: (string | number)[] = []
  for (const [piece, group, digits, escaped] of template.matchAll(PIECES)) {
    if (group !== undefined) parts.push(names.get(group) ?? Number(group))
    else if (digits !== undefined) parts.push(isOctal(digits) ? octalCharacter(digits) : Number(digits))
    else if (escaped !== undefined) parts.push(escapedText(escaped, template))
    else parts.push(piece)
  }
  for (const part of parts) {
    if (typeof part === 'number' && !(part <= groups)) {
      throw new SourceError('pattern-invalid', `"${template}" names a group that the pattern does not have`)
    }
  }
  return parts
}

/** `re.sub`: the text with every match replaced; unchanged when there is none. */
export function substitute(pattern: PythonPattern, template: Template, text: string): string {
  let result = ''
  let copied = 0
  let at = 0
  let mayBeEmpty = true
  while (at <= text.length) {
    const match: RegExpExecArray | null = mayBeEmpty ? search(pattern, text, at) : longer(pattern, text, at)
    if (match === null) {
      if (mayBeEmpty) break
      // Nothing more begins here: on from the next character, where empty matches count again.
      at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
      mayBeEmpty = true
      continue
    }
    result += text.slice(copied, match.index) + expand(template, match, mayBeEmpty ? 0 : 1)
    copied = match.index + match[0].length
    // After an empty match Python looks again at the same place, now for more than nothing.
    mayBeEmpty = match[0] !== ''
    at = copied
  }
  return result + text.slice(copied)
}

/** A match of more than nothing, right here. */
function longer(pattern: PythonPattern, text: string, at: number): RegExpExecArray | null {
  const notEmpty = pattern.notEmpty()
  notEmpty.lastIndex = at
  return watchedExec(notEmpty, text, pattern.pattern)
}

function expand(template: Template, match: RegExpExecArray, shift: number): string {
  let text = ''
  for (const part of template) {
    if (typeof part === 'string') text += part
    else text += (part === 0 ? match[0] : match[part + shift]) ?? ''
  }
  return text
}

function isOctal(digits: string): boolean {
  return digits.startsWith('0') || digits.length === 3
}

function octalCharacter(digits: string): string {
  return String.fromCodePoint(Number.parseInt(digits, 8))
}

function escapedText(character: string, template: string): string {
  const meaning = ESCAPED[character]
  if (meaning !== undefined) return meaning
  if (/[A-Za-z]/.test(character)) {
    throw new SourceError('pattern-invalid', `"${template}" has an escape \\${character} that does not exist`)
  }
  return `\\${character}`
}
