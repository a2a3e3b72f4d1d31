/**
 * Coverage as GeoJSON, one feature a place, with the names of the original: `status`, `source paths`, `source count`, `source dates`,
 * `address count`, and the code that it was found by.
 *
 * Source: spec/machine.md §7.2.
 */
import type { Feature, Position } from 'geojson'
import type { CoverageShape } from './coverage_shapes.ts'
import { wound } from './winding.ts'

/** Four decimals are eleven metres. */
const PRECISION = 1e4

/** The property that a place is found by. */
const CODE_NAMES = {
  country: 'ISO 3166',
  subdivision: 'ISO 3166-2',
  'us-state': 'US Census GEOID',
  'us-county': 'US Census GEOID',
} as const

/** A feature collection, piece by piece: shapes are as many as there are, and the text is not held. */
export function* coverageGeojson(shapes: readonly CoverageShape[]): Generator<string> {
  yield '{"type":"FeatureCollection","features":['
  for (const [index, shape] of shapes.entries()) {
    yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(featureOf(shape))}`
  }
  yield '\n]}\n'
}

function featureOf({ place, name, geometry, isGood, sources }: CoverageShape): Feature {
  const counted = sources.flatMap(({ addresses }) => addresses ?? [])
  const code = place.kind === 'geometry' ? {} : { [CODE_NAMES[place.kind]]: place.code }
  const turned = wound(geometry, 'geojson')
  return {
    type: 'Feature',
    properties: {
      name,
      status: isGood ? 'good' : 'bad',
      'source paths': sources.map(({ path }) => path).join(', '),
      'source count': sources.length,
      'source dates': sources.flatMap(({ date }) => date ?? []).join(', '),
      'address count': counted.reduce((sum, count) => sum + count, 0),
      ...code,
    },
    geometry:
      'coordinates' in turned
        ? ({ ...turned, coordinates: rounded(turned.coordinates) } as typeof turned)
        : turned,
  }
}

type Nested = Position | readonly Nested[]

function rounded(coordinates: Nested): Nested {
  if (typeof coordinates[0] !== 'number') return (coordinates as readonly Nested[]).map(rounded)
  return (coordinates as Position).slice(0, 2).map((at) => Math.round(at * PRECISION) / PRECISION)
}
