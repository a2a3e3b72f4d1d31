/**
 * The lines of the score, also where several lanes of tests counted for the same file of the suite.
 *
 *     bun score_lines.ts SCORES.json …      prints what the lanes of `npm test` left
 */
import { existsSync, readFileSync } from 'node:fs'

/** How the cases of one file of the suite went. */
export interface Score {
  passed: number
  deliberate: number
  failed: number
}

/** One line for each file; scores of the same file are added up. */
export function scoreLines(scores: Iterable<readonly [file: string, score: Score]>): string[] {
  const files = new Map<string, Score>()
  for (const [file, { passed, deliberate, failed }] of scores) {
    const sum = files.get(file) ?? { passed: 0, deliberate: 0, failed: 0 }
    files.set(file, {
      passed: sum.passed + passed,
      deliberate: sum.deliberate + deliberate,
      failed: sum.failed + failed,
    })
  }
  const width = Math.max(...[...files.keys()].map((file) => file.length))
  return [...files]
    .sort()
    .map(
      ([file, { passed, deliberate, failed }]) =>
        `conformance  ${file.padEnd(width)}  ${passed} passed, ${deliberate} deliberate, ${failed} failed`,
    )
}

if (import.meta.main) {
  const scores = process.argv
    .slice(2)
    .filter((path) => existsSync(path))
    .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as [string, Score][])
  for (const line of scoreLines(scores)) console.log(line)
}
