/**
 * The lines of the score, also where several lanes of tests counted for the same file of the suite.
 *
 *     bun score_lines.ts SCORES.json …
 *
 * prints what the lanes of `npm test` left, and ends with 1 when a file of the suite was read, but not all of it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { casesOf } from './suite_cases.ts'

/** How the cases of one file of the suite went. */
export interface Score {
  passed: number
  failed: number
  /** Cases in which we differ on purpose. */
  readonly deliberate: { readonly name: string; readonly reason: string }[]
}

type Scores = Iterable<readonly [file: string, score: Score]>

/** So many cases of one reason are named. */
const NAMES_MAX = 3

/** One line for each file, then one for each reason to differ. */
export function scoreLines(scores: Scores): string[] {
  const files = addedUp(scores)
  const width = Math.max(...[...files.keys()].map((file) => file.length))
  const lines = [...files].map(([file, { passed, deliberate, failed }]) => {
    const missing = missingOf(file, files)
    const rest = missing === 0 ? '' : `, ${missing} not run`
    return `${file.padEnd(width)}  ${passed} passed, ${deliberate.length} deliberate, ${failed} failed${rest}`
  })
  const differences = [...files].flatMap(([file, { deliberate }]) =>
    [...Map.groupBy(deliberate, ({ reason }) => reason)].map(
      ([reason, ones]) => `${file.padEnd(width)}  ${reason}  (${named(ones.map(({ name }) => name))})`,
    ),
  )
  const heading = 'deliberate differences; # is a number in spec/processing.md §13, § a section of it'
  return [...lines, ...(differences.length === 0 ? [] : [heading, ...differences])].map(
    (line) => `conformance  ${line}`,
  )
}

/** Files of the suite of which some cases ran and others did not. */
export function unfinished(scores: Scores): string[] {
  const files = addedUp(scores)
  return [...files.keys()].filter((file) => missingOf(file, files) !== 0)
}

/** Scores of the same file are one; in the order of the files' names. */
function addedUp(scores: Scores): Map<string, Score> {
  const files = new Map<string, Score>()
  for (const [file, { passed, failed, deliberate }] of scores) {
    const sum = files.get(file)
    files.set(file, {
      passed: (sum?.passed ?? 0) + passed,
      failed: (sum?.failed ?? 0) + failed,
      deliberate: [...(sum?.deliberate ?? []), ...deliberate],
    })
  }
  return new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function missingOf(file: string, files: ReadonlyMap<string, Score>): number {
  const { passed = 0, failed = 0, deliberate = [] } = files.get(file) ?? {}
  const cases = casesOf(file)
  return cases === undefined ? 0 : cases - (passed + failed + deliberate.length)
}

function named(names: readonly string[]): string {
  const more = names.length - NAMES_MAX
  return names.slice(0, NAMES_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

if (import.meta.main) {
  const scores = process.argv
    .slice(2)
    .filter((path) => existsSync(path))
    .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as [string, Score][])
  for (const line of scoreLines(scores)) console.log(line)
  if (unfinished(scores).length > 0) process.exitCode = 1
}
