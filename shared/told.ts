/** What is to be known of a job to tell GitHub of it, and the few words that check, comment and status share. */
import { isHeld } from './hold.ts'
import type { JudgedJob, JudgedSource } from './status.ts'

/** A job as it is told. */
export interface ToldJob extends JudgedJob {
  readonly id: string
  readonly notes: readonly string[]
}

/** A data source as it is told. */
export interface ToldSource extends JudgedSource {
  /** The run whose files are shown; null while it waits, or where none was needed. */
  readonly runId: number | null
  readonly problem: string | null
  readonly problemDetail: string | null
  readonly rows: number | null
  /** Rows of the last accepted run; null where there is none. */
  readonly rowsBefore: number | null
  readonly hasPicture: boolean
}

/** Something wrong on a line. */
export interface ToldFinding {
  readonly path: string
  readonly level: 'error' | 'warning'
  readonly code: string
  readonly line: number
  readonly col: number
  readonly message: string
}

/** Everything that is told of a job. */
export interface Told {
  readonly job: ToldJob
  readonly sources: readonly ToldSource[]
  readonly findings: readonly ToldFinding[]
  /** Where the pages are: `https://…` without a last slash. */
  readonly baseUrl: string
}

/** How many data sources are where. */
export interface ToldCounts {
  readonly all: number
  readonly open: number
  readonly good: number
  readonly bad: number
  readonly held: number
}

/** Count the data sources of a job. */
export function countSources(sources: readonly ToldSource[]): ToldCounts {
  const count = (is: (source: ToldSource) => boolean) => sources.filter(is).length
  return {
    all: sources.length,
    open: count(({ status }) => status === null),
    good: count(({ status }) => status === true),
    bad: count(({ status, problem }) => status === false && !isHeld(problem)),
    held: count(({ status, problem }) => status === false && isHeld(problem)),
  }
}

/** `us/ca/berkeley addresses/city`; the path alone where the file could not be read. */
export function nameOfSource({ sourcePath, layer, name }: JudgedSource): string {
  const base = sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
  return layer === '' ? base : `${base} ${layer}/${name}`
}

/** Whether a job ended because somebody, or a newer push, wanted it no more. */
export function isStopped(problem: string | null | undefined): boolean {
  return problem === 'superseded' || problem === 'cancelled'
}
