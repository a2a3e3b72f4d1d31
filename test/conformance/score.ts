/**
 * The score of the conformance suite: one line for each of its files at the end of a test run.
 *
 *     conformance  catalogue-acceptance.json  156 passed, 1 deliberate, 0 failed
 *
 * Deliberate are cases in which we differ from the reference on purpose: each such test checks what we
 * do instead, and stands in a table with its reason.
 */
import { test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { type Score, scoreLines } from './score_lines.ts'

const scores = new Map<string, Score>()

export interface ScoredOptions {
  /** Why we differ from the reference; undefined where we do not. */
  readonly deliberate?: string | undefined
}

/** A test that counts for a file of the suite. */
export function scored(
  file: string,
  name: string,
  deed: () => void | Promise<void>,
  { deliberate }: ScoredOptions = {},
): void {
  test(deliberate === undefined ? name : `${name} (differs: ${deliberate})`, async () => {
    try {
      await deed()
      count(file, deliberate === undefined ? 'passed' : 'deliberate')
    } catch (error) {
      count(file, 'failed')
      throw error
    }
  })
}

/** Count a case that has no test of its own. */
export function count(file: string, outcome: keyof Score, cases = 1): void {
  const score = scores.get(file) ?? { passed: 0, deliberate: 0, failed: 0 }
  score[outcome] += cases
  scores.set(file, score)
}

/** Print what was counted; nothing where the suite is absent. In a lane of `npm test`, leave it to be added up. */
export function printScores(): void {
  const lane = process.env['MACHINE_TEST_SCORES']
  if (lane === undefined) for (const line of scoreLines(scores)) console.log(line)
  else writeFileSync(lane, JSON.stringify([...scores]))
}
