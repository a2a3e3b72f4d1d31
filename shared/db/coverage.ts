/** Coverage: what sources declare, as runs have it; and the maps that were made of it. */
import { type ISql, storable } from './sql.ts'

/** A source file, as far as coverage is concerned. */
export interface CoverageRow {
  /** Such as `sources/us/ca/berkeley.json`. */
  readonly path: string
  /** The file; null where no run has it. */
  readonly source: Uint8Array | null
  /** Whether one of its address sources has data. */
  readonly isGood: boolean
  readonly addresses: number | null
  /** When the newest of its data was made. */
  readonly date: Date | null
}

/** So many source files are read at once; some hold large shapes. */
const BATCH = 200

/** The source files of the default branch with address sources, by path: those that fail as well as those that work. */
export function readCurrentCoverage(
  sql: ISql,
  owner: string,
  repository: string,
): AsyncIterable<CoverageRow[]> {
  return sql<CoverageRow[]>`
    select c.source_path as path, r.source_data as source, c.good as "isGood", c.addresses, c.date
    from (
      select source_path,
             bool_or(run_id is not null and not is_skipped) as good,
             sum(rows) filter (where not is_skipped)::float8 as addresses,
             max(settled_at) filter (where not is_skipped) as date,
             max(coalesce(newest_run_id, run_id)) as run
      from reports.current_runs
      where owner = ${owner} and repository = ${repository} and layer = 'addresses'
      group by source_path) as c
    left join runs r on r.id = c.run
    order by c.source_path`.cursor(BATCH)
}

/** The source files of a set with address sources, by path. */
export function readSetCoverage(sql: ISql, setId: number): AsyncIterable<CoverageRow[]> {
  return sql<CoverageRow[]>`
    select s.path, r.source_data as source, s.good as "isGood", s.addresses, s.date
    from (
      select m.source_path as path,
             coalesce(bool_or(m.status and r.problem is null), false) as good,
             sum((r.state->>'feat count')::bigint) filter (where m.status)::float8 as addresses,
             max(r.datetime_tz) filter (where m.status) as date,
             max(m.run_id) as run
      from set_sources m
      left join runs r on r.id = m.run_id
      where m.set_id = ${setId} and m.layer = 'addresses'
      group by m.source_path) as s
    left join runs r on r.id = s.run
    order by s.path`.cursor(BATCH)
}

/** Whether there is such a set. */
export async function hasSet(sql: ISql, setId: number): Promise<boolean> {
  const [row] = await sql<[{ found: boolean }]>`select exists (select from sets where id = ${setId}) as found`
  return row.found
}

/** Maps that are in storage. */
export interface NewCoverageMaps {
  /** Null for the current state. */
  readonly setId: number | null
  readonly world: string
  readonly europe: string
  readonly usa: string
  readonly geojson: string
  readonly sources: number
  readonly good: number
  /** Sources that no map can show. */
  readonly unplaced: readonly { readonly path: string; readonly reason: string }[]
}

/** Maps as a page shows them. */
export interface CoverageMaps extends NewCoverageMaps {
  readonly id: number
  readonly madeAt: Date
}

/** Show these from now on, of a set or of the current state: all four at once. */
export async function publishCoverageMaps(sql: ISql, maps: NewCoverageMaps): Promise<void> {
  await sql`
    with past as (
      update coverage_maps set is_current = false
      where is_current and ${maps.setId}::int is null
      returning id
    ), shown as (
      update sets
      set render_world = ${maps.world}, render_europe = ${maps.europe}, render_usa = ${maps.usa},
        render_geojson = ${maps.geojson}
      where id = ${maps.setId}::int
      returning id
    ), gone as (
      select count(*) from past
    )
    insert into coverage_maps (set_id, world, europe, usa, geojson, sources, good, unplaced, is_current)
    select ${maps.setId}::int, ${maps.world}, ${maps.europe}, ${maps.usa}, ${maps.geojson}, ${maps.sources},
      ${maps.good}, ${sql.json(storable(maps.unplaced) as never)}, ${maps.setId === null}
    from gone`
}

/** The maps of the current state; undefined before the first. */
export async function readCurrentCoverageMaps(sql: ISql): Promise<CoverageMaps | undefined> {
  const [found] = await sql<CoverageMaps[]>`
    select id, set_id as "setId", world, europe, usa, geojson, sources, good, unplaced, made_at as "madeAt"
    from coverage_maps
    where is_current`
  return found
}
