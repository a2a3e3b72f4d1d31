/**
 * `get`: one member of a field that holds a list.
 *
 *     {"function": "get", "field": "unit", "index": 1}
 *     {unit: "['Polska', 'kujawsko-pomorskie']"}  gives  "kujawsko-pomorskie"
 *
 * Readers write lists as Python's text for them; JSON's is understood too. What is no list, or has
 * no such member, gives `""`; a negative index counts from the end.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "get"; the original's 7.5.5 had it, its 10.0.0 lost it.
 */
import type { Get } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { strip } from './python.ts'

export function get({ field, index }: Get, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  return (row) => readList(read(row)).at(index) ?? ''
}

/** One member: quoted either way, or a bare word such as `12`, `None`. */
const MEMBER = /\s*(?:'((?:[^'\\]|\\[\s\S])*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\s,'"[\]]+))\s*(,|$)/y

function readList(text: string): string[] {
  const stripped = strip(text)
  if (!stripped.startsWith('[') || !stripped.endsWith(']')) return []

  const inside = stripped.slice(1, -1)
  const members: string[] = []
  MEMBER.lastIndex = 0
  while (MEMBER.lastIndex < inside.length) {
    const match = MEMBER.exec(inside)
    if (match === null) return []
    const [, single, double, bare = ''] = match
    const quoted = single ?? double
    members.push(quoted === undefined ? bareText(bare) : unescaped(quoted))
  }
  return members
}

const NOTHING = ['None', 'null']

function bareText(word: string): string {
  return NOTHING.includes(word) ? '' : word
}

const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|([\s\S]))/gi, (_, hex2, hex4, character) => {
    const code: string | undefined = hex2 ?? hex4
    return code === undefined
      ? (ESCAPED[character] ?? character)
      : String.fromCharCode(Number.parseInt(code, 16))
  })
}
