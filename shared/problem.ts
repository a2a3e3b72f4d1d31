/**
 * Problems: what is wrong with a run, its source, or the world that it points to.
 *
 * The kinds stand in problem_table.ts; here is how one is said and thrown.
 */
import { PROBLEMS } from './problem_table.ts'

/** A stable code such as `download-not-found`. */
export type ProblemCode = keyof typeof PROBLEMS

/** A problem with its values: what a run, a page and a check say. */
export interface Problem {
  readonly code: ProblemCode
  /** One sentence with the values in it. */
  readonly detail: string
}

/** The sentence for a problem: what went wrong, a colon, what was found. */
export function sentence({ code, detail }: Problem): string {
  const { sentence } = PROBLEMS[code]
  return detail === '' ? `${sentence}.` : `${sentence}: ${detail}`
}

/** Whether a text from a wire is one of our codes. */
export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code)
}

/**
 * A source is at fault, or the world that it points to; not this house.
 *
 * Thrown anywhere below worker/process_one.ts, which catches it, writes the problem into the run
 * state, and goes on. Every other error is ours and stops the run.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError'
  readonly problem: Problem

  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(sentence({ code, detail }), options)
    this.problem = { code, detail }
  }
}
