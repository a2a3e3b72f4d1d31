/**
 * Limits that a source sets itself, in the key `quality` of a data source.
 *
 *     "quality": {"no-street": 1, "rows-fell": 0.5}
 *
 * A number from 0 to 1: the share above which the run is held. 1 holds for nothing, as no share is larger.
 */
import { isObject } from '../source.ts'
import { RULES } from './rules.ts'

/** Comparisons with the run before that a source can set as well; shared/verdict.ts reads them. */
export const COMPARISONS = ['rows-fell', 'attribute-fell', 'attribute-lost', 'bounds-moved'] as const

/** What was read of a source's key, and what of it means nothing. */
export interface OwnLimits {
  readonly limits: Readonly<Record<string, number>>
  /** A sentence for each entry that is passed over. */
  readonly faults: readonly string[]
}

/** Read the limits of a data source; what is wrong is passed over and told. */
export function readLimits(quality: unknown): OwnLimits {
  if (quality === undefined) return { limits: {}, faults: [] }
  if (!isObject(quality)) return { limits: {}, faults: ['"quality" is not an object of limits'] }
  const known = new Set([...RULES.map(({ code }) => code), ...COMPARISONS])
  const limits: Record<string, number> = {}
  const faults: string[] = []
  for (const [code, limit] of Object.entries(quality)) {
    if (!known.has(code)) faults.push(`"quality" has no rule "${code}"`)
    else if (typeof limit !== 'number' || !(limit >= 0 && limit <= 1))
      faults.push(`the limit of "${code}" is not a number from 0 to 1`)
    else limits[code] = limit
  }
  return { limits, faults }
}
