/**
 * The report at the end of a run, for a person: a small table of what was made and what was not.
 *
 *     good    addresses/city  2,849 rows in 1.2 s
 *       dropped  3 × has more cells than there are columns
 *       filled   number 100 %  street 99 %  unit 4 %
 */
import { createColors } from 'picocolors'
import { sentence } from '../shared/problem.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { RunResult } from '../shared/run.ts'
import { OUTPUT_TXT } from './outputs/output_txt.ts'
import { countText, sizeText } from './process_picture.ts'

/** Colours are for a terminal; a file or a program gets plain text, also where CI wants colours. */
const pc = createColors(process.stdout.isTTY === true)

/** The table of one run. @param peakBytes  memory that the process had at most */
export function report(
  label: string,
  result: RunResult,
  { folder, peakBytes }: { folder: string; peakBytes: number },
): string {
  return [
    headline(label, result),
    ...rowsOf(
      'dropped',
      Object.entries(result.rows.dropped).map(([why, count]) => `${countText(count)} × ${why}`),
    ),
    ...rowsOf('filled', filled(result)),
    ...rowsOf('bounds', result.bounds === null ? [] : [boundsText(result.bounds)]),
    ...rowsOf('files', files(result, folder)),
    ...rowsOf(
      'missing',
      (result.missing ?? []).map((name) => `${name} could not be made; ${OUTPUT_TXT} says why`),
    ),
    ...rowsOf('memory', [`${sizeText(peakBytes)} at most`]),
  ].join('\n')
}

function headline(label: string, { problem, unchanged, state, rows, seconds }: RunResult): string {
  if (state.skipped) return `${pc.yellow('skipped')} ${label}  the source says to skip it`
  if (problem !== null) {
    return `${pc.red('failed')}  ${label}  ${sentence(problem)}\n  advice   ${PROBLEMS[problem.code].advice}`
  }
  if (unchanged)
    return `${pc.green('good')}    ${label}  the data has not changed: nothing was made of it again`
  const time = `${seconds.cache.toFixed(1)} s download, ${seconds.process.toFixed(1)} s processing`
  const read = rows.read === rows.written ? '' : ` of ${countText(rows.read)} read`
  return `${pc.green('good')}    ${label}  ${countText(rows.written)} rows${read}  ${time}`
}

/** A name once, and a line for each value. */
function rowsOf(name: string, values: readonly string[]): string[] {
  return values.map((value, index) => `  ${(index === 0 ? name : '').padEnd(8)} ${value}`)
}

function filled({ filled = {}, rows }: RunResult): string[] {
  if (rows.written === 0) return []
  const shares = Object.entries(filled).map(([name, count]) => `${name} ${percent(count / rows.written)}`)
  return shares.length === 0 ? [] : [shares.join('  ')]
}

/** The folder once, then what is in it; with its rows, where it is made of rows. */
function files({ artifacts }: RunResult, folder: string): string[] {
  const width = Math.max(...artifacts.map(({ name }) => name.length))
  const sizes = Math.max(...artifacts.map(({ bytes }) => sizeText(bytes).length))
  const lines = artifacts.map(({ name, bytes, rows }) => {
    const size = rows === undefined ? sizeText(bytes) : sizeText(bytes).padEnd(sizes)
    return `  ${name.padEnd(width)}  ${size}${rows === undefined ? '' : `  ${countText(rows)} rows`}`
  })
  return [`${folder}/`, ...lines]
}

/** Whole percents, but neither 0 nor 100 for what is nearly so. */
function percent(share: number): string {
  if (share > 0 && share < 0.01) return '< 1 %'
  if (share < 1 && share > 0.99) return '> 99 %'
  return `${Math.round(share * 100)} %`
}

function boundsText([west, south, east, north]: readonly [number, number, number, number]): string {
  return `west ${west}  south ${south}  east ${east}  north ${north}`
}
