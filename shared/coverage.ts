/**
 * Coverage: where on Earth a source says that its data lies.
 *
 *     "coverage": {"US Census": {"geoid": "06001", …}, "country": "us", "state": "ca", "county": "Alameda"}
 *
 * Source: spec/processing.md §2.3; §13 #17.
 */
import { isObject } from './source.ts'

/** Any of these is enough to put a source on a map. */
export const COVERAGE_KEYS = ['US Census', 'ISO 3166', 'geometry'] as const

/** Whether a source can be put on a map. */
export function isCovered(coverage: unknown): boolean {
  return isObject(coverage) && COVERAGE_KEYS.some((key) => Object.hasOwn(coverage, key))
}
