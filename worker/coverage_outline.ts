/**
 * The outline of a source's coverage: the state of the USA that it names, or else the country.
 *
 * States are those of the Census Bureau (us-atlas), countries those that OpenStreetMap's editor iD knows where it is by
 * (country-coder), which reach into the sea as far as islands and piers do. Both come as packages, are loaded only
 * when asked for, and are coarse: shared/quality/outline.ts forgives some kilometres.
 */
import { createRequire } from 'node:module'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { type Outline, outlineOf, type Rings } from '../shared/quality/outline.ts'
import { isObject } from '../shared/source.ts'

/** Any GeoJSON geometry with areas. */
interface Areas {
  readonly type: string
  readonly coordinates?: unknown
}

/** The outline of a coverage; null where it names no place that is known. */
export async function outlineOfCoverage(coverage: unknown): Promise<Outline | null> {
  if (!isObject(coverage)) return null
  return stateOutline(coverage['US Census']) ?? (await countryOutline(countryOf(coverage)))
}

/** Of a county's geoid the first two digits are its state's. */
function stateOutline(census: unknown): Outline | null {
  const geoid = isObject(census) ? census['geoid'] : undefined
  if (typeof geoid !== 'string' || !/^\d{2}/.test(geoid)) return null
  const topology = createRequire(import.meta.url)('us-atlas/states-10m.json') as Topology<{
    states: GeometryCollection<{ name: string }>
  }>
  const states = feature(topology, topology.objects.states).features
  const state = states.find(({ id }) => id === geoid.slice(0, 2))
  return state === undefined ? null : outlineOf(state.properties.name, ringsOf(state.geometry))
}

/** `fr` and `FR`; of `FR-07` the country. */
function countryOf(coverage: Readonly<Record<string, unknown>>): string | null {
  const iso = coverage['ISO 3166']
  const alpha2 = isObject(iso) ? iso['alpha2'] : undefined
  const code = typeof alpha2 === 'string' ? alpha2 : coverage['country']
  return typeof code === 'string' && /^[a-z]{2}\b/i.test(code) ? code.slice(0, 2).toUpperCase() : null
}

async function countryOutline(code: string | null): Promise<Outline | null> {
  if (code === null) return null
  const { aggregateFeature } = await import('@rapideditor/country-coder')
  // Countries with overseas parts have no area of their own, but are the sum of those.
  const country = aggregateFeature(code)
  if (!country?.geometry) return null
  return outlineOf(country.properties.nameEn ?? code, ringsOf(country.geometry as Areas))
}

function ringsOf({ type, coordinates }: Areas): Rings {
  if (type === 'Polygon') return coordinates as Rings
  return type === 'MultiPolygon' ? (coordinates as readonly Rings[]).flat() : []
}
