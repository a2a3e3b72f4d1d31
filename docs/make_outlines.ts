/**
 * Makes the outlines that are kept in this repository, because no package has them in a size that can be shipped:
 *
 *     bun docs/make_outlines.ts ne_10m_admin_1_states_provinces.geojson
 *
 * - `worker/render/data/subdivisions.json.gz`: states and provinces by their codes of ISO 3166-2, from Natural Earth's
 *   file of that name as GeoJSON (1:10 million, public domain);
 * - `edge/static/land.json`: the land under the dot map, from package world-atlas (Natural Earth, 1:50 million).
 */
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Feature, FeatureCollection, GeoJsonProperties, MultiPolygon, Polygon, Position } from 'geojson'
import { feature, quantize } from 'topojson-client'
import { topology } from 'topojson-server'
import { filter, filterWeight, presimplify, simplify } from 'topojson-simplify'
import type { GeometryCollection, Topology } from 'topojson-specification'

/** Triangles smaller than this, in square degrees, are cut away: bends that no map of a country shows. */
const SUBDIVISION_DETAIL = 0.003
const LAND_DETAIL = 0.02

/** Islands of a quarter of that size go too. */
const ISLAND_SHARE = 1 / 4

const ROOT = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

type Outlines = Topology<Record<string, GeometryCollection<NonNullable<GeoJsonProperties>>>>

/** What is used of Natural Earth. */
interface Province {
  readonly iso_3166_2: string
  readonly iso_a2: string
  readonly name: string
  readonly name_en?: string | null
  readonly region_cod?: string | null
}

async function makeSubdivisions(path: string): Promise<void> {
  const { features } = JSON.parse(await readFile(path, 'utf8')) as FeatureCollection<
    Polygon | MultiPolygon,
    Province
  >
  const subdivisions = features
    // The US have their own outlines, by the codes of their census.
    .filter(
      ({ properties: { iso_3166_2, iso_a2 } }) =>
        /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(iso_3166_2) && iso_a2 !== 'US',
    )
    .map(({ properties, geometry }): Feature => {
      const { iso_3166_2, name, name_en, region_cod } = properties
      const region = region_cod?.replace('.', '-')
      const isCode = region !== undefined && /^[A-Z]{2}-[A-Z0-9]{1,3}$/.test(region)
      return {
        type: 'Feature',
        id: iso_3166_2,
        properties: { name: name_en ?? name, ...(isCode ? { region } : {}) },
        geometry,
      }
    })
  const collection: FeatureCollection = { type: 'FeatureCollection', features: subdivisions }
  const whole = topology({ subdivisions: collection }, 1e5) as Outlines
  const text = JSON.stringify(quantize(simpler(whole, SUBDIVISION_DETAIL), 1e4))
  await writeFile(join(ROOT, 'worker/render/data/subdivisions.json.gz'), gzipSync(text, { level: 9 }))
}

async function makeLand(): Promise<void> {
  const whole = require('world-atlas/land-50m.json') as Outlines
  const less = simpler(whole, LAND_DETAIL)
  const land: FeatureCollection = feature(less, less.objects['land']!)
  const features = land.features as Feature<Polygon | MultiPolygon>[]
  const rounded = features.map(({ geometry }) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: geometry.type, coordinates: round(geometry.coordinates) },
  }))
  const text = JSON.stringify({ type: 'FeatureCollection', features: rounded })
  await writeFile(join(ROOT, 'edge/static/land.json'), `${text}\n`)
}

function simpler(whole: Outlines, detail: number): Outlines {
  const less = simplify(presimplify(whole), detail)
  return filter(less, filterWeight(less, detail * ISLAND_SHARE)) as Outlines
}

type Nested = Position | readonly Nested[]

function round(coordinates: Nested): Nested {
  if (typeof coordinates[0] === 'number')
    return (coordinates as Position).map((at) => Math.round(at * 100) / 100)
  return (coordinates as readonly Nested[]).map(round)
}

await makeLand()
const path = process.argv[2]
if (path === undefined) console.log('made the land only; say where the states and provinces are')
else await makeSubdivisions(path)
