/** What machine.merge_job tells the catalogue when a merged push took a file away or moved it, said by itself. */
import type { ISql } from '../shared/db/sql.ts'

/** What is known of the push. */
interface Word {
  /** When it came in. What is older than what is known changes nothing. */
  readonly at: Date
  readonly owner: string
  readonly repository: string
  readonly commitSha: string
}

/** As machine.merge_job says it when a merged push removed a file, or one data source of it. Gives how many went. */
export async function removeSource(
  sql: ISql,
  { at, owner, repository, commitSha }: Word,
  gone: { readonly path: string; readonly layer?: string; readonly name?: string },
): Promise<number> {
  const [row] = await sql<[{ gone: number }]>`
    select machine.remove_source(
      ${at}, ${owner}, ${repository}, ${gone.path}, ${`removed by ${commitSha}`},
      ${gone.layer ?? null}, ${gone.name ?? null}) as gone`
  return row.gone
}

/** The same of a file that it moved. Gives how many data sources moved. */
export async function renameSource(
  sql: ISql,
  { at, owner, repository, commitSha }: Word,
  moved: { readonly from: string; readonly to: string },
): Promise<number> {
  const [row] = await sql<[{ moved: number }]>`
    select machine.rename_source(${at}, ${owner}, ${repository}, ${moved.from}, ${moved.to}, ${commitSha}) as moved`
  return row.moved
}
