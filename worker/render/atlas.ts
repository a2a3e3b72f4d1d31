/**
 * Outlines: countries from package world-atlas (Natural Earth, 1:50 million), states and provinces from a file of ours made of
 * Natural Earth, US states and counties from package us-atlas (US Census, 1:10 million). Looked up by their codes.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Geometry, MultiLineString, MultiPolygon } from 'geojson'
import { merge, mesh } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { type Place, US_STATES } from '../../shared/coverage.ts'
import { SUBDIVISION_CODES } from './subdivision_codes.ts'

const require = createRequire(import.meta.url)

/** A shape with a code and a name. */
export interface Outline {
  /** `DE`, `DE-BY`, `CA` or `06001`. */
  readonly code: string
  readonly name: string
  readonly geometry: MultiPolygon
}

/** Everything that can be looked up. */
export interface Atlas {
  /** Where a source says that it is; undefined when no outline is known. */
  find(place: Place): { readonly name: string; readonly geometry: Geometry } | undefined
  readonly countries: readonly Outline[]
  /** US states by the letters of the post. */
  readonly states: readonly Outline[]
  readonly land: MultiPolygon
  /** Lines between countries, and between US states. */
  readonly countryBorders: MultiLineString
  readonly stateBorders: MultiLineString
  /** Changes when an outline does. */
  readonly edition: string
}

/** Countries without a number of their own in Natural Earth. */
const UNNUMBERED: Readonly<Record<string, string>> = { Kosovo: 'XK' }

/** What packages ship: a number, and a name. */
interface Named {
  readonly name: string
  /** Of a province, the code of the region that it is part of. */
  readonly region?: string
}
type Atlases<Name extends string> = Topology<Record<Name, GeometryCollection<Named>>>

let atlas: Promise<Atlas> | undefined

/** The atlas, read once. */
export function openAtlas(): Promise<Atlas> {
  atlas ??= readAtlas()
  return atlas
}

async function readAtlas(): Promise<Atlas> {
  const world = require('world-atlas/countries-50m.json') as Atlases<'countries' | 'land'>
  const usa = require('us-atlas/counties-10m.json') as Atlases<'counties' | 'states'>
  const packed = await readFile(join(import.meta.dirname, 'data/subdivisions.json.gz'))
  const parts = JSON.parse((await promisify(gunzip)(packed)).toString('utf8')) as Atlases<'subdivisions'>

  const numbers = require('i18n-iso-countries') as { numericToAlpha2(id: string): string | undefined }
  const countries = shelf(world, world.objects.countries, ({ id, properties }) => [
    UNNUMBERED[properties?.name ?? ''] ??
      (id === undefined ? undefined : numbers.numericToAlpha2(String(id))),
  ])
  const states = shelf(usa, usa.objects.states, ({ id }) => [US_STATES[String(id)]])
  const counties = shelf(usa, usa.objects.counties, ({ id }) => [String(id)])
  const subdivisions = shelf(parts, parts.objects.subdivisions, ({ id, properties }) => [
    String(id),
    properties?.region,
  ])

  return {
    find(place) {
      if (place.kind === 'geometry') return { name: '', geometry: place.geometry as unknown as Geometry }
      if (place.kind === 'country') return countries.get([place.code])
      if (place.kind === 'us-county') return counties.get([place.code])
      if (place.kind === 'us-state') return states.get([US_STATES[place.code] ?? ''])
      if (place.code.startsWith('US-')) return states.get([place.code.slice(3)])
      const codes = SUBDIVISION_CODES[place.code] ?? [place.code]
      return subdivisions.get(codes) ?? countries.get(codes)
    },
    countries: countries.all(),
    states: states.all(),
    land: merge(world, world.objects.countries.geometries as never),
    countryBorders: mesh(world, world.objects.countries as never, (a, b) => a !== b),
    stateBorders: mesh(usa, usa.objects.states as never, (a, b) => a !== b),
    edition: createHash('sha256')
      .update(packed)
      .update(JSON.stringify([world, usa]))
      .digest('hex')
      .slice(0, 16),
  }
}

/** A shape as a package has it. */
type Entry = { readonly id?: string | number | undefined; readonly properties?: Partial<Named> | undefined }

/** Outlines by their codes. Polygons are made when they are asked for: nobody asks for all of the 3,000 counties. */
function shelf(
  topology: Topology,
  { geometries }: GeometryCollection<Named>,
  codesOf: (entry: Entry) => (string | undefined)[],
) {
  const byCode = new Map<string, Entry[]>()
  for (const entry of geometries) {
    for (const code of codesOf(entry))
      if (code !== undefined) byCode.set(code, [...(byCode.get(code) ?? []), entry])
  }

  /** The shape of some codes together; undefined when one is not known. */
  function get(codes: readonly string[]): Outline | undefined {
    const entries = codes.flatMap((code) => byCode.get(code) ?? [])
    if (codes.some((code) => !byCode.has(code))) return undefined
    const [first] = entries
    // The region of a province has no name of its own.
    const name =
      codes.length === 1 && first?.id === codes[0] ? first : entries.length === 1 ? first : undefined
    return {
      code: codes.join(' '),
      name: name?.properties?.name ?? codes.join(' '),
      geometry: merge(topology, entries as never),
    }
  }

  return {
    get,
    all: () => [...byCode.keys()].sort().flatMap((code) => get([code]) ?? []),
  }
}
