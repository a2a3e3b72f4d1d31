/** Marks of sets and of the schedule: a sign, a word and a colour, any one of which is enough. */
import type { SetFacts } from '../../shared/db/sets.ts'
import type { Scheduled } from '../../shared/db/schedule.ts'

/** A mark; its tone is a class of the style sheet. */
export interface MarkProps {
  readonly sign: string
  readonly word: string
  readonly tone: 'good' | 'failed' | 'running' | 'waiting'
}

export function Mark({ sign, word, tone }: MarkProps) {
  return (
    <span class={`state ${tone}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  )
}

/** Where a set stands. That some of its sources failed is no failure of the set. */
export function markOfSet({ endedAt, cancelledAt, pausedAt }: SetFacts): MarkProps {
  if (cancelledAt !== null) return { sign: '–', word: 'cancelled', tone: 'waiting' }
  if (endedAt !== null) return { sign: '✓', word: 'complete', tone: 'good' }
  if (pausedAt !== null) return { sign: '‖', word: 'paused', tone: 'waiting' }
  return { sign: '→', word: 'running', tone: 'running' }
}

/** Where an entry of the schedule stands: what went wrong last before what it does now. */
export function markOfEntry({ state, outcome, isOverrun, overdueSeconds }: Scheduled): MarkProps {
  if (isOverrun) return { sign: '!', word: 'overrun', tone: 'failed' }
  if (state === 'running') return { sign: '→', word: 'running', tone: 'running' }
  if (overdueSeconds > OVERDUE_SECONDS_MIN) return { sign: '!', word: 'overdue', tone: 'failed' }
  if (outcome === null) return { sign: '·', word: 'waiting', tone: 'waiting' }
  if (outcome === 'done') return { sign: '✓', word: 'done', tone: 'good' }
  if (outcome === 'stopped') return { sign: '–', word: 'stopped', tone: 'waiting' }
  return { sign: '✗', word: outcome, tone: 'failed' }
}

/** A scheduler looks every second; a minute late is nobody there. */
const OVERDUE_SECONDS_MIN = 60
