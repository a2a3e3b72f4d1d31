/** What the columns of the table of problems say to a reader: the same words in the docs and on the page. */
import type { ProblemKind, RetryRule } from './problem_kind.ts'

/** Headings of the three kinds of fault, in the order of the table. */
export const FAULTS: Readonly<Record<ProblemKind['fault'], string>> = {
  source: 'The source file',
  world: 'The world that it points to',
  ours: 'Machine itself',
}

/** What Machine does by itself. */
export const RETRIES: Readonly<Record<RetryRule, string>> = {
  never: 'The run ends at once: trying again would change nothing.',
  'within-run': 'The download tries several times, with growing pauses, before it gives up.',
  'another-worker': 'The run is tried once more, on another worker where there is one.',
  'bigger-worker':
    'The run is tried again on a worker of a bigger class; where there is none, once more on another.',
}

/** Whether waiting may help. */
export function passing({ transient }: ProblemKind): string {
  return transient ? 'It may pass by itself.' : 'It stays until something is changed.'
}
