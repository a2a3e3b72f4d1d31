/** One data source on the page of its job: what it is, where it stands, what is wrong with it. */
import type { JobSource } from '../../shared/db/jobs.ts'
import { counted, duration } from '../../shared/text.ts'
import { Moving } from './moving.tsx'
import { Ago, ProblemText, SourceName, StateMark, stateOfSource } from './words.tsx'

export interface SourceCardProps {
  readonly source: JobSource
  readonly now: Date
}

/** An item of the list; its id keeps it in its place on a page that is brought up to date. */
export function SourceCard({ source, now }: SourceCardProps) {
  const { position, runId, problem, problemDetail, progress } = source
  const state = stateOfSource(source)
  return (
    <li class={`source ${state}`} id={`source-${position}`}>
      <div class="row">
        <span class="title">
          {runId === null ? (
            <SourceName source={source} />
          ) : (
            <a href={`/runs/${runId}`}>
              <SourceName source={source} />
            </a>
          )}
        </span>{' '}
        <span class="numbers">{numbers(source)}</span> <StateMark state={state} />
      </div>
      {state === 'running' && <Moving progress={progress} />}
      {(state === 'failed' || state === 'held') && problem !== null && (
        <ProblemText code={problem} detail={problemDetail} />
      )}
      <Notes source={source} now={now} />
    </li>
  )
}

/** `3,138 rows · 1.4 s`, of what has settled. */
function numbers({ status, rows, startedAt, settledAt, copyOf, attempt }: JobSource): string {
  if (status === null) return ''
  const seconds =
    startedAt !== null && settledAt !== null ? (settledAt.getTime() - startedAt.getTime()) / 1000 : undefined
  const said = [
    rows === null ? undefined : counted(rows, 'row'),
    // What needed no work took no time.
    seconds === undefined || copyOf !== null || attempt === null ? undefined : duration(seconds),
  ]
  return said.filter((part) => part !== undefined).join(' · ')
}

/** What is not the usual: a result used again, a source that says to skip it, an attempt that is not the first. */
function Notes({ source, now }: SourceCardProps) {
  const { copyOf, attempt, abandonedWhy, settledAt, status, problem, problemDetail } = source
  return (
    <>
      {copyOf !== null && (
        <p class="note">
          Same file as before: the result of <a href={`/runs/${copyOf}`}>run {copyOf}</a> was used again
          {settledAt !== null && (
            <>
              , <Ago at={settledAt} now={now} />
            </>
          )}
          .
        </p>
      )}
      {status === true && problem === 'skipped' && (
        <p class="note">
          The source says to skip it{problemDetail ? ': ' : '.'}
          <bdi>{problemDetail}</bdi>
        </p>
      )}
      {status === null && abandonedWhy !== null && (
        <p class="note">
          Attempt {attempt} was given up (<bdi>{abandonedWhy}</bdi>); the next one waits.
        </p>
      )}
      {attempt !== null && attempt > 1 && abandonedWhy === null && (
        <p class="note">{status === null ? `Attempt ${attempt}.` : `At the ${ordinal(attempt)} attempt.`}</p>
      )}
    </>
  )
}

function ordinal(attempt: number): string {
  return ['first', 'second', 'third', 'fourth', 'fifth'][attempt - 1] ?? `${attempt}th`
}
