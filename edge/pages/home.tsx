/** `/`: what this is, what it does just now, and the newest jobs. */
import type { Context } from 'hono'
import { type QueueMetrics, readMetrics } from '../../shared/db/heartbeats.ts'
import { type JobLine, listJobs } from '../../shared/db/jobs.ts'
import { readSums, type Sums } from '../../shared/db/sums.ts'
import { grouped } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { JobList } from './jobs.tsx'
import { Layout } from './layout.tsx'

const JOBS_SHOWN = 5

/** Answer with the first page. */
export async function homePage(c: Context, { sql }: Doors): Promise<Response> {
  const [jobs, numbers, sums] = await Promise.all([
    listJobs(sql, undefined, JOBS_SHOWN),
    readMetrics(sql),
    readSums(sql),
  ])
  return answer(c, {
    facts: { jobs, queue: numbers, catalogue: sums ?? null },
    view: () => <HomeView jobs={jobs} numbers={numbers} sums={sums} now={new Date()} />,
  })
}

interface HomeProps {
  readonly jobs: readonly JobLine[]
  readonly numbers: QueueMetrics
  /** Undefined until sum-up-data has counted. */
  readonly sums: Sums | undefined
  readonly now: Date
}

function HomeView({ jobs, numbers, sums, now }: HomeProps) {
  const facts: [one: string, many: string, value: number][] = [
    ['task waiting', 'tasks waiting', numbers['tasks queue']],
    ['result to recognise', 'results to recognise', numbers['done queue']],
    ['worker active', 'workers active', numbers['active workers']],
  ]
  if (sums !== undefined)
    facts.unshift(
      ['row of current data', 'rows of current data', sums.rows],
      [`of ${grouped(sums.sources)} sources works`, `of ${grouped(sums.sources)} sources work`, sums.working],
    )
  return (
    <Layout title="Machine">
      <h1>One open map of the world’s addresses</h1>
      <p class="lead">
        A contributor pushes a source: where a government keeps its data, and what its columns mean. Machine
        downloads it, conforms it, publishes it, and says what came of it.
      </p>
      <dl class="facts">
        {facts.map(([one, many, value]) => (
          <div>
            <dd>{grouped(value)}</dd>
            <dt>{value === 1 ? one : many}</dt>
          </div>
        ))}
      </dl>
      <h2>Newest jobs</h2>
      <JobList jobs={jobs} now={now} />
      <p>
        <a href="/jobs/">All jobs</a>
      </p>
    </Layout>
  )
}
