/**
 * A job as a check run of GitHub: computed from its present truth alone, so that it can be said again at any time.
 *
 * Source: https://docs.github.com/en/rest/checks/runs
 */
import { counted } from './text.ts'
import { countSources, isStopped, type Told, type ToldFinding } from './told.ts'
import { plain, sourceTable, within } from './told_table.ts'

/** GitHub refuses a longer summary. */
export const SUMMARY_CHARS_MAX = 65_535

/** GitHub takes so many annotations in one call. */
export const ANNOTATIONS_AT_ONCE = 50

/** Findings and notes take this much at most; the table has the rest. */
const NOTES_CHARS_MAX = 10_000

/** How a check run ended. */
export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'action_required'

/** A check run, in GitHub's words. */
export interface Check {
  readonly status: 'queued' | 'in_progress' | 'completed'
  /** Null until it is completed. */
  readonly conclusion: Conclusion | null
  /** One sentence. */
  readonly title: string
  /** Markdown. */
  readonly summary: string
}

/** A remark on a line of a file, in GitHub's words. */
export interface Annotation {
  readonly path: string
  readonly start_line: number
  readonly end_line: number
  readonly start_column: number
  readonly end_column: number
  readonly annotation_level: 'failure' | 'warning'
  readonly title: string
  readonly message: string
}

/** The check run of a job now. */
export function jobCheck(told: Told): Check {
  const { status, conclusion, title } = verdict(told)
  return { status, conclusion, title, summary: summary(told, title) }
}

/** The remarks on lines, in the order of the files. */
export function annotations(findings: readonly ToldFinding[]): Annotation[] {
  return findings.map(({ path, line, col, level, code, message }) => ({
    path,
    start_line: line,
    end_line: line,
    start_column: col,
    end_column: col,
    annotation_level: level === 'error' ? 'failure' : 'warning',
    title: code,
    message,
  }))
}

function verdict(told: Told): Omit<Check, 'summary'> {
  const { job, sources, findings } = told
  const { all, open, good, bad, held } = countSources(sources)
  const done = (conclusion: Conclusion, title: string) =>
    ({ status: 'completed', conclusion, title }) as const

  if (job.waitsFor === 'approval') return done('action_required', 'Waiting for approval')
  if (isStopped(job.problem))
    return done('cancelled', job.problem === 'superseded' ? 'A newer push took its place' : 'Cancelled')
  if (job.problemDetail !== null) return done('failure', 'The change could not be looked into')
  if (job.waitsFor === 'rate') return { status: 'queued', conclusion: null, title: 'Waiting for its turn' }
  if (job.expandedAt === null)
    return { status: 'queued', conclusion: null, title: 'Looking for sources that changed' }
  if (all === 0)
    return findings.some(({ level }) => level === 'error')
      ? done('failure', 'The source files cannot be read')
      : done('neutral', 'Nothing to check: no data source was touched')

  const failed = [...(bad > 0 ? [`${bad} failed`] : []), ...(held > 0 ? [`${held} held`] : [])]
  if (open > 0) {
    const title = [`${all - open} of ${all} done`, ...failed].join(', ')
    return { status: 'in_progress', conclusion: null, title }
  }
  if (failed.length > 0) {
    const isLate = sources.every(({ status, problem }) => status !== false || problem === 'timed-out')
    return done(isLate ? 'timed_out' : 'failure', [`${good} of ${all} good`, ...failed].join(', '))
  }
  if (sources.every(({ problem }) => problem === 'skipped'))
    return done('neutral', `Nothing to check: ${counted(all, 'data source')} skipped`)
  return done(
    'success',
    all === 1 ? 'The data source is good' : `All ${counted(all, 'data source')} are good`,
  )
}

function summary(told: Told, title: string): string {
  const { job, findings, baseUrl } = told
  const why = job.waitsWhy ?? job.problemDetail
  const found = findings.map(
    ({ path, line, code, message }) => `- \`${code}\` ${plain(path)}, line ${line}: ${plain(message)}`,
  )
  const notes = job.notes.map((note) => `- ${plain(note)}`)
  const parts = [
    `${sentenceOf(plain(why ?? title))} [All of it](${baseUrl}/jobs/${job.id})`,
    within(found, NOTES_CHARS_MAX),
    within(notes, NOTES_CHARS_MAX),
  ].filter((part) => part !== '')
  const above = parts.join('\n\n')
  const table = sourceTable(told, SUMMARY_CHARS_MAX - above.length - 2)
  return [above, table].filter((part) => part !== '').join('\n\n')
}

function sentenceOf(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
