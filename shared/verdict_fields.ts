/** The numbers of a verdict, field by field: what it was before, what it is now, and by how much it changed. */
import type { Accepted, Judged } from './verdict.ts'

/** One number of two runs. */
export interface Field {
  /** `rows`, `placed`, an attribute, or a side of the box: `west`, `south`, `east`, `north`. */
  readonly field: string
  /** Null where there is no run before, or it did not count this. */
  readonly before: number | null
  readonly now: number | null
  /** From -1 to whatever; for a side of the box, degrees. Null where there is nothing to compare. */
  readonly change: number | null
}

const SIDES = ['west', 'south', 'east', 'north'] as const

/** All numbers of a run beside those of the one before. */
export function compareFields(run: Judged, before: Accepted | null): Field[] {
  const was = before === null ? {} : numbersOf(before)
  const numbers = numbersOf(run)
  const names = [...new Set([...Object.keys(numbers), ...Object.keys(was)])]
  const counts = names
    .map((field) => fieldOf(field, was[field] ?? null, numbers[field] ?? null))
    .filter(({ before, now }) => (before ?? 0) > 0 || (now ?? 0) > 0)
  const sides = SIDES.map((field, side) => {
    const [one, other] = [before?.bounds?.[side] ?? null, run.bounds?.[side] ?? null]
    return { field, before: one, now: other, change: one === null || other === null ? null : other - one }
  })
  return [...counts, ...((run.bounds ?? before?.bounds) ? sides : [])]
}

function fieldOf(field: string, before: number | null, now: number | null): Field {
  const canCompare = before !== null && now !== null && before > 0
  return { field, before, now, change: canCompare ? now / before - 1 : null }
}

function numbersOf({ rows, quality }: Pick<Judged, 'rows' | 'quality'>): Record<string, number> {
  const filled = Object.entries(quality?.attributes ?? {}).map(
    ([name, { filled }]) => [name, filled] as const,
  )
  return { rows, ...(quality === null ? {} : { placed: quality.placed }), ...Object.fromEntries(filled) }
}
