/** Publishing: the files of a run go to storage under `runs/<run id>/`, and its state gets their addresses. */
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { HandedIn, RunDetails } from '../shared/db/runs.ts'
import type { Problem } from '../shared/problem.ts'
import type { Artifact, RunResult, RunState } from '../shared/run.ts'
import type { Storage, Stored } from './io/storage.ts'
import type { JudgedResult } from './judge_run.ts'

/** The log of a run: what it did, for the author of the source. */
const LOG_NAME = 'output.txt'

/** As much of the log as a page shows. */
const LOG_TAIL_CHARS = 8_000

/** State keys whose value is the name of a file of the run. */
const FILE_KEYS = ['cache', 'sample', 'processed', 'output', 'preview', 'slippymap', 'pmtiles'] as const

/** Content types of what a run that was broken off may leave; anything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
}

export interface Publishing {
  readonly storage: Storage
  readonly runId: number
  /** Where the files are on this computer. */
  readonly folder: string
}

/**
 * Publish all files of a run that came to a result.
 *
 * @throws when a file cannot be stored: a run is done only when its files are there
 */
export async function publishRun(
  publishing: Publishing,
  result: RunResult & Partial<JudgedResult>,
): Promise<HandedIn> {
  const urls = new Map<string, string>()
  const artifacts: Artifact[] = []
  for (const artifact of result.artifacts) {
    const { url, sha256 } = await publishFile(publishing, artifact.name, artifact.type)
    urls.set(artifact.name, url)
    artifacts.push({ ...artifact, sha256 })
  }
  return {
    ok: result.ok,
    problem: result.problem ?? skipped(result),
    state: withAddresses(result.state, urls),
    sample: result.sample,
    result: {
      artifacts,
      rows: result.rows,
      bounds: result.bounds,
      seconds: result.seconds,
      ...(result.diff ? { diff: result.diff } : {}),
      logTail: await readTail(publishing.folder),
    },
    ...(result.verdict === undefined ? {} : { verdict: result.verdict }),
  }
}

/**
 * Publish what a run that came to no result left up to then: its log, and whatever else is there.
 *
 * Nothing is thrown: what cannot be stored is missing from the list.
 */
export async function publishRemains(publishing: Publishing): Promise<RunDetails> {
  const { folder } = publishing
  const found = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const names = found
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.part'))
    .map(({ name }) => name)
  const artifacts: Artifact[] = []
  for (const name of names) {
    const type = TYPES[extname(name)] ?? 'application/octet-stream'
    const stored = await publishFile(publishing, name, type).catch(() => undefined)
    if (stored !== undefined) artifacts.push({ name, type, bytes: stored.bytes })
  }
  return { artifacts, rows: null, bounds: null, seconds: null, logTail: await readTail(folder) }
}

/** What is handed in for a run that ended without a result. */
export function failure(problem: Problem, details: RunDetails): HandedIn {
  return { ok: false, problem, state: null, sample: null, result: details }
}

function publishFile({ storage, runId, folder }: Publishing, name: string, type: string): Promise<Stored> {
  return storage.put(`runs/${runId}/${name}`, join(folder, name), { type })
}

/** File names become addresses; a name that was not published becomes null rather than a dead link. */
function withAddresses(state: RunState, urls: ReadonlyMap<string, string>): RunState {
  const addresses = FILE_KEYS.map((key) => {
    const name = state[key]
    return [key, name === null ? null : (urls.get(name) ?? null)] as const
  })
  return { ...state, ...Object.fromEntries(addresses) }
}

/** A skipped run is good, and says why it has no data. */
function skipped({ state }: RunResult): Problem | null {
  return state.skipped ? { code: 'skipped', detail: '' } : null
}

/** The end of the log of a run. */
export async function readTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, LOG_NAME), 'utf8').catch(() => '')
  return text.slice(-LOG_TAIL_CHARS)
}
