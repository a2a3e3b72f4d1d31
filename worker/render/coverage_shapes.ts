/**
 * Shapes of coverage: the sources of each place together, good when one of them is.
 *
 * What cannot be put on a map is not forgotten: it comes back with the reason.
 */
import type { Geometry } from 'geojson'
import { type Place, placeOf } from '../../shared/coverage.ts'
import type { Atlas } from './atlas.ts'

/** A source file, as far as maps are concerned. */
export interface CoverageSource {
  /** Such as `sources/us/ca/berkeley.json`. */
  readonly path: string
  /** As it stands in the file. */
  readonly coverage: unknown
  /** Whether it has data. */
  readonly isGood: boolean
  readonly addresses: number | null
  /** When its data was made, as ISO 8601; null where there is none. */
  readonly date: string | null
}

/** A place, and what is known of it. */
export interface CoverageShape {
  readonly place: Place
  readonly name: string
  readonly geometry: Geometry
  readonly isGood: boolean
  readonly sources: readonly CoverageSource[]
}

/** A source that no map can show. */
export interface UnplacedSource {
  readonly path: string
  readonly reason: string
}

/** Shapes, and what none could be made of. */
export interface Shapes {
  readonly shapes: readonly CoverageShape[]
  readonly unplaced: readonly UnplacedSource[]
}

/** Put sources on the map. Those of one place become one shape. */
export function shapesOf(sources: readonly CoverageSource[], atlas: Atlas): Shapes {
  const places = new Map<string, { place: Place; sources: CoverageSource[] }>()
  const unplaced: UnplacedSource[] = []
  for (const source of sources) {
    const place = placeOf(source.coverage)
    if (place === undefined) {
      unplaced.push({
        path: source.path,
        reason: 'its coverage has no code, no number and no geometry that is known',
      })
      continue
    }
    const key = place.kind === 'geometry' ? JSON.stringify(place.geometry) : `${place.kind} ${place.code}`
    const held = places.get(key) ?? { place, sources: [] }
    held.sources.push(source)
    places.set(key, held)
  }

  const shapes: CoverageShape[] = []
  for (const { place, sources } of places.values()) {
    const found = atlas.find(place)
    if (found !== undefined)
      shapes.push({ place, ...found, isGood: sources.some(({ isGood }) => isGood), sources })
    else
      for (const { path } of sources)
        unplaced.push({ path, reason: `no outline of ${codeOf(place)} is known` })
  }
  return { shapes, unplaced }
}

function codeOf(place: Place): string {
  return place.kind === 'geometry' ? 'its geometry' : place.code
}
