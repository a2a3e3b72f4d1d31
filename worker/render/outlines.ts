/** Shapes of a shape file as they are drawn: those with a size as outlines, the rest as dots. */
import type { SKRSContext2D } from '@napi-rs/canvas'
import { addDot, type Dots } from './dots.ts'
import { mercatorX, mercatorY } from './mercator.ts'
import { PER_DEGREE, SHAPE_HEAD } from './shape_file.ts'
import type { Box, TightBox } from './spread.ts'

/** From the Mercator plane to pixels. */
export interface Projection {
  readonly x: (metres: number) => number
  readonly y: (metres: number) => number
}

/** Where shapes go. */
export interface Paper {
  readonly context: SKRSContext2D
  readonly dots: Dots
  readonly projection: Projection
}

export interface OutlineStyle {
  readonly fill: string
  readonly line: string
  readonly lineWidth: number
}

/** What is smaller than this on both sides is a dot. */
const DOT_PX = 2

/** Corners nearer than this to the one before are left out. */
const STEP_PX = 0.4

/** The plane itself. */
const PLANE: Projection = { x: (metres) => metres, y: (metres) => metres }

/** Puts a box of the plane onto so many pixels. */
export function projectionOf({ xmin, ymax, xmax }: Box, widthPx: number): Projection {
  const scale = widthPx / (xmax - xmin)
  return { x: (metres) => (metres - xmin) * scale, y: (metres) => (ymax - metres) * scale }
}

/** Draw the shapes of a page; dots are only remembered. */
export function drawPage(page: Int32Array, paper: Paper, style: OutlineStyle): void {
  const { context } = paper
  context.fillStyle = style.fill
  context.strokeStyle = style.line
  context.lineWidth = style.lineWidth
  context.lineJoin = 'round'
  for (let at = 0; at < page.length; at += SHAPE_HEAD + page[at + 2]!) {
    const length = page[at + 2]!
    const outline = projected(page.subarray(at + SHAPE_HEAD, at + SHAPE_HEAD + length), paper.projection)
    if (length === 0 || isSmall(outline)) dot(paper, page[at]!, page[at + 1]!)
    else if (isInside(outline, paper.dots)) drawOutline(paper, outline)
  }
}

/** Make a box large enough for an outline. */
export function addOutline(box: TightBox, outline: Int32Array): void {
  for (const { points } of projected(outline, PLANE)) {
    for (let at = 0; at < points.length; at += 2) box.add(points[at]!, points[at + 1]!)
  }
}

function dot({ dots, projection }: Paper, lon: number, lat: number): void {
  addDot(dots, projection.x(mercatorX(lon / PER_DEGREE)), projection.y(mercatorY(lat / PER_DEGREE)))
}

/** A part of an outline, projected. */
interface Part {
  readonly isRing: boolean
  readonly points: readonly number[]
}

function projected(outline: Int32Array, { x, y }: Projection): Part[] {
  const parts: Part[] = []
  for (let at = 0; at < outline.length; ) {
    const count = outline[at]!
    const end = at + 1 + 2 * Math.abs(count)
    const points: number[] = []
    for (at += 1; at < end; at += 2) {
      points.push(x(mercatorX(outline[at]! / PER_DEGREE)), y(mercatorY(outline[at + 1]! / PER_DEGREE)))
    }
    parts.push({ isRing: count < 0, points })
  }
  return parts
}

/** West, north, east, south. */
function edges(parts: readonly Part[]): [number, number, number, number] {
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { points } of parts) {
    for (let at = 0; at < points.length; at += 2) {
      west = Math.min(west, points[at]!)
      east = Math.max(east, points[at]!)
      north = Math.min(north, points[at + 1]!)
      south = Math.max(south, points[at + 1]!)
    }
  }
  return [west, north, east, south]
}

function isSmall(parts: readonly Part[]): boolean {
  const [west, north, east, south] = edges(parts)
  return east - west < DOT_PX && south - north < DOT_PX
}

function isInside(parts: readonly Part[], { width, height }: Dots): boolean {
  const [west, north, east, south] = edges(parts)
  return east >= 0 && south >= 0 && west <= width && north <= height
}

function drawOutline({ context, dots }: Paper, parts: readonly Part[]): void {
  context.beginPath()
  let hasRing = false
  for (const { isRing, points } of parts) {
    if (points.length === 2) addDot(dots, points[0]!, points[1]!)
    else trace(context, points)
    if (isRing) context.closePath()
    hasRing ||= isRing
  }
  if (hasRing) context.fill('evenodd')
  context.stroke()
}

function trace(context: SKRSContext2D, points: readonly number[]): void {
  let [x, y] = [points[0]!, points[1]!]
  context.moveTo(x, y)
  for (let at = 2; at < points.length; at += 2) {
    const isLast = at === points.length - 2
    if (!isLast && Math.abs(points[at]! - x) < STEP_PX && Math.abs(points[at + 1]! - y) < STEP_PX) continue
    x = points[at]!
    y = points[at + 1]!
    context.lineTo(x, y)
  }
}
