/** What the addresses for programs are made of: current runs, the newest set, the newest run of a source. */
import type { Renders, SourceState } from '../directory.ts'
import type { ISql } from './sql.ts'

/**
 * The current run of each data source of a layer, by path; where nothing was ever good, its newest run.
 */
export async function readStates(sql: ISql, layer: string): Promise<SourceState[]> {
  return sql<SourceState[]>`
    select c.source_path as "sourcePath", coalesce(c.state, n.state, '{}') as state
    from reports.current_runs c
    left join runs n on n.id = c.newest_run_id
    where c.layer = ${layer} and (c.run_id is not null or c.newest_run_id is not null)
    order by c.source_path, c.name`
}

/** Address of the processed zip of a source; of several data sources, the first that has one. */
export async function readProcessed(sql: ISql, sourcePath: string): Promise<string | undefined> {
  const [found] = await sql<{ url: string }[]>`
    select state->>'processed' as url
    from reports.current_runs
    where source_path = ${sourcePath} and layer = 'addresses' and state->>'processed' is not null
    order by name
    limit 1`
  return found?.url
}

/** The newest set that has ended, with its maps. */
export async function readLatestSet(
  sql: ISql,
): Promise<{ readonly id: number; readonly renders: Renders } | undefined> {
  const [found] = await sql<({ id: number } & Renders)[]>`
    select id, render_world as world, render_europe as europe, render_usa as usa, render_geojson as geojson
    from sets
    where datetime_end is not null and cancelled_at is null and is_merged
    order by datetime_start desc
    limit 1`
  if (found === undefined) return undefined
  const { id, ...renders } = found
  return { id, renders }
}
