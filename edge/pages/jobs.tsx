/** `/jobs/`: every job, newest first, a page at a time. */
import type { Context } from 'hono'
import { type JobLine, listJobs } from '../../shared/db/jobs.ts'
import { ago, counted } from '../../shared/text.ts'
import { type Doors, missing } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'
import { Commit, Verdict } from './words.tsx'

const PAGE_LENGTH = 25

/** Answer with a page of jobs; `?past=` is the sequence of the last job of the page before. */
export async function jobsPage(c: Context, { sql }: Doors): Promise<Response> {
  const past = c.req.query('past')
  if (past !== undefined && !/^\d{1,9}$/.test(past))
    return missing(c, `"${past}" is not a place in the list of jobs`)

  const jobs = await listJobs(sql, past === undefined ? undefined : Number(past), PAGE_LENGTH)
  const next = jobs.length === PAGE_LENGTH ? jobs.at(-1)?.sequence : undefined
  return answer(c, {
    facts: { jobs, next: next === undefined ? null : `/jobs/?past=${next}` },
    view: () => <JobsView jobs={jobs} next={next} now={new Date()} />,
  })
}

interface JobsProps {
  readonly jobs: readonly JobLine[]
  readonly next: number | undefined
  readonly now: Date
}

function JobsView({ jobs, next, now }: JobsProps) {
  return (
    <Layout title="Jobs">
      <h1>Jobs</h1>
      <p class="lead">
        A job is what one push or pull request asks for: a run for each data source it touches.
      </p>
      <JobList jobs={jobs} now={now} />
      {next !== undefined && (
        <p>
          <a href={`/jobs/?past=${next}`}>Older jobs</a>
        </p>
      )}
    </Layout>
  )
}

/** Jobs as a list of links. */
export function JobList({ jobs, now }: { readonly jobs: readonly JobLine[]; readonly now: Date }) {
  if (jobs.length === 0) return <p class="empty">No job yet. One comes with the first push to the hook.</p>
  return (
    <ol class="cards">
      {jobs.map((job) => (
        <li class="card">
          <a class="cover" href={`/jobs/${job.id}`}>
            <Verdict status={job.status} isOpen={job.endedAt === null} /> <strong>{summary(job)}</strong>
          </a>
          <p class="quiet">
            <Commit job={job} /> · {ago(job.startedAt, now)}
          </p>
        </li>
      ))}
    </ol>
  )
}

function summary({ sources, good, bad, expandedAt, problem }: JobLine): string {
  if (problem !== null) return 'could not be looked into'
  if (expandedAt === null) return 'looking for what changed'
  if (sources === 0) return 'nothing to check'
  const open = sources - good - bad
  const parts = [`${good} of ${counted(sources, 'data source')} good`]
  if (bad > 0) parts.push(`${bad} failed`)
  if (open > 0) parts.push(`${open} still going`)
  return parts.join(', ')
}
