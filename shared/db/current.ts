/** Current data: what the default branch has now, and the run of each data source that products are made of. */
import type { RunState } from '../run.ts'
import type { ISql } from './sql.ts'

/** A data source of the default branch with its last accepted run. */
export interface CurrentRun {
  readonly sourcePath: string
  readonly layer: string
  readonly name: string
  /** The run that counts. */
  readonly runId: number
  /** The run whose files are meant: another where a result was reused. */
  readonly filesRunId: number
  /** The path that the run knew: another where the file was renamed since. */
  readonly runSourcePath: string
  readonly rows: number | null
  /** The run is of the very bytes that the default branch has. */
  readonly isUpToDate: boolean
  readonly state: RunState
  readonly settledAt: Date
}

/**
 * The runs that products are made of, by source path: each data source that is on the default branch, whose last
 * accepted run has data. Sources that say to skip have none.
 */
export async function readCurrent(sql: ISql, owner: string, repository: string): Promise<CurrentRun[]> {
  return sql<CurrentRun[]>`
    select source_path as "sourcePath", layer, name, run_id as "runId", files_run_id as "filesRunId",
      run_source_path as "runSourcePath", rows::int, is_up_to_date as "isUpToDate", state, settled_at as "settledAt"
    from reports.current_runs
    where owner = ${owner} and repository = ${repository} and run_id is not null and not is_skipped
    order by source_path, layer, name`
}
