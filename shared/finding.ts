/**
 * A finding: what a rule has to say about a source file, and to which value of it.
 *
 * Paths lead from the root of the JSON to the value, such as `['layers', 'addresses', 0, 'data']`.
 */

/** One thing that a rule found. */
export interface Finding {
  readonly level: 'error' | 'warning'
  readonly path: (string | number)[]
  readonly message: string
}

/** What keeps a data source from running well. */
export function refused(path: readonly (string | number)[], message: string): Finding {
  return { level: 'error', path: [...path], message }
}

/** What its author should know. */
export function warned(path: readonly (string | number)[], message: string): Finding {
  return { level: 'warning', path: [...path], message }
}

/** The same findings, seen from further up. */
export function below(path: readonly (string | number)[], findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, path: [...path, ...finding.path] }))
}
