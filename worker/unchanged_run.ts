/**
 * Data that has not changed: the result of the last accepted run is used again, "unchanged since run N, data of DATE".
 *
 * Asked only where all else is the same too: source file, code, and what is to be made. A download that its server calls
 * unchanged costs one request; one that had to be fetched to be compared costs no conform.
 */
import { type HandedIn, readRun } from '../shared/db/runs.ts'
import type { ISql } from '../shared/db/sql.ts'
import type { LastAccepted } from '../shared/db/verdicts.ts'
import type { Earlier } from '../shared/run.ts'
import type { Task } from '../shared/task.ts'
import type { Storage } from './io/storage.ts'
import { readTail } from './publish_run.ts'

/** What decides whether a result can be used again at all. */
export interface Reusing {
  readonly storage: Storage
  readonly version: string
  /** 0 for never. */
  readonly reuseDays: number
}

/** What the data was in the last accepted run; undefined where its result would be no answer to the task. */
export async function earlierOf(
  { storage, version, reuseDays }: Reusing,
  task: Task,
  before: LastAccepted | undefined,
): Promise<Earlier | undefined> {
  if (before === undefined || task.rerun || reuseDays === 0) return undefined
  const { state, sourceId, codeVersion, filesOf } = before
  if (sourceId !== task.file_id || codeVersion !== version || state.fingerprint === null) return undefined
  if (task.render_preview && state.preview === null) return undefined
  const isThere = await storage.get(`runs/${filesOf}/index.json`)
  isThere?.body.destroy()
  if (isThere === undefined) return undefined
  const { fingerprint, etag, 'last modified': lastModified } = state
  return { fingerprint, ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) }
}

/**
 * The result of the run that has the data.
 *
 * @throws when it is not there any more: another attempt does the work
 */
export async function unchangedResult(
  sql: ISql,
  { runId, filesOf }: LastAccepted,
  folder: string,
): Promise<HandedIn> {
  const run = await readRun(sql, filesOf)
  if (run?.status !== true || run.result === null || run.settledAt === null)
    throw new Error(`the data is that of run ${filesOf}, which is gone`)
  const note = `unchanged since run ${filesOf}, data of ${run.settledAt.toISOString().slice(0, 10)}`
  return {
    ok: true,
    problem: null,
    state: run.state,
    sample: run.sample,
    result: { ...run.result, unchangedSince: run.settledAt.toISOString(), logTail: await readTail(folder) },
    copy_of: filesOf,
    verdict: { verdict: 'accept', against: runId, reasons: [], fields: [], note },
  }
}
