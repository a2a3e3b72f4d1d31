/** Publishing: the files of a run go to storage under `runs/<run id>/`, and its state gets their addresses. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandedIn } from '../shared/db/runs.ts'
import type { Problem } from '../shared/problem.ts'
import type { Artifact, RunResult, RunState } from '../shared/run.ts'
import type { Storage, Stored } from './io/storage.ts'
import type { JudgedResult } from './judge_run.ts'
import { sleep } from './system/drain.ts'
import type { Log } from './system/log.ts'

/** The log of a run: what it did, for the author of the source. */
export const LOG_NAME = 'output.txt'

/** As much of the log as a page shows. */
const LOG_TAIL_CHARS = 8_000

/** State keys whose value is the name of a file of the run. */
const FILE_KEYS = ['cache', 'sample', 'processed', 'output', 'preview', 'slippymap', 'pmtiles'] as const

/** A storage that is away is asked again after this long, then after twice as long, and so on … */
const FIRST_PAUSE_MS = 500

/** … but at least this often. */
const PAUSE_MS_MAX = 60_000

export interface Publishing {
  readonly storage: Storage
  readonly runId: number
  /** Where the files are on this computer. */
  readonly folder: string
  /** For how long a storage that is away is waited for, and who may end that. */
  readonly patience: { readonly seconds: number; readonly signal: AbortSignal; readonly log: Log }
}

/** A file of a run cannot be stored. */
export class PublishError extends Error {
  override readonly name = 'PublishError'
}

/**
 * Publish all files of a run that came to a result.
 *
 * @throws {PublishError} when a file cannot be stored: a run is done only when its files are there
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
 * Publish one file; a storage that is away is asked again, with growing pauses. What was stored stays stored.
 *
 * @throws {PublishError} when it cannot be stored
 */
export async function publishFile(
  { storage, runId, folder, patience }: Publishing,
  name: string,
  type: string,
): Promise<Stored> {
  const giveUpAt = performance.now() + patience.seconds * 1000
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    try {
      return await storage.put(`runs/${runId}/${name}`, join(folder, name), { type })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      // A name that no storage takes will not be taken later either.
      const isHopeless = error instanceof TypeError || performance.now() + pause > giveUpAt
      if (isHopeless || patience.signal.aborted) throw new PublishError(why, { cause: error })
      patience.log(`storing ${name} of run ${runId} again in ${pause / 1000} s: ${why}`)
      await sleep(pause, patience.signal)
    }
  }
}

/** File names become addresses; a name that was not published becomes null rather than a dead link. */
export function withAddresses(state: RunState, urls: ReadonlyMap<string, string>): RunState {
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
