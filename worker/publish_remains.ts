/**
 * What a run that came to no result left up to then: its log, a state that says what became of it, and whatever else
 * is there.
 */
import { appendFile, mkdir, readdir, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { HandedIn, RunDetails, RunUsage } from '../shared/db/runs.ts'
import { type Problem, sentence } from '../shared/problem.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { Artifact, RunState } from '../shared/run.ts'
import type { Task } from '../shared/task.ts'
import { emptyState, INDEX_JSON, writeState } from './outputs/state.ts'
import { LOG_NAME, type Publishing, publishFile, readTail, withAddresses } from './publish_run.ts'

/** Content types of what a run that was broken off may leave; anything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
}

/** A storage that is away is not waited for as long as for a result. */
const PATIENCE_SECONDS_MAX = 60

/** What is known of the attempt that ended so. */
export interface Ending {
  readonly task: Task
  /** Code version. */
  readonly version: string
  readonly problem: Problem
  readonly usage: RunUsage | undefined
}

/** What was left, as a run keeps it. */
export interface Remains {
  readonly details: RunDetails
  readonly state: RunState
}

/** Publish what is left. Nothing is thrown: what cannot be stored is missing from the list. */
export async function publishRemains(publishing: Publishing, ending: Ending): Promise<Remains> {
  const { folder, patience } = publishing
  const seconds = Math.min(patience.seconds, PATIENCE_SECONDS_MAX)
  const state = stateOf(ending)
  await writeDown(folder, ending.problem, state)

  const found = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const artifacts: Artifact[] = []
  const urls = new Map<string, string>()
  for (const { name } of found.filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))) {
    const type = TYPES[extname(name)] ?? 'application/octet-stream'
    const stored = await publishFile({ ...publishing, patience: { ...patience, seconds } }, name, type).catch(
      () => undefined,
    )
    if (stored === undefined) continue
    artifacts.push({ name, type, bytes: stored.bytes, sha256: stored.sha256 })
    urls.set(name, stored.url)
  }
  const { usage } = ending
  const left = { artifacts, rows: null, bounds: null, seconds: null, ...(usage ? { usage } : {}) }
  return { details: { ...left, logTail: await readTail(folder) }, state: withAddresses(state, urls) }
}

/** What is handed in for a run that ended without a result. */
export function failure(problem: Problem, { details, state }: Remains): HandedIn {
  return { ok: false, problem, state, sample: null, result: details }
}

/** The state of a run of which nothing is known but how it ended. */
export function stateOf({ task, version, problem }: Omit<Ending, 'usage'>): RunState {
  return {
    ...emptyState(basename(task.name), task.layer, task.layersource, version),
    'source problem': PROBLEMS[problem.code].was,
    'problem code': problem.code,
    'problem sentence': sentence(problem),
  }
}

/** The last line of the log, and the state where the run itself came to none. A full disk costs both, not the failure. */
async function writeDown(folder: string, problem: Problem, state: RunState): Promise<void> {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ')
  const line = `${time} failed: ${sentence(problem)} — ${PROBLEMS[problem.code].advice}\n`
  try {
    await mkdir(folder, { recursive: true })
    await appendFile(join(folder, LOG_NAME), line)
    const isThere = await stat(join(folder, INDEX_JSON)).catch(() => undefined)
    if (isThere === undefined) await writeState(folder, state)
  } catch {
    // What was written before is kept all the same.
  }
}
