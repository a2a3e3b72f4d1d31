/**
 * What becomes of a good result before it is handed in: it is compared with the last accepted one, row by row and number
 * by number, and held where it should not be believed.
 *
 * The comparison of rows is a child process, as the run was: it reads what a stranger's data became.
 */
import { createWriteStream } from 'node:fs'
import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { LastAccepted } from '../shared/db/verdicts.ts'
import type { RunDiff } from '../shared/diff.ts'
import { holdProblem } from '../shared/hold.ts'
import { type Problem, sentence } from '../shared/problem.ts'
import type { Artifact, RunResult, RunState } from '../shared/run.ts'
import { type Accepted, judge, type Verdict, type VerdictRules } from '../shared/verdict.ts'
import type { Storage } from './io/storage.ts'
import { INDEX_JSON, INDEX_TXT, writeState } from './outputs/state.ts'
import { CommandError, selfCommand, start } from './system/spawn.ts'

const CLI = join(import.meta.dirname, 'cli.ts')

/** Rows of a run, as they are published and as they lie in its folder; and what they are compared into. */
const ROWS = { published: 'out.geojson.gz', here: 'out.geojson', diff: 'diff.ndjson.gz' } as const

export interface Judging {
  readonly storage: Storage
  /** Where the files of the run are. */
  readonly folder: string
  /** The last accepted run of the data source; undefined where there is none. */
  readonly before: LastAccepted | undefined
  readonly rules: VerdictRules
  readonly signal: AbortSignal
}

/** A result with what was decided about it. */
export interface JudgedResult extends RunResult {
  readonly verdict: Verdict
  /** Null where there is nothing to compare with, or rows were not asked for. */
  readonly diff: RunDiff | null
}

/** Judge a result; a held one comes back as failed, with a problem that has the numbers. */
export async function judgeRun(judging: Judging, result: RunResult): Promise<JudgedResult> {
  const { before, rules, folder } = judging
  const { ok, state, rows, bounds } = result
  const run = { ok, skipped: state.skipped, rows: rows.written, quality: state.quality, bounds }
  const verdict = judge(run, before === undefined ? null : acceptedOf(before), rules)
  const isData = verdict.verdict !== 'fail' && !state.skipped
  const diff = isData ? await diffRows(judging).catch((error) => logFailure(folder, error)) : null
  const problem = holdProblem(verdict)
  await tellLog(folder, { verdict, diff, problem })
  if (problem !== null) await holdState(folder, problem)

  const made = diff === null ? [] : [await artifactOf(folder, ROWS.diff, 'application/gzip')]
  const artifacts = await Promise.all(result.artifacts.map((artifact) => sizedAgain(folder, artifact)))
  const held = problem === null ? {} : { ok: false, problem, state: heldState(state, problem) }
  return { ...result, ...held, artifacts: [...artifacts, ...made], verdict, diff }
}

function acceptedOf({ runId, state, bounds }: LastAccepted): Accepted {
  return {
    runId,
    rows: state['feat count'] ?? state['address count'] ?? 0,
    quality: state.quality ?? null,
    bounds,
  }
}

/** Compare rows with those of the run before; null where one of the two has none. */
async function diffRows({ storage, folder, before, signal }: Judging): Promise<RunDiff | null> {
  const now = join(folder, ROWS.here)
  if (before === undefined || !(await isThere(now))) return null
  const found = await storage.get(`runs/${before.filesOf}/${ROWS.published}`)
  if (found === undefined) return null
  const scratch = join(folder, 'before.part')
  await mkdir(scratch, { recursive: true })
  try {
    const earlier = join(scratch, ROWS.published)
    await pipeline(found.body, createWriteStream(earlier), { signal })
    return await runDiff([earlier, now, join(folder, ROWS.diff)], signal)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function runDiff(paths: readonly string[], signal: AbortSignal): Promise<RunDiff> {
  const [command, ...args] = selfCommand(CLI)
  let said = ''
  const program = start(command, [...args, 'diff-runs', '--json', '--', ...paths], {
    signal,
    onLine(line) {
      said = line
    },
  })
  const ended = await program.ended
  if (ended.code !== 0)
    throw new CommandError(`diff-runs ended with code ${ended.code}: ${ended.stderr}`, ended)
  return JSON.parse(said) as RunDiff
}

interface Told {
  readonly verdict: Verdict
  readonly diff: RunDiff | null
  readonly problem: Problem | null
}

/** The author of the source reads the log: what was decided belongs there. */
async function tellLog(folder: string, { verdict, diff, problem }: Told): Promise<void> {
  const lines = [
    verdict.against === null ? '' : `compared with run ${verdict.against}, the last accepted one`,
    verdict.note ?? '',
    diff === null
      ? ''
      : `rows: ${diff.added} added, ${diff.removed} removed, ${diff.moved} moved, ${diff.edited} edited, ${diff.unchanged} unchanged`,
    problem === null ? '' : `held: ${sentence(problem)}`,
  ]
  await appendFile(
    join(folder, 'output.txt'),
    lines
      .filter(Boolean)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

/** A comparison that could not be made (a file of an older Machine, say) is told, and takes nothing from the run. */
async function logFailure(folder: string, error: unknown): Promise<null> {
  const why = error instanceof Error ? error.message : String(error)
  await appendFile(join(folder, 'output.txt'), `rows could not be compared with the run before: ${why}\n`)
  return null
}

/** The state that is published says what the run page says. */
async function holdState(folder: string, problem: Problem): Promise<void> {
  const [keys, values] = JSON.parse(await readFile(join(folder, INDEX_JSON), 'utf8')) as [string[], unknown[]]
  const state = Object.fromEntries(keys.map((key, at) => [key, values[at]])) as unknown as RunState
  await writeState(folder, heldState(state, problem))
}

function heldState(state: RunState, problem: Problem): RunState {
  return { ...state, 'problem code': problem.code, 'problem sentence': sentence(problem) }
}

/** What was written to again has another size. */
function sizedAgain(folder: string, artifact: Artifact): Promise<Artifact> {
  const isWritten = [INDEX_JSON, INDEX_TXT, 'output.txt'].includes(artifact.name)
  return isWritten ? artifactOf(folder, artifact.name, artifact.type) : Promise.resolve(artifact)
}

async function artifactOf(folder: string, name: string, type: string): Promise<Artifact> {
  return { name, type, bytes: (await stat(join(folder, name))).size }
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
