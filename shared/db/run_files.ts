/** The files of runs, and when the data in them was made: what products and their manifest tell. */
import type { Artifact } from '../run.ts'
import type { ISql } from './sql.ts'

/** What a run left. */
export interface RunFiles {
  readonly id: number
  /** When it settled. */
  readonly settledAt: Date
  /** Files in its folder, in the order in which they were made. */
  readonly artifacts: readonly Artifact[]
}

/** The files of some runs, by their ids. */
export async function readRunFiles(sql: ISql, ids: readonly number[]): Promise<Map<number, RunFiles>> {
  const rows = await sql<RunFiles[]>`
    select id, datetime_tz as "settledAt", coalesce(result->'artifacts', '[]') as artifacts
    from runs
    where id in (select value::int from jsonb_array_elements_text(${sql.json([...ids])}))`
  return new Map(rows.map((row) => [row.id, row]))
}
