/**
 * What is said to GitHub about a job: a commit status, in the original's words where it had them.
 *
 * It is computed from the job's present truth alone, so that it can be said again at any time, and
 * never says something that a later one must take back.
 */

/** GitHub refuses a longer description. */
export const DESCRIPTION_LENGTH_MAX = 140

/** A commit status. */
export interface Status {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  readonly description: string
}

/** What a status needs to know of a job. */
export interface JudgedJob {
  readonly expandedAt: Date | null
  readonly problemDetail: string | null
  /** Code of why it ended before its time. */
  readonly problem?: string | null
  /** approval or rate, with the reason; null when it does not wait. */
  readonly waitsFor?: 'approval' | 'rate' | null
  readonly waitsWhy?: string | null
}

/** What a status needs to know of a data source. */
export interface JudgedSource {
  readonly sourcePath: string
  readonly layer: string
  readonly name: string
  readonly status: boolean | null
}

/** The status of a job now. */
export function jobStatus(job: JudgedJob, sources: readonly JudgedSource[]): Status {
  const { state, text } = verdict(job, sources)
  return { state, description: cut(text, DESCRIPTION_LENGTH_MAX) }
}

function verdict(job: JudgedJob, sources: readonly JudgedSource[]): { state: Status['state']; text: string } {
  if (job.problem === 'superseded' || job.problem === 'cancelled')
    return { state: 'error', text: job.problemDetail ?? 'Cancelled' }
  if (job.problemDetail !== null)
    return { state: 'error', text: `Could not read source files: ${job.problemDetail}` }
  if (job.waitsFor) return { state: 'pending', text: job.waitsWhy ?? 'Waiting' }
  if (job.expandedAt === null) return { state: 'pending', text: 'Looking for sources that changed' }
  if (sources.length === 0) return { state: 'success', text: 'Nothing to check' }

  const open = sources.filter(({ status }) => status === null)
  const bad = sources.filter(({ status }) => status === false)
  const done = `${sources.length - open.length} of ${sources.length} done`
  if (bad.length > 0) {
    const rest =
      open.length > 0 ? ` (${done})` : ` (${sources.length - bad.length} of ${sources.length} succeeded)`
    return { state: 'failure', text: `Failed on ${names(bad)}${rest}` }
  }
  if (open.length > 0) return { state: 'pending', text: `Checking ${names(open)} (${done})` }
  return { state: 'success', text: `Succeeded on ${names(sources)}` }
}

/** The first one or two by name, the rest by number. */
function names(sources: readonly JudgedSource[]): string {
  const shown = sources.slice(0, 2).map(nameOf)
  const more = sources.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

/** `us/ca/berkeley addresses/city`; the path alone where the file could not be read. */
function nameOf({ sourcePath, layer, name }: JudgedSource): string {
  const base = sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
  return layer === '' ? base : `${base} ${layer}/${name}`
}

/** By code points, so that no character is cut in half. */
function cut(text: string, length: number): string {
  const signs = [...text]
  return signs.length <= length ? text : `${signs.slice(0, length - 1).join('')}…`
}
