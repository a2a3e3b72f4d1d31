/**
 * `index.json` and `index.txt`: the state of a run in the original's two shapes, keys in one row and
 * values in the next.
 *
 *     [["source", "layer", …], ["berkeley.json", "addresses", …]]
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isCovered } from '../../shared/coverage.ts'
import type { ProblemCode } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import type { RunState } from '../../shared/run.ts'

export const INDEX_JSON = 'index.json'
export const INDEX_TXT = 'index.txt'

const SECONDS_A_DAY = 86_400

/** The state of a run of which nothing is known but which data source it is of. */
export function emptyState(source: string, layer: string, name: string, codeVersion: string): RunState {
  return {
    source,
    layer,
    name,
    skipped: false,
    cache: null,
    sample: null,
    website: null,
    license: null,
    'geometry type': null,
    'address count': null,
    'feat count': null,
    version: null,
    fingerprint: null,
    etag: null,
    'last modified': null,
    'cache time': null,
    processed: null,
    'process time': null,
    'process hash': null,
    output: 'output.txt',
    preview: null,
    slippymap: null,
    pmtiles: null,
    'attribution required': '',
    'attribution name': null,
    'share-alike': '',
    'source problem': null,
    'code version': codeVersion,
    'tests passed': null,
    'problem code': null,
    'problem sentence': null,
    quality: null,
  }
}

/** What the original calls the problem of a source file that does not say where it is. */
export const COVERAGE_INCOMPLETE = 'Missing or incomplete coverage'

/**
 * The original's wording of what is wrong, for those who read that field. A missing coverage is a
 * warning: it is told of good runs too, and only where nothing worse is.
 */
export function sourceProblem(code: ProblemCode | null, coverage: unknown): string | null {
  if (code !== null) return PROBLEMS[code].was
  return isCovered(coverage) ? null : COVERAGE_INCOMPLETE
}

/** Write both files into a run's folder. */
export async function writeState(folder: string, state: RunState): Promise<void> {
  await writeFile(join(folder, INDEX_JSON), indexJson(state))
  await writeFile(join(folder, INDEX_TXT), indexTxt(state))
}

export function indexJson(state: RunState): string {
  return `${JSON.stringify([Object.keys(state), Object.values(state)], null, 2)}\n`
}

/** Two lines with tabs between, ended by CR LF; `True` and `False`, and nothing for null, as Python writes. */
export function indexTxt(state: RunState): string {
  return [Object.keys(state), Object.values(state).map(pythonText)]
    .map((cells) => `${cells.map(quoted).join('\t')}\r\n`)
    .join('')
}

/** A span of time as Python prints it: `0:01:02.345678`, `0:00:02`, `1 day, 0:00:00`. */
export function elapsed(seconds: number): string {
  const microseconds = Math.round(seconds * 1e6)
  const whole = Math.floor(microseconds / 1e6)
  const days = Math.floor(whole / SECONDS_A_DAY)
  const rest = whole % SECONDS_A_DAY
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const clock = `${Math.floor(rest / 3600)}:${two((rest % 3600) / 60)}:${two(rest % 60)}`
  const fraction = microseconds % 1e6 === 0 ? '' : `.${String(microseconds % 1e6).padStart(6, '0')}`
  const before = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `
  return `${before}${clock}${fraction}`
}

function pythonText(value: string | number | boolean | object | null): string {
  if (value === null) return ''
  if (typeof value === 'object') return JSON.stringify(value)
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

function quoted(cell: string): string {
  return /["\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
