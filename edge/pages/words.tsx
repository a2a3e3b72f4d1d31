/** Small pieces that several pages say. */
import type { Child } from 'hono/jsx'
import type { Job, JobSource } from '../../shared/db/jobs.ts'
import type { Run } from '../../shared/db/runs.ts'
import { isHeld } from '../../shared/hold.ts'
import { isProblemCode, sentence } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { ago, counted, grouped } from '../../shared/text.ts'

/** Every state that a page shows: a sign and a word; its colour stands in the style sheet. */
export const STATES = {
  good: ['✓', 'good'],
  failed: ['✗', 'failed'],
  held: ['‖', 'held'],
  running: ['→', 'running'],
  received: ['·', 'received'],
  waiting: ['·', 'waiting'],
  skipped: ['–', 'skipped'],
  'given-up': ['–', 'given up'],
} as const

/** A state of a job, a data source or a run. */
export type State = keyof typeof STATES

/** A state as a sign, a word and a colour: any one of them is enough. */
export function StateMark({ state }: { readonly state: State }) {
  const [sign, word] = STATES[state]
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  )
}

/** Where a job stands: it has failed as soon as one of its data sources has. */
export function stateOfJob({ status, expandedAt }: Pick<Job, 'status' | 'expandedAt'>): State {
  if (status !== null) return status ? 'good' : 'failed'
  return expandedAt === null ? 'received' : 'running'
}

/** Where a data source of a job stands. */
export function stateOfSource({ status, runId, problem, abandonedWhy }: JobSource): State {
  if (status !== null) return settled(status, problem)
  return runId === null || abandonedWhy !== null ? 'waiting' : 'running'
}

/** Where a run stands. */
export function stateOfRun({ status, problem, abandonedAt }: Run): State {
  if (status !== null) return settled(status, problem)
  return abandonedAt === null ? 'running' : 'given-up'
}

function settled(status: boolean, problem: string | null): State {
  if (!status) return isHeld(problem) ? 'held' : 'failed'
  return problem === 'skipped' ? 'skipped' : 'good'
}

/** How many data sources of a job are where. */
export interface Counts {
  readonly sources: number
  readonly good: number
  readonly bad: number
}

/** A job in one sentence, without its full stop. */
export function headline(
  { problem, expandedAt }: Pick<Job, 'problem' | 'expandedAt'>,
  { sources, good, bad }: Counts,
): string {
  if (problem !== null) return 'The change could not be looked into'
  if (expandedAt === null) return 'Looking for sources that changed'
  if (sources === 0) return 'Nothing to check: no source was touched'
  if (good === sources)
    return good === 1 ? 'The data source is good' : `All ${counted(good, 'data source')} are good`

  const open = sources - good - bad
  const parts = [`${grouped(good)} of ${counted(sources, 'data source')} good`]
  if (bad > 0) parts.push(`${grouped(bad)} failed`)
  if (open > 0) parts.push(`${grouped(open)} still going`)
  return parts.join(', ')
}

/** How long ago something was, with the exact time for who wants it. */
export function Ago({ at, now }: { readonly at: Date; readonly now: Date }) {
  return (
    <time datetime={at.toISOString()} title={`${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`}>
      {ago(at, now)}
    </time>
  )
}

export interface CommitProps {
  readonly job: Pick<Job, 'owner' | 'repository' | 'commitSha' | 'ref' | 'pullNumber'>
}

/** Where a job comes from, linked to GitHub. */
export function Commit({ job: { owner, repository, commitSha, ref, pullNumber } }: CommitProps) {
  const home = `https://github.com/${encodeURIComponent(owner)}/${encodeURIComponent(repository)}`
  return (
    <>
      <bdi>
        {owner}/{repository}
      </bdi>
      {', '}
      {pullNumber === null ? (
        ref !== null && (
          <>
            branch <bdi>{ref.replace('refs/heads/', '')}</bdi>{' '}
          </>
        )
      ) : (
        <>
          <a href={`${home}/pull/${pullNumber}`}>pull request {pullNumber}</a>{' '}
        </>
      )}
      at{' '}
      <a href={`${home}/commit/${encodeURIComponent(commitSha)}`}>
        <code>{commitSha.slice(0, 7)}</code>
      </a>
    </>
  )
}

export interface SourceNameProps {
  readonly source: { readonly sourcePath: string; readonly layer: string; readonly name: string }
}

/** `us/ca/berkeley` and, quieter, which data source of the file; strangers chose all three. */
export function SourceName({ source: { sourcePath, layer, name } }: SourceNameProps) {
  return (
    <>
      <bdi class="base">{breakable(baseOf(sourcePath))}</bdi>
      {layer !== '' && (
        <>
          {' '}
          <bdi class="layer">
            {layer} / {name}
          </bdi>
        </>
      )}
    </>
  )
}

export interface ProblemProps {
  readonly code: string
  readonly detail: string | null
}

/** What is wrong, and what its reader can do. */
export function ProblemText({ code, detail }: ProblemProps) {
  // A newer worker may know a problem that this page does not.
  if (!isProblemCode(code)) {
    return (
      <div class="problem">
        <p class="what">
          <bdi>{detail ?? ''}</bdi>
        </p>
        <p class="advice">
          <code>{code}</code>
        </p>
      </div>
    )
  }
  return (
    <div class="problem">
      <p class="what">
        <bdi>{sentence({ code, detail: detail ?? '' })}</bdi>
      </p>
      <p class="advice">
        {PROBLEMS[code].advice}{' '}
        <a href={`/problems#${code}`}>
          <code>{code}</code>
        </a>
      </p>
    </div>
  )
}

/** A long path breaks after a slash or an underscore, where it has to. */
function breakable(path: string): Child {
  return path.split(/(?<=[/_])/).map((part, at) => (
    <>
      {at > 0 && <wbr />}
      {part}
    </>
  ))
}

/** `us/ca/berkeley` of `sources/us/ca/berkeley.json`. */
export function baseOf(sourcePath: string): string {
  return sourcePath.replace(/^sources\//, '').replace(/\.json$/, '')
}
