/**
 * The score of the conformance suite: one line for each of its files at the end of a test run, and under
 * them one table of all that differs on purpose.
 *
 *     conformance  catalogue-acceptance.json  144 passed, 13 deliberate, 0 failed
 *
 * Deliberate are cases in which we differ from the reference: each such test checks what we do instead, and
 * stands in a table of its test file, with the reason and where it is argued.
 */
import { test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { type Score, scoreLines } from './score_lines.ts'

const scores = new Map<string, Score>()

/**
 * How a reason begins: with the number of the defect in spec/processing.md §13, or where else it is argued that
 * the reference is not to be followed.
 */
const ARGUED = /^(?:#\d+|§\d+(?:\.\d+)?|demand \d+|issue \d+): \S/

export interface ScoredOptions {
  /** Why we differ from the reference, `#15: a row is counted`; undefined where we do not. */
  readonly deliberate?: string | undefined
}

/** A test that counts for a file of the suite. */
export function scored(
  file: string,
  name: string,
  deed: () => void | Promise<void>,
  { deliberate: reason }: ScoredOptions = {},
): void {
  if (reason !== undefined && !ARGUED.test(reason))
    throw new Error(`${name} differs, and does not say why: ${reason}`)
  test(reason === undefined ? name : `${name} (differs, ${reason})`, async () => {
    try {
      await deed()
    } catch (error) {
      count(file, 'failed')
      throw error
    }
    if (reason === undefined) count(file, 'passed')
    else countDeliberate(file, name, reason)
  })
}

/** Count cases that have no test of their own. */
export function count(file: string, outcome: 'passed' | 'failed', cases = 1): void {
  scoreOf(file)[outcome] += cases
}

/** Count a case that has no test of its own and differs. */
export function countDeliberate(file: string, name: string, reason: string): void {
  scoreOf(file).deliberate.push({ name, reason })
}

/** Print what was counted; nothing where the suite is absent. In a lane of `npm test`, leave it to be added up. */
export function printScores(): void {
  const lane = process.env['MACHINE_TEST_SCORES']
  if (lane === undefined) for (const line of scoreLines(scores)) console.log(line)
  else writeFileSync(lane, JSON.stringify([...scores]))
}

function scoreOf(file: string): Score {
  const score = scores.get(file) ?? { passed: 0, failed: 0, deliberate: [] }
  scores.set(file, score)
  return score
}
