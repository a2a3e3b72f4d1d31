/** `/jobs/`: every job, newest first, a page at a time. */
import type { Context } from 'hono'
import { type JobLine, listJobs } from '../../shared/db/jobs.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'
import { notLikeThat } from './missing.tsx'
import { Ago, Commit, headline, StateMark, stateOfJob } from './words.tsx'

const PAGE_LENGTH = 25

/** Sequences are of this size in Postgres. */
const SEQUENCE_MAX = 2_147_483_647

/** Answer with a page of jobs; `?past=` is the sequence of the last job of the page before. */
export async function jobsPage(c: Context, { sql }: Doors): Promise<Response> {
  const past = c.req.query('past')
  if (past !== undefined && !(/^\d{1,10}$/.test(past) && Number(past) <= SEQUENCE_MAX))
    return notLikeThat(c, `"${past}" is not a place in the list of jobs`)

  // One more than is shown tells whether there is another page.
  const found = await listJobs(sql, past === undefined ? undefined : Number(past), PAGE_LENGTH + 1)
  const jobs = found.slice(0, PAGE_LENGTH)
  const next = found.length > PAGE_LENGTH ? `/jobs/?past=${jobs.at(-1)?.sequence}` : null
  return answer(c, {
    facts: { jobs, next },
    view: () => <JobsView jobs={jobs} next={next} isFirst={past === undefined} now={new Date()} />,
  })
}

interface JobsProps {
  readonly jobs: readonly JobLine[]
  readonly next: string | null
  readonly isFirst: boolean
  readonly now: Date
}

function JobsView({ jobs, next, isFirst, now }: JobsProps) {
  return (
    <Layout title="Jobs" json="/jobs.json">
      <h1>Jobs</h1>
      <p class="lead">
        A job is what one push or pull request asks for: a run for each data source it touches.
      </p>
      <JobList jobs={jobs} now={now} isFirst={isFirst} />
      <nav class="pages" aria-label="Pages">
        {!isFirst && <a href="/jobs/">Newest jobs</a>}
        {next !== null && (
          <a href={next} rel="next">
            Older jobs
          </a>
        )}
      </nav>
    </Layout>
  )
}

export interface JobListProps {
  readonly jobs: readonly JobLine[]
  readonly now: Date
  readonly isFirst?: boolean
}

/** Jobs as a list of links. */
export function JobList({ jobs, now, isFirst = true }: JobListProps) {
  if (jobs.length === 0) {
    return (
      <p class="empty">
        {isFirst ? 'No job yet. One comes with the first push to the hook.' : 'There is no older job.'}
      </p>
    )
  }
  return (
    <ol class="list">
      {jobs.map((job) => (
        <li class="job">
          <div class="row">
            <a class="title cover" href={`/jobs/${job.id}`}>
              {headline(job, job)}
            </a>{' '}
            <StateMark state={stateOfJob(job)} />
          </div>
          <p class="note">
            <Commit job={job} /> · <Ago at={job.startedAt} now={now} />
          </p>
        </li>
      ))}
    </ol>
  )
}
