/** Migrations: which have run, as `/ready` asks and `machine migrate` writes. */
import type { ISql } from './sql.ts'

/** The newest file of sql/migrations, without its ending; a house test keeps it true. */
export const NEWEST_MIGRATION = '0033_workers'

/** Whether the database is as new as this code. False too when nothing was ever migrated. */
export async function isMigrated(sql: ISql): Promise<boolean> {
  const [table] = await sql<
    [{ found: boolean }]
  >`select to_regclass('public.migrations') is not null as found`
  if (!table.found) return false
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from migrations where name = ${NEWEST_MIGRATION}) as found`
  return row.found
}
