/**
 * `regexp`: cut a part out of a field by a pattern, or put it differently.
 *
 *     {"function": "regexp", "field": "ADDRESS", "pattern": "^([0-9]+)"}
 *     {ADDRESS: "123 MAPLE ST"}  gives  "123"
 *
 *     {"function": "regexp", "field": "ADDRESS", "pattern": "^([0-9]+) (.*)", "replace": "$2 $1"}
 *     {ADDRESS: "123 MAPLE ST"}  gives  "MAPLE ST 123"
 *
 * Without `replace` the groups of the first match are joined, so a pattern without groups always
 * gives `""`. With it every match is replaced, and a text without a match stays as it is.
 *
 * Source: openaddresses/ATTRIBUTE_FUNCTIONS.md, "regexp".
 */
import type { Regexp } from './call.ts'
import { columnReader, type Evaluate, type Scope } from './evaluate.ts'
import { compilePattern, type PythonPattern, search } from './regexp_dialect.ts'
import { pythonTemplate, readTemplate, substitute } from './regexp_replace.ts'

/** @throws {SourceError} `pattern-invalid` */
export function regexp({ field, pattern, replace = '' }: Regexp, scope: Scope): Evaluate {
  const read = columnReader(field, scope)
  const compiled = compilePattern(pattern)
  if (replace === '') return (row) => matchedGroups(compiled, read(row))

  const template = readTemplate(pythonTemplate(replace), compiled)
  return (row) => substitute(compiled, template, read(row))
}

/** The groups of the first match, one after another; `''` when there is no match. */
export function matchedGroups(pattern: PythonPattern, text: string): string {
  const match = search(pattern, text)
  if (match === null) return ''
  let groups = ''
  for (let group = 1; group < match.length; group++) groups += match[group] ?? ''
  return groups
}
