/**
 * Maps of coverage: the world, Europe and the USA, in the projections and windows of the original, as PNG.
 *
 * From bottom to top: land, countries and states in light colours, counties and what sources drew themselves in dark ones, borders,
 * coasts. Red is a place whose sources all fail; green has data. Good is drawn over bad, so that a town which works is seen in a
 * county which does not.
 *
 * Source: spec/machine.md §7.2.
 */
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas'
import { type GeoPermissibleObjects, type GeoProjection, geoAzimuthalEqualArea, geoPath } from 'd3-geo'
import { geoVanDerGrinten } from 'd3-geo-projection'
import type { Atlas } from './atlas.ts'
import type { CoverageShape } from './coverage_shapes.ts'
import { wound } from './winding.ts'

/** A map that can be drawn. */
export type MapName = 'world' | 'europe' | 'usa'

/** Metres of the plane that are shown. */
interface Window {
  readonly west: number
  readonly east: number
  readonly south: number
  readonly north: number
}

const EARTH_RADIUS_M = 6_378_137

/** The sphere of EPSG:2163. */
const SPHERE_RADIUS_M = 6_370_997

/** Each map: its projection, of a radius of one, and its window. */
const MAPS: Readonly<Record<MapName, { projection: () => GeoProjection; radius: number; window: Window }>> = {
  // ESRI:54029.
  world: {
    projection: geoVanDerGrinten,
    radius: EARTH_RADIUS_M,
    window: { west: -18e6, east: 19.5e6, south: -7.5e6, north: 14.05e6 },
  },
  europe: {
    projection: geoVanDerGrinten,
    radius: EARTH_RADIUS_M,
    window: { west: -2.7e6, east: 5.8e6, south: 3.6e6, north: 8.7e6 },
  },
  // EPSG:2163.
  usa: {
    projection: () => geoAzimuthalEqualArea().rotate([100, -45]),
    radius: SPHERE_RADIUS_M,
    window: { west: -2.04e6, east: 2.525e6, south: -2.13e6, north: 0.74e6 },
  },
}

/** Every map, in the order in which they are made. */
export const MAP_NAMES = Object.keys(MAPS) as readonly MapName[]

export const MAP_WIDTH = 960

const COLOURS = {
  sea: '#ffffff',
  land: '#dddddd',
  lightBad: '#f2b9b0',
  lightGood: '#a8dcb0',
  darkBad: '#cf5a4a',
  darkGood: '#3f9e5f',
  border: '#7c857f',
  coast: '#59645f',
} as const

const BORDER_PX = 0.25
const COAST_PX = 0.5

/** A source that says a point only. */
const DOT_PX = 1.4

/** How a map is drawn. */
export interface CoverageMapOptions {
  /** Width as it is shown; absent, 960. */
  readonly width?: number
  /** Pixels of the file for each that is shown; absent, 2. */
  readonly resolution?: 1 | 2
}

/**
 * Draw a map.
 *
 * @returns PNG
 * @throws {Error} when this computer cannot draw
 */
export async function drawCoverage(
  name: MapName,
  shapes: readonly CoverageShape[],
  atlas: Atlas,
  { width = MAP_WIDTH, resolution = 2 }: CoverageMapOptions = {},
): Promise<Buffer> {
  const { projection, height } = fitted(name, width)
  const canvas = await newCanvas(width * resolution, height * resolution)
  const context = canvas.getContext('2d')
  context.scale(resolution, resolution)
  context.fillStyle = COLOURS.sea
  context.fillRect(0, 0, width, height)

  const brush = brushOf(context, projection)
  brush.fill(atlas.land, COLOURS.land)
  for (const [isWide, bad, good] of [
    [true, COLOURS.lightBad, COLOURS.lightGood],
    [false, COLOURS.darkBad, COLOURS.darkGood],
  ] as const) {
    const layer = shapes.filter((shape) => isLight(shape) === isWide)
    for (const shape of layer.filter(({ isGood }) => !isGood)) brush.fill(wound(shape.geometry, 'd3'), bad)
    for (const shape of layer.filter(({ isGood }) => isGood)) brush.fill(wound(shape.geometry, 'd3'), good)
  }
  brush.stroke(atlas.stateBorders, COLOURS.border, BORDER_PX)
  brush.stroke(atlas.countryBorders, COLOURS.border, BORDER_PX)
  brush.stroke(atlas.land, COLOURS.coast, COAST_PX)
  return canvas.encode('png')
}

/** Countries, states and provinces stand under what is smaller. */
function isLight({ place }: CoverageShape): boolean {
  return place.kind !== 'us-county' && place.kind !== 'geometry'
}

/** The projection onto a picture of that width, and its height. */
function fitted(name: MapName, width: number): { projection: GeoProjection; height: number } {
  const { projection, radius, window } = MAPS[name]
  const pixels = width / (window.east - window.west)
  const height = Math.round((window.north - window.south) * pixels)
  const fitted = projection()
    .scale(radius * pixels)
    .translate([-window.west * pixels, window.north * pixels])
    .clipExtent([
      [-1, -1],
      [width + 1, height + 1],
    ])
  return { projection: fitted, height }
}

function brushOf(context: SKRSContext2D, projection: GeoProjection) {
  const path = geoPath(projection, context as never).pointRadius(DOT_PX)
  const draw = (shape: unknown) => {
    context.beginPath()
    path(shape as GeoPermissibleObjects)
  }
  return {
    fill(shape: unknown, colour: string): void {
      draw(shape)
      context.fillStyle = colour
      context.fill()
    },
    stroke(shape: unknown, colour: string, px: number): void {
      draw(shape)
      context.strokeStyle = colour
      context.lineWidth = px
      context.stroke()
    },
  }
}

/** Asked for when it is needed: where its binary is absent, everything else still works. */
async function newCanvas(width: number, height: number): Promise<Canvas> {
  try {
    const { createCanvas } = await import('@napi-rs/canvas')
    return createCanvas(width, height)
  } catch (error) {
    throw new Error(`this computer cannot draw: ${(error as Error).message}`, { cause: error })
  }
}
