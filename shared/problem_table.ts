/**
 * The table of problems: every way in which a run can end without being good, under a stable code.
 *
 * A code never changes its meaning: it is stored with the run, shown on the page and in the check,
 * counted in reports and metrics, and explained in docs/problems.md, which is made of this table.
 */
import { OUR_PROBLEMS } from './problems_of_machine.ts'
import { SOURCE_PROBLEMS } from './problems_of_source.ts'
import { WORLD_PROBLEMS } from './problems_of_world.ts'

export type { ProblemKind, RetryRule } from './problem_kind.ts'

/** Every problem, under its code: first the source's fault, then the world's, then ours. */
export const PROBLEMS = { ...SOURCE_PROBLEMS, ...WORLD_PROBLEMS, ...OUR_PROBLEMS } as const
