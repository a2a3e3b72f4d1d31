/** `/runs/:id`: one run: what came of it, a sample, its files, and the end of its log. */
import type { Context } from 'hono'
import { type Run, readRun } from '../../shared/db/runs.ts'
import { ago, duration, grouped, size } from '../../shared/text.ts'
import { type Doors, missing } from '../app.ts'
import { answer, idOf } from './answer.ts'
import { Layout } from './layout.tsx'
import { Moving } from './moving.tsx'
import { baseOf, ProblemText, Verdict } from './words.tsx'

/** Run ids are of this size in Postgres. */
const ID_MAX = 2_147_483_647

/** Answer with a run. */
export async function runPage(c: Context, { sql }: Doors): Promise<Response> {
  const id = Number(idOf(c))
  const run = Number.isInteger(id) && id > 0 && id <= ID_MAX ? await readRun(sql, id) : undefined
  if (run === undefined) return missing(c, `There is no run ${idOf(c)}`)
  return answer(c, { facts: run, view: () => <RunView run={run} now={new Date()} /> })
}

function RunView({ run, now }: { readonly run: Run; readonly now: Date }) {
  const { id, sourcePath, layer, name, status, jobId, problem, problemDetail } = run
  return (
    <Layout title={`Run ${id}`}>
      <p class="eyebrow">
        <Verdict status={status} isOpen={run.abandonedAt === null} /> Run {id}
        {jobId !== null && (
          <>
            {' '}
            of{' '}
            <a href={`/jobs/${jobId}`}>
              job <code>{jobId.slice(0, 8)}</code>
            </a>
          </>
        )}
      </p>
      <h1>
        {baseOf(sourcePath)}{' '}
        {layer !== '' && (
          <span class="quiet">
            {layer} / {name}
          </span>
        )}
      </h1>
      {problem !== null && <ProblemText code={problem} detail={problemDetail} />}
      {run.abandonedWhy !== null && <p class="problem">This attempt was given up: {run.abandonedWhy}.</p>}
      {status === null && run.abandonedAt === null && <Moving source={run} />}
      <Facts run={run} now={now} />
      <Sample sample={run.sample} />
      <Files run={run} />
      <Log run={run} />
    </Layout>
  )
}

function Facts({ run, now }: { readonly run: Run; readonly now: Date }) {
  const facts = factsOf(run, now).filter((fact): fact is [string, string] => fact[1] !== undefined)
  return (
    <dl class="pairs">
      {facts.map(([label, value]) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function factsOf(run: Run, now: Date): [label: string, value: string | undefined][] {
  const { result, state, settledAt, copyOf } = run
  const dropped = Object.entries(result?.rows?.dropped ?? {}).map(
    ([why, count]) => `${grouped(count)} ${why}`,
  )
  const [west, south, east, north] = result?.bounds ?? []
  return [
    ['Rows', result?.rows ? grouped(result.rows.written) : undefined],
    ['Left out', dropped.length > 0 ? dropped.join(', ') : undefined],
    [
      'Bounds',
      west === undefined
        ? undefined
        : [west, south, east, north].map((degrees) => degrees?.toFixed(4)).join(', '),
    ],
    ['Download', result?.seconds ? duration(result.seconds.cache) : undefined],
    ['Processing', result?.seconds ? duration(result.seconds.process) : undefined],
    ['Settled', settledAt === null ? undefined : ago(settledAt, now)],
    ['Reused from run', copyOf === null ? undefined : `${copyOf}`],
    ['Website', state?.website ?? undefined],
    ['License', state?.license ?? undefined],
    ['Fingerprint', state?.fingerprint ?? undefined],
    ['Code', run.codeVersion === null ? undefined : `Machine ${run.codeVersion}`],
    ['Worker', run.workerId ?? undefined],
  ]
}

function Sample({ sample }: { readonly sample: Run['sample'] }) {
  const [header, ...rows] = sample ?? []
  if (header === undefined) return null
  return (
    <section>
      <h2>Sample of the data</h2>
      <div class="wide" tabindex={0}>
        <table>
          <thead>
            <tr>
              {header.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr>
                {row.map((cell) => (
                  <td>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** Files stand where they were made: a run that reuses another's result has that one's. */
function Files({ run }: { readonly run: Run }) {
  const files = run.result?.artifacts ?? []
  if (files.length === 0) return null
  return (
    <section>
      <h2>Files</h2>
      <ul class="files">
        {files.map(({ name, bytes }) => (
          <li>
            <a href={`/runs/${run.copyOf ?? run.id}/${encodeURIComponent(name)}`}>{name}</a>{' '}
            <span class="quiet numbers">{size(bytes)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Log({ run }: { readonly run: Run }) {
  const tail = run.result?.logTail ?? ''
  if (tail === '') return null
  return (
    <section>
      <h2>Log</h2>
      <pre class="wide" tabindex={0}>
        {tail}
      </pre>
      <p>
        <a href={`/runs/${run.copyOf ?? run.id}/output.txt`}>The whole log</a>
      </p>
    </section>
  )
}
