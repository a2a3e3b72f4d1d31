/** Verdicts: what was decided about runs, the last accepted one to compare with, and holds that people lift. */
import type { Acceptance } from '../hold.ts'
import type { Box, RunState } from '../run.ts'
import type { Reason, Verdict } from '../verdict.ts'
import type { Field } from '../verdict_fields.ts'
import type { ISql } from './sql.ts'

/** Which data source of which file of which repository. */
export interface DataSourceKey {
  readonly owner: string
  readonly repository: string
  readonly sourcePath: string
  readonly layer: string
  readonly name: string
}

/** The last accepted run of a data source. */
export interface LastAccepted {
  readonly runId: number
  /** The run whose files it has: another one where a result was used again. */
  readonly filesOf: number
  /** Git blob sha of the source file. */
  readonly sourceId: string
  readonly codeVersion: string | null
  readonly settledAt: Date
  readonly state: RunState
  readonly bounds: Box | null
}

/** The data source that a run is of. */
export async function readDataSourceOf(sql: ISql, runId: number): Promise<DataSourceKey> {
  const [found] = await sql<[DataSourceKey]>`
    select coalesce(j.github_owner, s.owner) as owner, coalesce(j.github_repository, s.repository) as repository,
      r.source_path as "sourcePath", r.layer, r.name
    from runs r
    left join jobs j on j.id = r.job_id
    left join sets s on s.id = r.set_id
    where r.id = ${runId}`
  return found
}

/** The run that a new one is compared with; undefined for a data source that has none. */
export async function readLastAccepted(
  sql: ISql,
  { owner, repository, sourcePath, layer, name }: DataSourceKey,
): Promise<LastAccepted | undefined> {
  const [accepted] = await sql<LastAccepted[]>`
    select r.id as "runId", coalesce(r.copy_of, r.id) as "filesOf", r.source_id as "sourceId",
      r.code_version as "codeVersion", r.datetime_tz as "settledAt", r.state, nullif(r.result->'bounds', 'null') as bounds
    from runs r
    where r.id = machine.last_accepted(${owner}, ${repository}, ${sourcePath}, ${layer}, ${name}) and r.state is not null`
  return accepted
}

/** The verdict on a run as a page shows it. */
export interface RunVerdict {
  readonly verdict: Verdict['verdict']
  readonly against: number | null
  readonly reasons: readonly Reason[]
  readonly fields: readonly Field[]
  readonly acceptedAt: Date | null
  readonly acceptedBy: string | null
  readonly acceptedWhy: string | null
  readonly supersededBy: number | null
}

/** What was decided about a run; undefined where there was nothing to decide. */
export async function readVerdict(sql: ISql, runId: number): Promise<RunVerdict | undefined> {
  const [verdict] = await sql<RunVerdict[]>`
    select verdict, against, reasons, fields, accepted_at as "acceptedAt", accepted_by as "acceptedBy",
      accepted_why as "acceptedWhy", superseded_by as "supersededBy"
    from verdicts
    where run_id = ${runId}`
  return verdict
}

/** A run that waits for somebody to accept it. */
export interface Held extends DataSourceKey {
  readonly runId: number
  readonly why: string
  readonly heldAt: Date
}

/** Runs of a source file that are held, newest first. */
export function listHeld(sql: ISql, sourcePath: string): Promise<Held[]> {
  return sql<Held[]>`
    select run_id as "runId", source_path as "sourcePath", layer, name, why, held_at as "heldAt"
    from reports.held
    where source_path = ${sourcePath}
    order by run_id desc`
}

/** Accept a held run: its data counts from now on. Written down in `audit`, with who and why. */
export async function acceptRun(
  sql: ISql,
  { runId, who, why }: { readonly runId: number; readonly who: string; readonly why: string },
): Promise<Acceptance> {
  const [row] = await sql<[{ outcome: Acceptance }]>`
    select machine.accept_run(${runId}, ${who}, ${why}) as outcome`
  return row.outcome
}
