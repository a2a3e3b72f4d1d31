/** `/jobs/:id`: one job: its verdict, and each of its data sources as it moves. */
import type { Context } from 'hono'
import { type Job, type JobSource, readJob, readJobSources } from '../../shared/db/jobs.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { readStory, type Story } from '../../shared/db/story.ts'
import { duration } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer, idOf } from './answer.ts'
import { JobStory } from './job_story.tsx'
import { Layout, LivePart } from './layout.tsx'
import { missing } from './missing.tsx'
import { SourceCard } from './source_card.tsx'
import { Tally } from './tally.tsx'
import { Ago, Commit, type Counts, headline, ProblemText, StateMark, stateOfJob } from './words.tsx'

/** Ids are UUIDs; nothing else is looked for. */
const JOB_ID = /^[\w-]{1,64}$/

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
  const story = await readStory(sql, id)
  const view = () => <JobView {...facts} story={story} now={new Date()} />
  return answer(c, { facts: jobAsJson(facts), view })
}

/** A job with its data sources; undefined when there is none. */
export async function readJobFacts(sql: Sql, id: string): Promise<JobFacts | undefined> {
  if (!JOB_ID.test(id)) return undefined
  const job = await readJob(sql, id)
  return job && { job, sources: await readJobSources(sql, id) }
}

/** The facts as programs get them. */
export function jobAsJson({ job, sources }: JobFacts): Job & Pick<JobFacts, 'sources'> {
  return { ...job, sources }
}

function JobView({ job, sources, story, now }: JobFacts & { readonly story: Story; readonly now: Date }) {
  const isLive = job.endedAt === null
  return (
    <Layout title={titleOf({ job, sources })} json={`/jobs/${job.id}.json`} isLive={isLive}>
      <LivePart from={isLive ? `/jobs/${job.id}/live` : undefined}>
        <JobBody job={job} sources={sources} now={now} />
      </LivePart>
      <JobStory {...story} now={now} />
    </Layout>
  )
}

/** What changes on the page while the job goes on. */
export function JobBody({ job, sources, now }: JobFacts & { readonly now: Date }) {
  return (
    <article data-title={`${titleOf({ job, sources })} · Machine`}>
      <p class="eyebrow">
        <StateMark state={stateOfJob(job)} />{' '}
        <span>
          Job <code>{job.id.slice(0, 8)}</code>
        </span>
      </p>
      <h1>{headline(job, countsOf(sources))}</h1>
      <p class="quiet">
        <Commit job={job} /> · <Ago at={job.startedAt} now={now} />
        {job.endedAt !== null && (
          <> · took {duration((job.endedAt.getTime() - job.startedAt.getTime()) / 1000)}</>
        )}
      </p>
      {job.problem !== null && <ProblemText code={job.problem} detail={job.problemDetail} />}
      {sources.length > 0 && <Tally sources={sources} />}
      {sources.length > 0 && (
        <ol class="list">
          {worstFirst(sources).map((source) => (
            <SourceCard source={source} now={now} />
          ))}
        </ol>
      )}
    </article>
  )
}

/** `✗ 7 of 8 data sources good, 1 failed`: what a tab has room for begins with the verdict. */
function titleOf({ job, sources }: JobFacts): string {
  const sign = job.status === null ? '…' : job.status ? '✓' : '✗'
  return `${sign} ${headline(job, countsOf(sources))}`
}

function countsOf(sources: readonly JobSource[]): Counts {
  const count = (wanted: boolean) => sources.filter(({ status }) => status === wanted).length
  return { sources: sources.length, good: count(true), bad: count(false) }
}

/** What failed is what people come for; the rest stays in the order of the job. */
function worstFirst(sources: readonly JobSource[]): readonly JobSource[] {
  return [...sources].sort((a, b) => Number(b.status === false) - Number(a.status === false))
}
