/** `/runs/:id`: one run: what came of it, a sample, its files, and the end of its log. */
import type { Context } from 'hono'
import { type Run, readRun } from '../../shared/db/runs.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { type RunVerdict, readVerdict } from '../../shared/db/verdicts.ts'
import { isHeld } from '../../shared/hold.ts'
import { isProblemCode, sentence } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import type { Doors } from '../app.ts'
import { answer, idOf } from './answer.ts'
import { Layout, LivePart } from './layout.tsx'
import { missing } from './missing.tsx'
import { Moving } from './moving.tsx'
import { QualityPart } from './quality.tsx'
import { Files, Log, Preview, Sample } from './run_files.tsx'
import { RunPairs } from './run_pairs.tsx'
import { VerdictPart } from './verdict.tsx'
import { baseOf, ProblemText, SourceName, StateMark, stateOfRun } from './words.tsx'

/** Run ids are of this size in Postgres. */
const ID_MAX = 2_147_483_647

/** Answer with a run. */
export async function runPage(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const run = await readRunFacts(sql, id)
  if (run === undefined) return missing(c, `There is no run ${id}`)
  return answer(c, { facts: { ...run, ...said(run) }, view: () => <RunView run={run} now={new Date()} /> })
}

/** The problem of a run as its page says it. */
function said({ problem, problemDetail }: Run): object {
  if (problem === null || !isProblemCode(problem)) return {}
  return {
    problemSentence: sentence({ code: problem, detail: problemDetail ?? '' }),
    problemAdvice: PROBLEMS[problem].advice,
  }
}

/** A run with what was decided about it. */
export interface RunFacts extends Run {
  readonly verdict: RunVerdict | null
}

/** A run; undefined when there is none of that number. */
export async function readRunFacts(sql: Sql, id: string): Promise<RunFacts | undefined> {
  const run = /^\d{1,10}$/.test(id) && Number(id) <= ID_MAX ? await readRun(sql, Number(id)) : undefined
  if (run === undefined) return undefined
  return { ...run, verdict: run.status === null ? null : ((await readVerdict(sql, run.id)) ?? null) }
}

interface RunProps {
  readonly run: RunFacts
  readonly now: Date
}

function RunView({ run, now }: RunProps) {
  const isLive = stateOfRun(run) === 'running'
  return (
    <Layout title={titleOf(run)} json={`/runs/${run.id}.json`} isLive={isLive}>
      <LivePart from={isLive ? `/runs/${run.id}/live` : undefined}>
        <RunBody run={run} now={now} />
      </LivePart>
    </Layout>
  )
}

/** What changes on the page while the run goes on. */
export function RunBody({ run, now }: RunProps) {
  const { id, jobId, problem, problemDetail, abandonedWhy, progress } = run
  const state = stateOfRun(run)
  return (
    <article data-title={`${titleOf(run)} · Machine`}>
      <p class="eyebrow">
        <StateMark state={state} />{' '}
        <span>
          Run {id}
          {jobId !== null && (
            <>
              {' of '}
              <a href={`/jobs/${jobId}`}>
                job <code>{jobId.slice(0, 8)}</code>
              </a>
            </>
          )}
        </span>
      </p>
      <h1>
        <SourceName source={run} />
      </h1>
      {(state === 'failed' || state === 'held') && problem !== null && (
        <ProblemText code={problem} detail={problemDetail} />
      )}
      {state === 'skipped' && (
        <p class="lead">
          The source says to skip it{problemDetail ? ': ' : '.'}
          <bdi>{problemDetail}</bdi>
        </p>
      )}
      {abandonedWhy !== null && (
        <p class="lead">
          This attempt was given up (<bdi>{abandonedWhy}</bdi>). The next one has a run of its own.
        </p>
      )}
      {state === 'running' && <Moving progress={progress} />}
      <div class="two">
        <RunPairs run={run} now={now} />
        <Preview run={run} />
      </div>
      <VerdictPart run={run} verdict={run.verdict} />
      <QualityPart quality={run.state?.quality} layer={run.layer} />
      <Sample sample={run.sample} />
      <Files run={run} />
      <Log run={run} />
    </article>
  )
}

function titleOf({ id, status, problem, sourcePath, layer, name }: Run): string {
  const sign = status === null ? '…' : status ? '✓' : isHeld(problem) ? '‖' : '✗'
  const what = `${baseOf(sourcePath)}${layer === '' ? '' : ` ${layer}/${name}`}`
  // A title has no elements; these two signs keep the direction of a stranger's text to itself.
  return `${sign} \u2068${what}\u2069, run ${id}`
}
