/**
 * The dot map: every point of the current data on one map, in two bands of zoom.
 *
 * Near, at one zoom, a dot has its number, street and unit; far, at all others, it is a dot. For Mapbox it is cut
 * into four quadrants, since one tileset of the world would be too large there; for us it is one file.
 *
 * Source: spec/machine.md §7.5.
 */

/** Layer of the tiles, as the style sheets of the original call it. */
export const DOT_LAYER = 'openaddresses'

/** The two bands: dots with words at the nearest zoom, bare dots at the others. */
export const BANDS = {
  far: { zoomMin: 0, zoomMax: 14 },
  near: { zoomMin: 15, zoomMax: 15 },
} as const

/** `far` or `near`. */
export type Band = keyof typeof BANDS

/** A quarter of the world. */
export type Quadrant = 'northwest' | 'northeast' | 'southwest' | 'southeast'

/** Each quarter, and what it is called to people. */
export const QUADRANTS: Readonly<Record<Quadrant, string>> = {
  northwest: 'northwest: the Americas north of the equator',
  northeast: 'northeast: Europe, Asia and Africa north of the equator',
  southwest: 'southwest: South America',
  southeast: 'southeast: Africa, Asia and Oceania south of the equator',
}

/** Where a point belongs. The lines between are those of Greenwich and the equator, where tiles of all zooms end too. */
export function quadrantOf(lon: number, lat: number): Quadrant {
  if (lat >= 0) return lon < 0 ? 'northwest' : 'northeast'
  return lon < 0 ? 'southwest' : 'southeast'
}

/** What Mapbox calls a quarter: `<user>.<prefix>-<quadrant>`, without a prefix `<user>.<quadrant>`. */
export function tilesetId(user: string, prefix: string, quadrant: Quadrant): string {
  return `${user}.${prefix === '' ? '' : `${prefix}-`}${quadrant}`
}

/** What is not on the map at a zoom, of all points. */
export interface DroppedAtZoom {
  readonly zoom: number
  /** Thinned out evenly, since from far away a dot stands for many. */
  readonly byRate: number
  /** Left out of tiles that had become too large: their densest places show fewer dots than there are. */
  readonly asNeeded: number
}

/** One zoom of what tippecanoe writes into a tileset under `strategies`. */
export interface Strategy {
  readonly dropped_by_rate?: number
  readonly dropped_as_needed?: number
}

/** What was dropped from several tilesets together; zooms at which nothing was are left out. */
export function addDropped(tilesets: readonly (readonly Strategy[])[]): DroppedAtZoom[] {
  const zooms = Math.max(0, ...tilesets.map(({ length }) => length))
  return Array.from({ length: zooms }, (_, zoom) => {
    const sum = (name: keyof Strategy) =>
      tilesets.reduce((total, strategies) => total + (strategies[zoom]?.[name] ?? 0), 0)
    return { zoom, byRate: sum('dropped_by_rate'), asNeeded: sum('dropped_as_needed') }
  }).filter(({ byRate, asNeeded }) => byRate > 0 || asNeeded > 0)
}

/** One sentence for people about what is not there; undefined when every point is to be seen at the nearest zoom. */
export function droppedSentence(dropped: readonly DroppedAtZoom[]): string | undefined {
  const near = dropped.find(({ zoom }) => zoom === BANDS.near.zoomMin)
  const lost = (near?.byRate ?? 0) + (near?.asNeeded ?? 0)
  if (lost === 0) return undefined
  return `at the nearest zoom ${lost} points are left out of tiles that were too dense`
}

/** The map is far smaller than the one before it: some of its data must be gone. */
export const SHRUNK_SHARE = 0.5

/** Whether a map may replace another without somebody saying so. */
export function isShrunk(points: number, before: number | undefined): boolean {
  return before !== undefined && points < before * SHRUNK_SHARE
}
