/**
 * `preview.png`: what a run found, at a glance.
 *
 * Three passes, none of which holds the features: they are packed into a file while their spread is
 * counted; the file is read to find the window; it is read again to draw what lies there.
 *
 * Source: processing.md §11, also for the colours.
 */
import { writeFile } from 'node:fs/promises'
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas'
import type { Geometry } from '../../shared/row.ts'
import { type Lines, type MapFeatures, mapFeatures, type TileFetch } from './base_map.ts'
import { type Dots, drawDots, newDots } from './dots.ts'
import { mercatorX, mercatorY } from './mercator.ts'
import { addOutline, drawPage, type OutlineStyle, type Projection, projectionOf } from './outlines.ts'
import { openShapeFile, PER_DEGREE, SHAPE_HEAD, type ShapeFile } from './shape_file.ts'
import { addPoint, type Box, EVERYWHERE, framed, newSpread, tightBox, usualBox } from './spread.ts'

export const PREVIEW_WIDTH = 668

const COLOURS = {
  land: '#fffcf9',
  water: '#c7def5',
  parks: '#ddf6de',
  roads: '#c0e0e0',
  points: '#74a578',
  rings: '#000000',
  areas: '#74a57866',
  lines: '#000000b3',
} as const

/** A dot is a house with its garden; but it must be seen in a picture of a country, too. */
const DOT_RADIUS_M = 15
const DOT_RADIUS_PX = { min: 1, max: 4 }

/** Rings become thin where dots are small. */
const RING_SHARE = 0.25
const LINE_PX = 0.5
const ROAD_PX = 1.5

/** One place has no surroundings. */
const PLACES_MIN = 2

/** How a picture is made. */
export interface PreviewOptions {
  /** A file for the time being. */
  readonly scratch: string
  /** Width of the picture as it is shown; absent, 668. */
  readonly width?: number
  /** Pixels of the file for each that is shown; absent, 2. */
  readonly resolution?: 1 | 2
  /** Where the base map comes from; absent, there is none. */
  readonly fetchTile?: TileFetch
  /** Told what went wrong, if it costs only the base map. */
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/** A picture to which features are added until it is drawn. */
export interface Preview {
  add(geometries: readonly (Geometry | null)[]): Promise<void>
  /** Draw it as PNG. @returns what stands in the way; undefined when it is there */
  draw(path: string): Promise<string | undefined>
  /** Remove what is there for the time being. */
  close(): Promise<void>
}

/** This computer cannot draw. */
class NoCanvasError extends Error {}

export function openPreview(options: PreviewOptions): Preview {
  const spread = newSpread()
  const opening = openShapeFile(options.scratch)
  // A failure is told by the next call; here it only must not count as unheard.
  opening.catch(() => {})

  return {
    async add(geometries): Promise<void> {
      const shapes = await opening
      for (const geometry of geometries) {
        const place = geometry === null ? null : shapes.add(geometry)
        if (place !== null) addPoint(spread, mercatorX(place[0]), mercatorY(place[1]))
      }
      await shapes.flush()
    },

    async draw(path): Promise<string | undefined> {
      if (spread.count < PLACES_MIN)
        return `it needs ${PLACES_MIN} places on the map, and there are ${spread.count}`
      const shapes = await opening
      const box = framed(await windowOf(shapes, usualBox(spread)))
      try {
        await writeFile(path, await picture(shapes, box, options))
        return undefined
      } catch (error) {
        if (!(error instanceof NoCanvasError)) throw error
        return error.message
      }
    },

    async close(): Promise<void> {
      await (await opening).remove()
    },
  }
}

/** The window by the points that stand for shapes, a little wider where the shapes stick out. */
async function windowOf(shapes: ShapeFile, usual: Box): Promise<Box> {
  const tight = tightBox(usual)
  const whole = tightBox(EVERYWHERE)
  for await (const page of shapes.pages()) {
    for (let at = 0; at < page.length; ) {
      const end = at + SHAPE_HEAD + page[at + 2]!
      const isUsual = tight.add(mercatorX(page[at]! / PER_DEGREE), mercatorY(page[at + 1]! / PER_DEGREE))
      if (isUsual) addOutline(whole, page.subarray(at + SHAPE_HEAD, end))
      at = end
    }
  }
  return tight.padded(whole)
}

/** @returns PNG */
async function picture(shapes: ShapeFile, box: Box, options: PreviewOptions): Promise<Uint8Array> {
  const { width: shown = PREVIEW_WIDTH, resolution = 2, signal } = options
  const width = shown * resolution
  const height = Math.round((width * (box.ymax - box.ymin)) / (box.xmax - box.xmin))
  const canvas = await newCanvas(width, height)
  const context = canvas.getContext('2d')
  const projection = projectionOf(box, width)
  context.fillStyle = COLOURS.land
  context.fillRect(0, 0, width, height)
  const below = await baseMap(box, shown / (box.xmax - box.xmin), options)
  if (below !== undefined) drawBaseMap(context, below, projection, ROAD_PX * resolution)

  const dots = newDots(width, height)
  const style: OutlineStyle = { fill: COLOURS.areas, line: COLOURS.lines, lineWidth: LINE_PX * resolution }
  for await (const page of shapes.pages()) {
    signal.throwIfAborted()
    drawPage(page, { context, dots, projection }, style)
  }
  drawPlaces(context, dots, { scale: width / (box.xmax - box.xmin), resolution })
  return canvas.encode('png')
}

/**
 * The drawing library is large and native: it is loaded when there is something to draw.
 *
 * @throws {NoCanvasError} where it cannot be
 */
async function newCanvas(width: number, height: number): Promise<Canvas> {
  const library = await import('@napi-rs/canvas').catch((error: Error) => {
    throw new NoCanvasError(`the library that draws does not run here: ${error.message}`, { cause: error })
  })
  return library.createCanvas(width, height)
}

function drawPlaces(
  context: SKRSContext2D,
  dots: Dots,
  { scale, resolution }: { readonly scale: number; readonly resolution: number },
): void {
  const { min, max } = DOT_RADIUS_PX
  const radius = Math.min(max * resolution, Math.max(min * resolution, DOT_RADIUS_M * scale))
  drawDots(context, dots, {
    radius,
    fill: COLOURS.points,
    ring: COLOURS.rings,
    ringWidth: Math.min(resolution / 2, RING_SHARE * radius),
  })
}

async function baseMap(
  box: Box,
  scale: number,
  { fetchTile, log, signal }: PreviewOptions,
): Promise<MapFeatures | undefined> {
  if (fetchTile === undefined) return undefined
  try {
    return await mapFeatures(box, scale, fetchTile)
  } catch (error) {
    signal.throwIfAborted()
    log(`the preview has no base map: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}

function drawBaseMap(
  context: SKRSContext2D,
  { landuse, water, roads }: MapFeatures,
  projection: Projection,
  roadPx: number,
): void {
  const trace = (lines: Lines) => {
    context.beginPath()
    for (const line of lines)
      for (const [index, [x, y]] of line.entries())
        context[index === 0 ? 'moveTo' : 'lineTo'](projection.x(x), projection.y(y))
  }
  for (const [features, colour] of [
    [landuse, COLOURS.parks],
    [water, COLOURS.water],
  ] as const) {
    context.fillStyle = colour
    for (const feature of features) {
      trace(feature)
      context.fill('evenodd')
    }
  }
  context.strokeStyle = COLOURS.roads
  context.lineWidth = roadPx
  for (const road of roads) {
    trace(road)
    context.stroke()
  }
}
