/**
 * A tally: what a run can say about its rows when it is over, kept up batch by batch.
 *
 * Memory does not grow with the rows: counters, one box, and one example for each kind of bad row.
 */
import { type Bounds, boundingBox, extendBounds, noBounds } from '../../shared/geometry/bounds.ts'
import type { Geometry, OutFeature } from '../../shared/row.ts'

/** Rows with the same fault. */
export interface BadRows {
  count: number
  /** The first of them, as much as a person needs to find it. */
  readonly example: string
}

export interface Tally {
  /** Rows of the data, whatever became of them. */
  read: number
  written: number
  /** Rows that are in no output, by the reason. */
  readonly dropped: Map<string, BadRows>
  /** Rows that were written without the place that they should have, by the reason. */
  readonly displaced: Map<string, BadRows>
  /** Written rows that have something in each attribute. */
  readonly filled: Record<string, number>
  /** Written rows that have a place. */
  placed: number
  /** Those of them that are not on the globe. */
  outside: BadRows
  /** Of everything on the globe. */
  readonly bounds: Bounds
  /** `Point`, `MultiPolygon` …: what the first row with a place has in the data. */
  geometryType: string | null
}

/** Nothing counted yet. */
export function newTally(attributes: readonly string[]): Tally {
  return {
    read: 0,
    written: 0,
    dropped: new Map(),
    displaced: new Map(),
    filled: Object.fromEntries(attributes.map((attribute) => [attribute, 0])),
    placed: 0,
    outside: { count: 0, example: '' },
    bounds: noBounds(),
    geometryType: null,
  }
}

/** Count a bad row under its reason; the first of each reason is kept as the example. */
export function countBad(kinds: Map<string, BadRows>, reason: string, example: string): void {
  const known = kinds.get(reason)
  if (known === undefined) kinds.set(reason, { count: 1, example })
  else known.count += 1
}

/** Count a row that is written. */
export function countWritten(tally: Tally, { properties, geometry }: OutFeature): void {
  tally.written += 1
  for (const attribute in tally.filled) {
    const value = properties[attribute]
    if (value !== '' && value !== null && value !== undefined) tally.filled[attribute]! += 1
  }
  if (geometry !== null) countPlace(tally, geometry, (x) => x)
}

/**
 * Count the place of a row that is written.
 *
 * @param round  makes of an ordinate what is written
 */
export function countPlace(tally: Tally, geometry: Geometry, round: (x: number) => number): void {
  const exact = noBounds()
  extendBounds(exact, geometry)
  countBox(tally, exact, () => geometry, round)
}

/** The same for a place of which the box is known already, and only that is needed on the globe. */
export function countBox(
  tally: Tally,
  { west, south, east, north }: Bounds,
  geometry: () => Geometry,
  round: (x: number) => number,
): void {
  tally.placed += 1
  // Rounding keeps the order, so the box of rounded places is the rounded box.
  const box = { west: round(west), south: round(south), east: round(east), north: round(north) }
  if (isOnGlobe(box)) addBox(tally.bounds, box)
  else if (tally.outside.count === 0) tally.outside = { count: 1, example: firstPosition(geometry(), round) }
  else tally.outside.count += 1
}

/** The same for a point, which nearly all places are. */
export function countPoint(tally: Tally, lon: number, lat: number): void {
  if (!(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90)) {
    countPlace(tally, { type: 'Point', coordinates: [lon, lat] }, (x) => x)
    return
  }
  tally.placed += 1
  addBox(tally.bounds, { west: lon, south: lat, east: lon, north: lat })
}

/** The box of everything that was written; null where nothing has a place. */
export function tallyBounds({ bounds }: Tally): [number, number, number, number] | null {
  return boundingBox(bounds)
}

/** An empty geometry, whose box holds nothing, is nowhere outside. */
function isOnGlobe({ west, south, east, north }: Bounds): boolean {
  return west > east || (west >= -180 && east <= 180 && south >= -90 && north <= 90)
}

function addBox(bounds: Bounds, { west, south, east, north }: Bounds): void {
  bounds.west = Math.min(bounds.west, west)
  bounds.south = Math.min(bounds.south, south)
  bounds.east = Math.max(bounds.east, east)
  bounds.north = Math.max(bounds.north, north)
}

/** `6050000, 2120000`: the first position of a geometry, for a sentence. */
function firstPosition(geometry: Geometry, round: (x: number) => number): string {
  let inside: unknown = geometry.type === 'GeometryCollection' ? [] : geometry.coordinates
  while (Array.isArray(inside) && Array.isArray(inside[0])) inside = inside[0]
  return Array.isArray(inside) ? inside.slice(0, 2).map(round).join(', ') : ''
}
