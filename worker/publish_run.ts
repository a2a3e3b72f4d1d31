/** Publishing: the files of a run go to storage under `runs/<run id>/`, and its state gets their addresses. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandedIn } from '../shared/db/runs.ts'
import type { Problem } from '../shared/problem.ts'
import type { RunResult, RunState } from '../shared/run.ts'
import type { Storage } from './io/storage.ts'

/** The log of a run: what it did, for the author of the source. */
const LOG_NAME = 'output.txt'

/** As much of the log as a page shows. */
const LOG_TAIL_CHARS = 8_000

/** State keys whose value is the name of a file of the run. */
const FILE_KEYS = ['cache', 'sample', 'processed', 'output', 'preview', 'slippymap', 'pmtiles'] as const

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
export async function publishRun(publishing: Publishing, result: RunResult): Promise<HandedIn> {
  const urls = new Map<string, string>()
  for (const { name, type } of result.artifacts) urls.set(name, await publishFile(publishing, name, type))
  return {
    ok: result.ok,
    problem: result.problem ?? skipped(result),
    state: withAddresses(result.state, urls),
    sample: result.sample,
    result: {
      artifacts: result.artifacts,
      rows: result.rows,
      bounds: result.bounds,
      seconds: result.seconds,
      logTail: await readTail(publishing.folder),
    },
  }
}

/** Publish the log of a run that came to no result; what failed is said, and nothing is thrown. */
export async function publishFailure(publishing: Publishing, problem: Problem): Promise<HandedIn> {
  const logTail = await readTail(publishing.folder)
  const stored =
    logTail !== '' && (await publishFile(publishing, LOG_NAME, 'text/plain; charset=utf-8').catch(() => ''))
  const artifacts = stored
    ? [{ name: LOG_NAME, type: 'text/plain; charset=utf-8', bytes: logTail.length }]
    : []
  return {
    ok: false,
    problem,
    state: null,
    sample: null,
    result: { artifacts, rows: null, bounds: null, seconds: null, logTail },
  }
}

async function publishFile(
  { storage, runId, folder }: Publishing,
  name: string,
  type: string,
): Promise<string> {
  const { url } = await storage.put(`runs/${runId}/${name}`, join(folder, name), { type })
  return url
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

async function readTail(folder: string): Promise<string> {
  const text = await readFile(join(folder, LOG_NAME), 'utf8').catch(() => '')
  return text.slice(-LOG_TAIL_CHARS)
}
