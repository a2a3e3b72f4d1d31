/** Comparisons of a run with what the conformance suite expects of it. */
import type { Problem } from '../../shared/problem.ts'
import type { Case, StateExpectation } from './suite.ts'

/** Lines of an `out.geojson`. */
export type Lines = readonly string[]

/** What a case came to. */
export interface Outcome {
  readonly state: Readonly<Record<string, unknown>>
  readonly problem: Problem | null
  readonly lines: Lines
}

const HASH = /"hash": "([0-9a-f]{16})"/

/** So many differences are enough to see what is wrong. */
const SHOWN_MAX = 3

/** Whether the state is as expected. */
export function holds({ key, op, value }: StateExpectation, state: Outcome['state']): boolean {
  const found = state[key] ?? null
  switch (op) {
    case 'null':
      return found === null
    case 'notNull':
      return found !== null
    case 'truthy':
      return Boolean(found)
    case 'falsy':
      return !found
    case 'equals':
    case 'is':
      return found === value
    default:
      return op satisfies never
  }
}

/** What the expectations on features find wrong. */
export function valueFaults(
  { count, values = [], output_contains = [] }: Case['expect'],
  lines: Lines,
): string[] {
  const faults: string[] = []
  if (count !== undefined && count !== lines.length)
    faults.push(`expected ${count} features, got ${lines.length}`)
  for (const { feature, path, equals, approx, tolerance = 0, truthy } of values) {
    let found: unknown = JSON.parse(lines.at(feature) ?? 'null')
    for (const step of path) found = (found as Record<string, unknown> | null)?.[step]
    const isRight =
      approx !== undefined
        ? Math.abs(Number(found) - approx) <= tolerance
        : truthy === undefined
          ? JSON.stringify(found) === JSON.stringify(equals)
          : Boolean(found) === truthy
    if (!isRight)
      faults.push(
        `feature ${feature} ${path.join('.')}: ${JSON.stringify(found)}, not ${JSON.stringify(equals ?? approx ?? truthy)}`,
      )
  }
  const text = lines.join('\n')
  return [...faults, ...output_contains.filter((part) => !text.includes(part)).map((part) => `no ${part}`)]
}

/** Lines that differ in more than the hash, and how many have the same hash. */
export function sameLines(golden: Lines, lines: Lines): { different: string[]; sameHash: number } {
  const different =
    golden.length === lines.length ? [] : [`expected ${golden.length} lines, got ${lines.length}`]
  let sameHash = 0
  for (const [index, line] of golden.entries()) {
    const ours = lines[index] ?? ''
    if (HASH.exec(line)?.[1] === HASH.exec(ours)?.[1]) sameHash += 1
    if (line.replace(HASH, '') !== ours.replace(HASH, '') && different.length < SHOWN_MAX) {
      different.push(`line ${index + 1} is\n${ours}\nnot\n${line}`)
    }
  }
  return { different, sameHash }
}
