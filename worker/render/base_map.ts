/**
 * What lies under the data of a preview: parks, water and large roads, from vector tiles of Protomaps.
 *
 * It needs a key and the network; a picture without it is as good but for the background.
 */
import { VectorTile, type VectorTileFeature } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'
import { HALF_PLANE_M } from './mercator.ts'
import type { Box } from './spread.ts'

/** A feature of the base map: its lines, or all its rings, in metres of the Mercator plane. */
export type Lines = readonly (readonly (readonly [x: number, y: number])[])[]

/** What is drawn, from bottom to top. */
export interface MapFeatures {
  readonly landuse: Lines[]
  readonly water: Lines[]
  readonly roads: Lines[]
}

/** Gives the bytes of a tile; undefined where there is nothing. */
export type TileFetch = (zoom: number, x: number, y: number) => Promise<Uint8Array | undefined>

/** Pixels of a tile at its zoom. */
const TILE_PX = 256

/** No tiles are finer. */
const ZOOM_MAX = 15

/** What is green on a map. */
const GREEN = ['cemetery', 'forest', 'golf_course', 'grave_yard', 'meadow', 'park', 'pitch', 'wood']

const POLYGON = 3
const TIMEOUT_MS = 10_000

/** Tiles of Protomaps. */
export function protomaps(key: string, signal: AbortSignal): TileFetch {
  return async (zoom, x, y) => {
    const url = `https://api.protomaps.com/tiles/v4/${zoom}/${x}/${y}.mvt?key=${encodeURIComponent(key)}`
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) })
    if (response.status === 204 || response.status === 404) return undefined
    if (!response.ok) throw new Error(`the server of the base map answered ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }
}

/**
 * The features in a box.
 *
 * @param scale  pixels of a metre
 */
export async function mapFeatures(box: Box, scale: number, fetchTile: TileFetch): Promise<MapFeatures> {
  const zoom = Math.min(ZOOM_MAX, Math.max(0, Math.round(Math.log2((scale * 2 * HALF_PLANE_M) / TILE_PX))))
  const found: MapFeatures = { landuse: [], water: [], roads: [] }
  for (const [x, y] of tilesIn(box, zoom)) {
    const bytes = await fetchTile(zoom, x, y)
    if (bytes !== undefined) addTile(found, bytes, { zoom, x, y })
  }
  return found
}

interface Tile {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

function tilesIn({ xmin, ymin, xmax, ymax }: Box, zoom: number): [x: number, y: number][] {
  const side = (2 * HALF_PLANE_M) / 2 ** zoom
  const index = (metres: number) => Math.min(2 ** zoom - 1, Math.max(0, Math.floor(metres / side)))
  const tiles: [number, number][] = []
  for (let y = index(HALF_PLANE_M - ymax); y <= index(HALF_PLANE_M - ymin); y++)
    for (let x = index(HALF_PLANE_M + xmin); x <= index(HALF_PLANE_M + xmax); x++) tiles.push([x, y])
  return tiles
}

function addTile(found: MapFeatures, bytes: Uint8Array, tile: Tile): void {
  const { layers } = new VectorTile(new PbfReader(bytes))
  const add = (name: keyof MapFeatures, isWanted: (feature: VectorTileFeature) => boolean) => {
    const layer = layers[name]
    for (let index = 0; index < (layer?.length ?? 0); index++) {
      const feature = layer?.feature(index)
      if (feature !== undefined && isWanted(feature)) found[name].push(linesOf(feature, tile))
    }
  }
  add('landuse', ({ type, properties }) => type === POLYGON && GREEN.includes(String(properties['kind'])))
  add('water', ({ type }) => type === POLYGON)
  add('roads', ({ properties }) => String(properties['kind']).includes('highway'))
}

function linesOf(feature: VectorTileFeature, { zoom, x, y }: Tile): Lines {
  const side = (2 * HALF_PLANE_M) / 2 ** zoom
  return feature
    .loadGeometry()
    .map((line) =>
      line.map(
        (point) =>
          [
            (x + point.x / feature.extent) * side - HALF_PLANE_M,
            HALF_PLANE_M - (y + point.y / feature.extent) * side,
          ] as const,
      ),
    )
}
