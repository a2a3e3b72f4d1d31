/**
 * `machine calculate-coverage`: how much of each country and of each US state good sources cover, of its land and of its people.
 *
 * All of it is one transaction: the numbers of before are there until those of now are.
 */
import {
  addPopulations,
  type Covered,
  type CoverageNumbers,
  clearPopulations,
  type Family,
  loadOutlines,
  measureCoverage,
  withPostgis,
} from '../shared/db/coverage_numbers.ts'
import type { Sql } from '../shared/db/sql.ts'
import { countryOf, stateOf } from '../shared/coverage.ts'
import { readPopulations } from './population_file.ts'
import type { Atlas } from './render/atlas.ts'
import { type CoverageShape, type CoverageSource, type Shapes, shapesOf } from './render/coverage_shapes.ts'

/** What it works with. */
export interface CalculateOptions {
  readonly atlas: Pick<Atlas, 'find' | 'countries' | 'states' | 'edition'>
  /** Files of populations, where there are new ones. */
  readonly populations: Readonly<Partial<Record<Family, string>>>
  readonly now: Date
  readonly tell: (text: string) => void
}

/** What was calculated. */
export interface Calculated {
  readonly countries: readonly CoverageNumbers[]
  readonly states: readonly CoverageNumbers[]
  readonly unplaced: Shapes['unplaced']
  /** Rows of populations that lie where the outline has no land, by family. */
  readonly lost: Readonly<Partial<Record<Family, number>>>
}

/** Calculate, and replace what was known. */
export async function calculateCoverage(
  sql: Sql,
  sources: readonly CoverageSource[],
  { atlas, populations, now, tell }: CalculateOptions,
): Promise<Calculated> {
  const { shapes, unplaced } = shapesOf(sources, atlas as Atlas)
  const families = {
    countries: { outlines: atlas.countries, covered: coveredIn(shapes, countryOf, 'country') },
    states: { outlines: atlas.states, covered: coveredIn(shapes, stateOf, 'us-state') },
  } as const
  return withPostgis(sql, async (tx) => {
    const lost: Partial<Record<Family, number>> = {}
    const numbers: Record<Family, CoverageNumbers[]> = { countries: [], states: [] }
    for (const family of ['countries', 'states'] as const) {
      const { outlines, covered } = families[family]
      tell(`outlines: ${family}`)
      await loadOutlines(tx, family, { outlines, edition: atlas.edition })
      const file = populations[family]
      if (file !== undefined) {
        tell(`populations: ${file}`)
        lost[family] = 0
        await clearPopulations(tx, family)
        for await (const rows of readPopulations(file)) {
          lost[family] = (lost[family] ?? 0) + (await addPopulations(tx, family, rows))
        }
      }
      tell(`measuring: ${family}`)
      numbers[family] = await measureCoverage(tx, family, { covered, at: now })
    }
    return { ...numbers, unplaced, lost }
  })
}

/** What good sources cover, each under the code of the country or state that it counts for. */
function coveredIn(
  shapes: readonly CoverageShape[],
  codeOf: typeof countryOf,
  whole: CoverageShape['place']['kind'],
): Covered[] {
  return shapes.flatMap(({ place, geometry, isGood, sources }) => {
    if (!isGood) return []
    const code = codeOf(place, sources[0]?.path ?? '')
    const addresses = sources.reduce((sum, { addresses }) => sum + (addresses ?? 0), 0)
    return code === undefined ? [] : [{ code, geometry: place.kind === whole ? null : geometry, addresses }]
  })
}
