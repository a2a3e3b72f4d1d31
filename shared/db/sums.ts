/** Sums: how much of the catalogue works, counted each hour. */
import type { ISql } from './sql.ts'

/** The catalogue as it was last counted. */
export interface Sums {
  readonly sources: number
  readonly working: number
  readonly lost: number
  readonly rows: number
  readonly summedAt: Date
}

/** Count the catalogue, and mark the runs whose data is current. Gives how many marks have changed. */
export async function sumUp(sql: ISql): Promise<number> {
  const [row] = await sql<[{ changed: number }]>`select machine.sum_up() as changed`
  return row.changed
}

/** The last count; undefined where none was made. */
export async function readSums(sql: ISql): Promise<Sums | undefined> {
  const [row] = await sql<Sums[]>`
    select sources, working, lost, rows::float8 as rows, summed_at as "summedAt"
    from reports.hours
    order by hour desc
    limit 1`
  return row
}
