/**
 * The rings of a shapefile's polygon, of which nobody says which hole is in which ring.
 *
 * Clockwise rings are outer ones, the others are holes of the smallest outer ring around them; a hole
 * that is in none is an outer ring too. The same as GDAL does for shapefiles (organizePolygons with
 * ONLY_CCW), and in the order of the file.
 */
import type { Geometry, Position } from '../../shared/row.ts'

type Ring = readonly Position[]

interface Outer {
  readonly rings: Ring[]
  readonly area: number
  readonly box: Box
}

/** West, south, east, north, in the units of the data. */
type Box = readonly [number, number, number, number]

/** A polygon, a multipolygon, or nothing where there are no rings. */
export function polygonOf(rings: readonly Ring[]): Geometry | null {
  const whole = rings.filter((ring) => ring.length > 0)
  const [first] = whole
  if (first === undefined) return null
  if (whole.length === 1) return { type: 'Polygon', coordinates: [first] }
  const polygons = nest(whole)
  const [only] = polygons
  if (polygons.length === 1 && only !== undefined) return { type: 'Polygon', coordinates: only }
  return { type: 'MultiPolygon', coordinates: polygons }
}

function nest(rings: readonly Ring[]): Ring[][] {
  const areas = rings.map(signedArea)
  // Clockwise is negative. The usual case of one outer ring asks nothing more.
  const outerCount = areas.filter((area) => area < 0).length
  if (outerCount === 1) {
    const at = areas.findIndex((area) => area < 0)
    return [[rings[at] as Ring, ...rings.filter((_, index) => index !== at)]]
  }
  const outers = new Map<number, Outer>()
  areas.forEach((area, index) => {
    if (area < 0) outers.set(index, outerOf(rings[index] as Ring, -area))
  })
  const holes = [...areas.keys()].filter((index) => !outers.has(index))
  const homes = holes.map((index) => smallestAround(rings[index] as Ring, [...outers.values()]))
  holes.forEach((index, at) => {
    const home = homes[at]
    const ring = rings[index] as Ring
    if (home === undefined) outers.set(index, outerOf(ring, areas[index] ?? 0))
    else home.rings.push(ring)
  })
  return [...outers].sort(([a], [b]) => a - b).map(([, outer]) => outer.rings)
}

function outerOf(ring: Ring, area: number): Outer {
  return { rings: [ring], area, box: boxOf(ring) }
}

function smallestAround(hole: Ring, outers: readonly Outer[]): Outer | undefined {
  const box = boxOf(hole)
  return outers
    .filter((outer) => isWithin(box, outer.box) && contains(outer.rings[0] as Ring, hole))
    .sort((a, b) => a.area - b.area)[0]
}

/** Whether a hole lies in a ring, judged by its first point that is not on the ring's edge. */
function contains(ring: Ring, hole: Ring): boolean {
  for (const position of hole) {
    const side = sideOf(ring, position)
    if (side !== 'on') return side === 'in'
  }
  return true
}

function sideOf(ring: Ring, position: Position): 'in' | 'out' | 'on' {
  const [x, y] = xy(position)
  let isInside = false
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = xy(ring[i - 1] as Position)
    const [bx, by] = xy(ring[i] as Position)
    const cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    const isBeside =
      Math.min(ax, bx) <= x && x <= Math.max(ax, bx) && Math.min(ay, by) <= y && y <= Math.max(ay, by)
    if (cross === 0 && isBeside) return 'on'
    if (ay > y !== by > y && cross > 0 === by > ay) isInside = !isInside
  }
  return isInside ? 'in' : 'out'
}

/** Twice would do as well; around the first point, so that large coordinates do not eat the digits. */
function signedArea(ring: Ring): number {
  const [originX, originY] = xy(ring[0] as Position)
  let sum = 0
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = xy(ring[i - 1] as Position)
    const [bx, by] = xy(ring[i] as Position)
    sum += (ax - originX) * (by - originY) - (bx - originX) * (ay - originY)
  }
  return sum / 2
}

function boxOf(ring: Ring): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const position of ring) {
    const [x, y] = xy(position)
    west = Math.min(west, x)
    south = Math.min(south, y)
    east = Math.max(east, x)
    north = Math.max(north, y)
  }
  return [west, south, east, north]
}

function isWithin(inner: Box, outer: Box): boolean {
  return inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

function xy(position: Position): [number, number] {
  return [position[0] ?? Number.NaN, position[1] ?? Number.NaN]
}
