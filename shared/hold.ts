/**
 * A hold: a run whose result is kept from publication until a person accepts it, or a later run is fine.
 *
 * It ends as a failed run with a problem of its own, so that whoever takes only good runs is safe without
 * knowing of holds; what it made stays, for people to look at.
 */
import type { Problem } from './problem.ts'
import type { Verdict } from './verdict.ts'

/** The problems that a held run has. */
export const HOLDS = ['regression-held', 'quality-limit'] as const

/** Whether a run with this problem is held, not broken. */
export function isHeld(problem: string | null): boolean {
  return HOLDS.some((code) => code === problem)
}

/** The problem of a run that is to be held: all reasons as one sentence. Null when it is not. */
export function holdProblem({ verdict, reasons }: Verdict): Problem | null {
  if (verdict !== 'hold') return null
  const isCompared = reasons.some(({ code }) => code !== 'quality-limit')
  return {
    code: isCompared ? 'regression-held' : 'quality-limit',
    detail: reasons.map(({ sentence }) => sentence).join('; '),
  }
}

/** What came of accepting a run. */
export type Acceptance = 'accepted' | 'no-such-run' | 'not-held' | 'accepted-before' | 'superseded'

/** The sentence for who wanted to accept a run. */
export function acceptanceText(outcome: Acceptance, runId: number): string {
  return ACCEPTANCES[outcome].replace('{}', `run ${runId}`)
}

const ACCEPTANCES: Readonly<Record<Acceptance, string>> = {
  accepted: '{} is accepted: its data is the last good data now',
  'no-such-run': 'there is no {}',
  'not-held': '{} is not held: there is nothing to accept',
  'accepted-before': '{} was accepted before',
  superseded: '{} was superseded by a later run that is fine: its data would be older than what is published',
}
