/**
 * One run at work: its folder, its log, and what is known of it so far.
 *
 * It is opened before anything else, so that whatever happens leaves a log and a state behind.
 */
import { mkdir, readdir, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type Problem, sentence } from '../shared/problem.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { Artifact, Earlier, Progress, RunResult, RunState } from '../shared/run.ts'
import type { EsriManners } from './download/cache.ts'
import type { HostManners } from './download/manners.ts'
import { addressZipName } from './outputs/address_zip.ts'
import { OUT_FGB } from './outputs/flatgeobuf.ts'
import { OUT_GEOJSON, OUT_GEOJSON_GZ } from './outputs/geojson.ts'
import { OUT_PARQUET } from './outputs/geoparquet.ts'
import { artifact } from './outputs/output.ts'
import { OUTPUT_TXT, type RunLog, runLog } from './outputs/output_txt.ts'
import type { OutputName } from './outputs/outputs.ts'
import { PREVIEW_PNG } from './outputs/preview.ts'
import { SAMPLE_JSON, type Sampler, sampler, writeSample } from './outputs/sample.ts'
import { SLIPPYMAP } from './outputs/slippymap.ts'
import {
  COVERAGE_INCOMPLETE,
  elapsed,
  emptyState,
  INDEX_JSON,
  INDEX_TXT,
  sourceProblem,
  writeState,
} from './outputs/state.ts'
import { type Tally, tallyBounds } from './outputs/tally.ts'

export interface ProcessOptions {
  /** Made when it is not there; files of the run land here, side by side. */
  readonly folder: string
  /** Absent takes the layer of the first data source of the file. */
  readonly layer?: string
  /** Absent takes the first data source of the layer. */
  readonly name?: string
  /** Told when a stage begins, and at most four times a second while it lasts. */
  readonly tell: (progress: Progress) => void
  /** Ends the run, and the programs that it has started. */
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Addresses of this machine and its network may be visited, and its files read. */
  readonly allowPrivate: boolean
  /** How to treat ESRI servers; every field has a default. */
  readonly esri?: EsriManners
  /** The same by host, which goes first. */
  readonly manners?: HostManners
  /** Data that is this is not worked on again: the run ends as unchanged. */
  readonly earlier?: Earlier
  /** What to make; absent makes everything that can be made here. */
  readonly outputs?: readonly OutputName[]
  /** Key of Protomaps, for a base map under the preview; absent, there is none. */
  readonly protomapsKey?: string
  /** Of the code, for the state. */
  readonly version: string
}

export interface Run {
  /** Source base, such as `us/ca/berkeley`. */
  readonly sourceName: string
  readonly options: ProcessOptions
  readonly log: RunLog
  readonly state: RunState
  readonly artifacts: Artifact[]
  /** Outputs of which nothing came. */
  readonly missing: OutputName[]
  readonly sampler: Sampler
  readonly seconds: { cache: number; process: number }
  /** The published file that `process hash` is of. */
  product: string | null
  /** Undefined until rows are read. */
  tally: Tally | undefined
  /** Of the source file. */
  coverage: unknown
  /** The data is that of the earlier run. */
  isUnchanged: boolean
}

/** What unpacking and a download that broke off leave in the folder; gone when the run ends. */
const IN_BETWEEN = ['data', 'cache.part']

/** Content types of caches; anything else is bytes. */
const CACHE_TYPES: Readonly<Record<string, string>> = {
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.xml': 'application/xml',
  '.gml': 'application/gml+xml',
}

/** Make the folder ready and begin the log. */
export async function openRun(sourceName: string, options: ProcessOptions): Promise<Run> {
  const { folder, layer = '', name = '', version } = options
  await mkdir(folder, { recursive: true })
  await clearEarlier(folder, sourceName)
  return {
    sourceName,
    options,
    log: runLog(folder, options.now),
    state: emptyState(`${basename(sourceName)}.json`, layer, name, version),
    artifacts: [],
    missing: [],
    sampler: sampler(),
    seconds: { cache: 0, process: 0 },
    product: null,
    tally: undefined,
    coverage: undefined,
    isUnchanged: false,
  }
}

/** Write down how the run ended. */
export async function finishRun(run: Run, problem: Problem | null): Promise<RunResult> {
  const { folder } = run.options
  // Before anything is written: a disk that is full has no room for the state.
  await tidy(run)
  const sample = run.sampler.table()
  if (sample !== null) await writeSample(folder, sample)
  if (problem !== null) run.log.line(`failed: ${sentence(problem)} — ${PROBLEMS[problem.code].advice}`)
  completeState(run, problem, sample !== null)
  if (problem === null && run.state['source problem'] === COVERAGE_INCOMPLETE) {
    run.log.line(
      'warning: the coverage of the source is missing or incomplete; it needs "ISO 3166", "US Census" or "geometry"',
    )
  }
  await writeState(folder, run.state)

  return {
    ok: problem === null,
    problem,
    ...(run.isUnchanged && problem === null ? { unchanged: true } : {}),
    // On the disk the plain file lies beside the state; published is the product made of the same rows.
    state: { ...run.state, processed: run.product },
    sample,
    artifacts: await artifacts(run),
    ...(run.missing.length === 0 ? {} : { missing: run.missing }),
    rows: {
      read: run.tally?.read ?? 0,
      written: problem === null ? (run.tally?.written ?? 0) : 0,
      dropped: Object.fromEntries([...(run.tally?.dropped ?? [])].map(([why, { count }]) => [why, count])),
    },
    ...(run.tally === undefined ? {} : { filled: run.tally.filled }),
    bounds: run.tally === undefined ? null : tallyBounds(run.tally),
    seconds: run.seconds,
  }
}

/** Close what is open and remove what was only in between. */
export async function closeRun(run: Run): Promise<void> {
  run.log.close()
  await tidy(run)
}

/** What was only in between goes, and a cache that did not become one. */
async function tidy({ options: { folder }, state }: Run): Promise<void> {
  const there = await readdir(folder)
  const rest = there.filter((name) => IN_BETWEEN.includes(name) || (isCache(name) && name !== state.cache))
  for (const name of rest) await rm(join(folder, name), { recursive: true, force: true })
}

function isCache(name: string): boolean {
  return /^cache(\.|$)/.test(name)
}

/** Run a step and count its seconds, whether it succeeds or not. */
export async function timed<T>(run: Run, step: 'cache' | 'process', deed: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await deed()
  } finally {
    run.seconds[step] += (performance.now() - began) / 1000
  }
}

function completeState(
  { state, seconds, tally, coverage }: Run,
  problem: Problem | null,
  hasSample: boolean,
): void {
  // Zero is what the original wrote for data that was there and could not be used.
  const untouched = state.cache === null ? null : 0
  const count = problem === null ? (tally?.written ?? null) : untouched
  state['feat count'] = count
  state['address count'] = state.layer === 'addresses' ? count : null
  state['geometry type'] = tally?.geometryType ?? null
  state['cache time'] = seconds.cache === 0 ? null : elapsed(seconds.cache)
  state['process time'] = seconds.process === 0 ? null : elapsed(seconds.process)
  state.sample = hasSample ? SAMPLE_JSON : null
  const code = state.skipped ? 'skipped' : (problem?.code ?? null)
  state['source problem'] = sourceProblem(code, coverage)
  state['problem code'] = code
  state['problem sentence'] = code === null ? null : sentence({ code, detail: problem?.detail ?? '' })
}

/** Everything to publish: what outputs made, and what every run leaves. */
async function artifacts({ options: { folder }, artifacts, state }: Run): Promise<readonly Artifact[]> {
  const always: [name: string | null, type: string][] = [
    [state.cache, CACHE_TYPES[extname(state.cache ?? '').toLowerCase()] ?? 'application/octet-stream'],
    [state.sample, 'application/json'],
    [OUTPUT_TXT, 'text/plain; charset=utf-8'],
    [INDEX_JSON, 'application/json'],
    [INDEX_TXT, 'text/plain; charset=utf-8'],
  ]
  const rest: Artifact[] = []
  for (const [name, type] of always) if (name !== null) rest.push(await artifact(folder, name, type))
  return [...artifacts, ...rest]
}

/** Nothing of an earlier run into the same folder may pass for a result of this one. */
async function clearEarlier(folder: string, sourceName: string): Promise<void> {
  const ours = [
    OUT_GEOJSON,
    OUT_GEOJSON_GZ,
    OUT_PARQUET,
    OUT_FGB,
    PREVIEW_PNG,
    addressZipName(sourceName),
    SAMPLE_JSON,
    SLIPPYMAP,
    INDEX_JSON,
    INDEX_TXT,
  ]
  const there = await readdir(folder)
  const earlier = there.filter((name) => ours.includes(name) || isCache(name) || IN_BETWEEN.includes(name))
  for (const name of earlier) await rm(join(folder, name), { recursive: true, force: true })
}
