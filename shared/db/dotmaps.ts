/** Dot maps: which one is shown, and what became of it at Mapbox. */
import type { DroppedAtZoom } from '../dotmap.ts'
import type { ISql } from './sql.ts'

/** A data source that is not on a map, and why. */
export interface MissingSource {
  readonly source: string
  readonly reason: string
}

/** What became of one tileset at Mapbox. */
export interface SentTileset {
  readonly tileset: string
  readonly ok: boolean
  /** What went wrong; null when it is there. */
  readonly error: string | null
}

/** A dot map that is in storage. */
export interface NewDotmap {
  readonly key: string
  readonly url: string
  readonly bytes: number
  readonly points: number
  readonly sources: number
  readonly missing: readonly MissingSource[]
  readonly dropped: readonly DroppedAtZoom[]
  /** West, south, east, north. */
  readonly bounds: readonly [number, number, number, number]
  readonly version: string
}

/** A dot map as a page shows it. */
export interface Dotmap extends NewDotmap {
  readonly id: number
  readonly madeAt: Date
  readonly mapbox: readonly SentTileset[] | null
}

/** Show this one from now on: the old one goes and the new one comes in one statement. Gives its id. */
export async function publishDotmap(sql: ISql, map: NewDotmap): Promise<number> {
  const [row] = await sql<[{ id: number }]>`
    with past as (
      update dotmaps set is_current = false where is_current returning id
    ), gone as (
      select count(*) from past
    )
    insert into dotmaps (key, url, bytes, points, sources, missing, dropped, bounds, version, is_current)
    select ${map.key}, ${map.url}, ${map.bytes}, ${map.points}, ${map.sources}, ${sql.json(map.missing as never)},
      ${sql.json(map.dropped as never)}, ${sql.json(map.bounds as never)}, ${map.version}, true
    from gone
    returning id`
  return row.id
}

/** Write down what became of a map at Mapbox. */
export async function recordSent(sql: ISql, id: number, sent: readonly SentTileset[]): Promise<void> {
  await sql`update dotmaps set mapbox = ${sql.json(sent as never)} where id = ${id}`
}

/** The map that is shown; undefined before the first. */
export async function readCurrentDotmap(sql: ISql): Promise<Dotmap | undefined> {
  const [found] = await sql<Dotmap[]>`
    select id, key, url, bytes::float8 as bytes, points::float8 as points, sources, missing, dropped, bounds, mapbox,
      version, made_at as "madeAt"
    from dotmaps
    where is_current`
  return found
}
