/** For tests and their golden pictures: one source of each kind of place, some good and some bad. */
import type { CoverageSource } from './coverage_shapes.ts'

function source(path: string, coverage: unknown, isGood = true): CoverageSource {
  return {
    path,
    coverage,
    isGood,
    addresses: isGood ? 100 : null,
    date: isGood ? '2026-10-01T00:00:00.000Z' : null,
  }
}

/** A town drawn by its source, against the clock as GeoJSON wants it: d3-geo would take it for the rest of the Earth. */
const KANSAS_SQUARE = {
  type: 'Polygon',
  coordinates: [
    [
      [-99, 38],
      [-97, 38],
      [-97, 39.5],
      [-99, 39.5],
      [-99, 38],
    ],
  ],
}

export const COVERAGE_CASES: readonly CoverageSource[] = [
  source('sources/br/countrywide.json', { 'ISO 3166': { alpha2: 'BR' } }),
  source('sources/fr/countrywide.json', { 'ISO 3166': { alpha2: 'FR' } }, false),
  source('sources/de/by/statewide.json', { 'ISO 3166': { alpha2: 'DE-BY' } }),
  source('sources/de/nw/statewide.json', { 'ISO 3166': { alpha2: 'DE-NW' } }, false),
  source('sources/be/wa/brussels.json', { 'ISO 3166': { alpha2: 'BE-WAL' } }),
  source('sources/it/21/piedmont.json', { 'ISO 3166': { alpha2: 'IT-21' } }),
  source('sources/us/ca/statewide.json', { 'US Census': { geoid: '06' } }, false),
  source('sources/us/ca/fresno.json', { 'US Census': { geoid: '06019' } }),
  source('sources/us/ny/statewide.json', { 'US Census': { geoid: '36' } }),
  source('sources/us/ny/erie.json', { 'US Census': { geoid: '36029' } }, false),
  source('sources/us/ks/town.json', { geometry: KANSAS_SQUARE }),
  // Two of one place, of which one works.
  source('sources/us/tx/travis_a.json', { 'US Census': { geoid: '48453' } }, false),
  source('sources/us/tx/travis_b.json', { 'US Census': { geoid: '48453' } }),
  source('sources/za/wc/cape_town.json', { geometry: { type: 'Point', coordinates: [18.4, -33.9] } }),
  source('sources/se/stockholm.json', { geometry: { type: 'Point', coordinates: [18.07, 59.33] } }),
  // On no map.
  source('sources/za/gt/tshwane.json', { country: 'za', city: 'Tshwane' }),
  source('sources/us/wv/wood.json', { 'US Census': { geoid: '53107' } }),
]
