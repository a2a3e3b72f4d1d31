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

/** Where a source says that it lies, as a map can look it up. */
export type Place =
  /** `06`: a US state by its number in the census. */
  | { readonly kind: 'us-state'; readonly code: string }
  /** `06001`: a US county, likewise. */
  | { readonly kind: 'us-county'; readonly code: string }
  /** `DE`: ISO 3166-1. */
  | { readonly kind: 'country'; readonly code: string }
  /** `DE-BY`: ISO 3166-2. */
  | { readonly kind: 'subdivision'; readonly code: string }
  /** GeoJSON, as it stands there. */
  | { readonly kind: 'geometry'; readonly geometry: PlaceGeometry }

/** GeoJSON of some type; whoever draws it looks closer. */
export interface PlaceGeometry {
  readonly type: string
  readonly coordinates: readonly unknown[]
}

/** Types of geometry that can be put on a map. */
const GEOMETRY_TYPES = ['Point', 'MultiPoint', 'LineString', 'MultiLineString', 'Polygon', 'MultiPolygon']

/**
 * The place of a source, the surest first: a number of the census, a code of ISO 3166, its own geometry. Undefined
 * where it says nothing that can be looked up.
 */
export function placeOf(coverage: unknown): Place | undefined {
  if (!isObject(coverage)) return undefined
  return (
    censusPlace(coverage['US Census']) ?? isoPlace(coverage['ISO 3166']) ?? ownPlace(coverage['geometry'])
  )
}

/** Numbers of towns have seven digits; no package has their outlines, so they need a geometry. */
function censusPlace(census: unknown): Place | undefined {
  const geoid = isObject(census) ? String(census['geoid'] ?? '') : ''
  if (/^\d{2}$/.test(geoid)) return { kind: 'us-state', code: geoid }
  return /^\d{5}$/.test(geoid) ? { kind: 'us-county', code: geoid } : undefined
}

function isoPlace(iso: unknown): Place | undefined {
  const said = isObject(iso) ? (iso['code'] ?? iso['alpha2']) : iso
  const code = String(said ?? '').toUpperCase()
  if (/^[A-Z]{2}$/.test(code)) return { kind: 'country', code }
  return /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(code) ? { kind: 'subdivision', code } : undefined
}

function ownPlace(geometry: unknown): Place | undefined {
  if (!isObject(geometry) || !GEOMETRY_TYPES.includes(String(geometry['type']))) return undefined
  if (!Array.isArray(geometry['coordinates']) || geometry['coordinates'].length === 0) return undefined
  return { kind: 'geometry', geometry: geometry as unknown as PlaceGeometry }
}

/** ISO 3166-1 of the country that a source counts for: its place says, or its path. Undefined where neither does. */
export function countryOf(place: Place, sourcePath: string): string | undefined {
  if (place.kind === 'us-state' || place.kind === 'us-county') return 'US'
  if (place.kind !== 'geometry') return place.code.slice(0, 2)
  const [, country] = /^(?:sources\/)?([a-z]{2})[/.-]/i.exec(sourcePath) ?? []
  return country === undefined ? undefined : isoOf(country.toUpperCase())
}

/** What folders of the catalogue call otherwise than ISO 3166. */
function isoOf(folder: string): string {
  return folder === 'UK' ? 'GB' : folder
}

/** The two letters of the US state that a source counts for; undefined for other countries. */
export function stateOf(place: Place, sourcePath: string): string | undefined {
  if (place.kind === 'us-state' || place.kind === 'us-county') return US_STATES[place.code.slice(0, 2)]
  const [, letters] = /^(?:sources\/)?us[/.-]([a-z]{2})(?:[/.-]|$)/i.exec(sourcePath) ?? []
  const state = letters?.toUpperCase()
  return state !== undefined && Object.values(US_STATES).includes(state) ? state : undefined
}

/** Letters of the post by numbers of the census: states, the district and the territories. */
export const US_STATES: Readonly<Record<string, string>> = {
  ...{ '01': 'AL', '02': 'AK', '04': 'AZ', '05': 'AR', '06': 'CA', '08': 'CO', '09': 'CT', '10': 'DE' },
  ...{ '11': 'DC', '12': 'FL', '13': 'GA', '15': 'HI', '16': 'ID', '17': 'IL', '18': 'IN', '19': 'IA' },
  ...{ '20': 'KS', '21': 'KY', '22': 'LA', '23': 'ME', '24': 'MD', '25': 'MA', '26': 'MI', '27': 'MN' },
  ...{ '28': 'MS', '29': 'MO', '30': 'MT', '31': 'NE', '32': 'NV', '33': 'NH', '34': 'NJ', '35': 'NM' },
  ...{ '36': 'NY', '37': 'NC', '38': 'ND', '39': 'OH', '40': 'OK', '41': 'OR', '42': 'PA', '44': 'RI' },
  ...{ '45': 'SC', '46': 'SD', '47': 'TN', '48': 'TX', '49': 'UT', '50': 'VT', '51': 'VA', '53': 'WA' },
  ...{ '54': 'WV', '55': 'WI', '56': 'WY', '60': 'AS', '66': 'GU', '69': 'MP', '72': 'PR', '78': 'VI' },
}
