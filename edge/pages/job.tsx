/** `/jobs/:id`: one job: its verdict, and each of its data sources as it moves. */
import type { Context } from 'hono'
import { type Job, type JobSource, readJob, readJobSources } from '../../shared/db/jobs.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { ago, counted, duration, grouped } from '../../shared/text.ts'
import { type Doors, missing } from '../app.ts'
import { answer, idOf } from './answer.ts'
import { Layout } from './layout.tsx'
import { Moving } from './moving.tsx'
import { baseOf, Commit, ProblemText, Verdict } from './words.tsx'

/** Everything that the page of a job says. */
export interface JobFacts {
  readonly job: Job
  readonly sources: readonly JobSource[]
}

/** Answer with a job. */
export async function jobPage(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const facts = await readJobFacts(sql, id)
  if (facts === undefined) return missing(c, `There is no job ${id}`)
  return answer(c, {
    facts: { ...facts.job, sources: facts.sources },
    view: () => <JobView {...facts} now={new Date()} />,
  })
}

/** A job with its data sources; undefined when there is none. */
export async function readJobFacts(sql: Sql, id: string): Promise<JobFacts | undefined> {
  const job = await readJob(sql, id)
  return job && { job, sources: await readJobSources(sql, id) }
}

function JobView({ job, sources, now }: JobFacts & { readonly now: Date }) {
  const isLive = job.endedAt === null
  return (
    <Layout title={`Job ${job.id.slice(0, 8)}`} isLive={isLive}>
      <div id="live" {...(isLive ? { 'data-live': `/jobs/${job.id}/live` } : {})} aria-live="polite">
        <JobBody job={job} sources={sources} now={now} />
      </div>
    </Layout>
  )
}

/** What changes on the page while the job goes on. */
export function JobBody({ job, sources, now }: JobFacts & { readonly now: Date }) {
  return (
    <>
      <p class="eyebrow">
        <Verdict status={job.status} isOpen={job.endedAt === null} /> Job <code>{job.id.slice(0, 8)}</code>
      </p>
      <h1>{headline(job, sources)}</h1>
      <p class="quiet">
        <Commit job={job} /> · {ago(job.startedAt, now)}
        {job.endedAt !== null && (
          <> · took {duration((job.endedAt.getTime() - job.startedAt.getTime()) / 1000)}</>
        )}
      </p>
      {job.problem !== null && <ProblemText code={job.problem} detail={job.problemDetail} />}
      {sources.length > 0 && <Tally sources={sources} />}
      <ol class="cards">
        {sources.map((source) => (
          <SourceCard source={source} now={now} />
        ))}
      </ol>
    </>
  )
}

function headline({ problem, expandedAt }: Job, sources: readonly JobSource[]): string {
  if (problem !== null) return 'The change could not be looked into'
  if (expandedAt === null) return 'Looking for sources that changed'
  if (sources.length === 0) return 'Nothing to check: no source was touched'

  const count = (wanted: boolean | null) => sources.filter(({ status }) => status === wanted).length
  const [good, bad, open] = [count(true), count(false), count(null)]
  if (good === sources.length)
    return good === 1 ? 'The data source is good' : `All ${good} data sources are good`
  const parts = [`${good} of ${counted(sources.length, 'data source')} good`]
  if (bad > 0) parts.push(`${bad} failed`)
  if (open > 0) parts.push(`${open} still going`)
  return parts.join(', ')
}

/** The whole job in one bar. */
function Tally({ sources }: { readonly sources: readonly JobSource[] }) {
  return (
    <div class="tally" aria-hidden="true">
      {sources.map(({ status, runId }) => (
        <span
          class={status === true ? 'good' : status === false ? 'bad' : runId === null ? 'waiting' : 'open'}
        ></span>
      ))}
    </div>
  )
}

function SourceCard({ source, now }: { readonly source: JobSource; readonly now: Date }) {
  const { sourcePath, layer, name, runId, status } = source
  const title = (
    <>
      <strong>{baseOf(sourcePath)}</strong>{' '}
      {layer !== '' && (
        <span class="quiet">
          {layer} / {name}
        </span>
      )}
    </>
  )
  return (
    <li class={`card source ${status === true ? 'good' : status === false ? 'bad' : 'open'}`}>
      <div class="row">
        <span class="title">{runId === null ? title : <a href={`/runs/${runId}`}>{title}</a>}</span>
        <span class="outcome">
          <SourceState source={source} />
        </span>
      </div>
      {status === null && runId !== null && <Moving source={source} />}
      {status === false && source.problem !== null && (
        <ProblemText code={source.problem} detail={source.problemDetail} />
      )}
      <Notes source={source} now={now} />
    </li>
  )
}

function SourceState({
  source: { status, runId, rows, startedAt, settledAt, problem },
}: {
  readonly source: JobSource
}) {
  if (status === null) return <span class="state open">{runId === null ? '· waiting' : '… running'}</span>
  if (status === false) return <span class="state bad">✗ failed</span>
  const seconds =
    startedAt !== null && settledAt !== null ? (settledAt.getTime() - startedAt.getTime()) / 1000 : undefined
  return (
    <>
      <span class="quiet numbers">
        {rows !== null && `${grouped(rows)} rows`}
        {seconds !== undefined && ` · ${duration(seconds)}`}
      </span>{' '}
      <span class="state good">{problem === 'skipped' ? '✓ skipped' : '✓ good'}</span>
    </>
  )
}

/** What is not the usual: a result used again, an attempt that is not the first. */
function Notes({ source, now }: { readonly source: JobSource; readonly now: Date }) {
  const { copyOf, attempt, abandonedWhy, settledAt, status } = source
  return (
    <>
      {copyOf !== null && (
        <p class="quiet">
          Same file as before: result of <a href={`/runs/${copyOf}`}>run {copyOf}</a> used again
          {settledAt !== null && ` ${ago(settledAt, now)}`}.
        </p>
      )}
      {attempt !== null && attempt > 1 && <p class="quiet">Attempt {attempt}.</p>}
      {status === null && abandonedWhy !== null && (
        <p class="quiet">The last attempt ended ({abandonedWhy}); the next one waits.</p>
      )}
    </>
  )
}
