/**
 * Tiles: squares of one degree, each named by its south-west corner.
 *
 *     -122.2677, 37.8106  lies in tile  -123.0/37.0
 *
 * Source: spec/machine.md 7.4, 2 (`/tiles/<lon>/<lat>.zip`).
 */
import type { Position } from './row.ts'

/** Columns of tiles around the world. */
const COLUMNS = 360

/** A square degree; lon and lat are whole numbers, of its south-west corner. */
export interface Tile {
  readonly lon: number
  readonly lat: number
}

/** Whether a position is a place on Earth: two numbers within their limits. */
export function isOnEarth([lon, lat]: Position): boolean {
  return lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90
}

/** The tile of a position on Earth; the last meridian and the pole belong to the tile beside them. */
export function tileOf(lon: number, lat: number): Tile {
  return { lon: Math.min(179, Math.floor(lon)), lat: Math.min(89, Math.floor(lat)) }
}

/** `-123.0/37.0`, as in the address of a tile. */
export function tileName({ lon, lat }: Tile): string {
  return `${lon.toFixed(1)}/${lat.toFixed(1)}`
}

/** A number from 0 to 64,799 by which tiles sort: from the south-west corner of the map, row by row. */
export function tileNumber({ lon, lat }: Tile): number {
  return (lat + 90) * COLUMNS + lon + 180
}

/** The tile of a number. */
export function tileAt(number: number): Tile {
  return { lon: (number % COLUMNS) - 180, lat: Math.floor(number / COLUMNS) - 90 }
}
