/** `/sets/:id/`: one set: how far it is, how long it will take, and what is wrong. */
import type { Context } from 'hono'
import {
  listSetFailed,
  listSetRunning,
  readSet,
  readSetProblems,
  type SetFacts,
  type SetLine,
  type SetProblem,
} from '../../shared/db/sets.ts'
import type { Sql } from '../../shared/db/sql.ts'
import { isProblemCode } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { secondsLeft } from '../../shared/set.ts'
import { duration, grouped } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer, idOf } from './answer.ts'
import { Layout, LivePart } from './layout.tsx'
import { Mark, markOfSet } from './marks.tsx'
import { missing } from './missing.tsx'
import { headlineOfSet } from './sets.tsx'
import { Ago, Commit, ProblemText, SourceName } from './words.tsx'

/** Ids are of this size in Postgres. */
const ID_MAX = 2_147_483_647

/** A page of more would be read by nobody; `?problem=` shows those of one kind. */
const FAILED_SHOWN = 100
const RUNNING_SHOWN = 20

/** Everything that the page of a set says. */
export interface SetPageFacts {
  readonly set: SetFacts
  /** Seconds that the rest will take; null while nothing can be said, or when there is no rest. */
  readonly secondsLeft: number | null
  readonly problems: readonly SetProblem[]
  readonly running: readonly SetLine[]
  readonly failed: readonly SetLine[]
  /** The only problem that is listed; null for all. */
  readonly only: string | null
}

/** Answer with a set. */
export async function setPage(c: Context, { sql }: Doors): Promise<Response> {
  const id = idOf(c)
  const facts = await readSetFacts(sql, id, c.req.query('problem'))
  if (facts === undefined) return missing(c, `There is no set ${id}`)
  return answer(c, { facts: setAsJson(facts), view: () => <SetView {...facts} now={new Date()} /> })
}

/** A set with what is wrong and what runs; undefined when there is none. */
export async function readSetFacts(
  sql: Sql,
  text: string,
  only: string | undefined,
): Promise<SetPageFacts | undefined> {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : 0
  const set = id >= 1 && id <= ID_MAX ? await readSet(sql, id) : undefined
  if (set === undefined) return undefined
  const [problems, running, failed] = await Promise.all([
    readSetProblems(sql, id),
    listSetRunning(sql, id, RUNNING_SHOWN),
    listSetFailed(sql, id, { code: only, n: FAILED_SHOWN }),
  ])
  const isGoing = set.endedAt === null && set.pausedAt === null && set.cancelledAt === null
  const left = isGoing ? secondsLeft(set, (Date.now() - set.startedAt.getTime()) / 1000) : undefined
  return { set, secondsLeft: left ?? null, problems, running, failed, only: only ?? null }
}

/** The facts as programs get them; the keys that the original had first. */
export function setAsJson({ set: { renders, ...set }, ...facts }: SetPageFacts) {
  const original = {
    id: set.id,
    commit_sha: set.commitSha,
    datetime_start: set.startedAt,
    datetime_end: set.endedAt,
    render_world_url: renders.world,
    render_europe_url: renders.europe,
    render_usa_url: renders.usa,
    render_geojson_url: renders.geojson,
  }
  return { ...original, ...set, ...facts }
}

function SetView({ now, ...facts }: SetPageFacts & { readonly now: Date }) {
  const { set, only } = facts
  const isLive = set.endedAt === null
  const query = only === null ? '' : `?problem=${encodeURIComponent(only)}`
  return (
    <Layout
      title={`Set ${set.id}: ${headlineOfSet(set)}`}
      json={`/sets/${set.id}.json${query}`}
      isLive={isLive}
    >
      <LivePart from={isLive ? `/sets/${set.id}/live${query}` : undefined}>
        <SetBody {...facts} now={now} />
      </LivePart>
    </Layout>
  )
}

/** What changes on the page while the set goes on. */
export function SetBody({ now, ...facts }: SetPageFacts & { readonly now: Date }) {
  const { set, problems, running } = facts
  const { id, owner, repository, commitSha, ref, startedAt, endedAt } = set
  return (
    <article data-title={`Set ${id}: ${headlineOfSet(set)} · Machine`}>
      <p class="eyebrow">
        <Mark {...markOfSet(set)} /> <span>Set {id}</span>
      </p>
      <h1>{headlineOfSet(set)}</h1>
      <p class="quiet">
        {commitSha === null ? (
          <bdi>
            {owner}/{repository}
          </bdi>
        ) : (
          <Commit job={{ owner, repository, commitSha, ref, pullNumber: null }} />
        )}{' '}
        · <Ago at={startedAt} now={now} />
        {endedAt !== null && <> · took {duration((endedAt.getTime() - startedAt.getTime()) / 1000)}</>}
      </p>
      <Bar set={set} />
      <Numbers set={set} left={facts.secondsLeft} />
      <Standing set={set} now={now} />
      <Maps renders={set.renders} />
      {running.length > 0 && (
        <section>
          <h2>Running now</h2>
          <ol class="list">
            {running.map((line) => (
              <Line line={line} note={<Begun at={line.startedAt} now={now} />} />
            ))}
          </ol>
        </section>
      )}
      {problems.length > 0 && <Failures {...facts} />}
    </article>
  )
}

/** From done to not yet, as one bar; what it shows is said in numbers too. */
function Bar({ set }: { readonly set: SetFacts }) {
  const { sources, good, failed, running } = set
  const groups = [
    { tone: 'good', count: good },
    { tone: 'failed', count: failed },
    { tone: 'running', count: running },
    { tone: 'waiting', count: sources - good - failed - running },
  ].filter(({ count }) => count > 0)
  let done = 0
  return (
    <svg class="tally" width="100%" height="12" aria-hidden="true">
      {groups.map(({ tone, count }) => {
        const x = `${((done * 100) / sources).toFixed(3)}%`
        done += count
        return (
          <rect class={tone} x={x} width={`${((count * 100) / sources).toFixed(3)}%`} height="12" rx="5" />
        )
      })}
    </svg>
  )
}

function Numbers({ set, left }: { readonly set: SetFacts; readonly left: number | null }) {
  const { good, failed, reused, skipped, running, queued, parked, endedAt } = set
  const numbers: [value: string, name: string][] = [
    [grouped(good), 'good'],
    [grouped(failed), 'failed'],
    [grouped(reused), 'of the good reused, unchanged'],
  ]
  if (skipped > 0) numbers.push([grouped(skipped), 'of the good say to skip'])
  if (endedAt === null) {
    numbers.push([grouped(running), 'running'], [grouped(queued + parked), 'to come'])
    if (left !== null) numbers.push([`≈ ${duration(left)}`, 'left at this pace'])
  }
  return (
    <dl class="facts">
      {numbers.map(([value, name]) => (
        <div>
          <dd>{value}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  )
}

/** What is not the usual: a set that waits for somebody, or will never be whole, or counts nowhere. */
function Standing({ set, now }: { readonly set: SetFacts; readonly now: Date }) {
  const { id, pausedAt, cancelledAt, isMerged, endedAt } = set
  return (
    <>
      {cancelledAt !== null ? (
        <p class="note">
          Cancelled <Ago at={cancelledAt} now={now} />. What had not run by then never will; the results that
          there are count.
        </p>
      ) : (
        pausedAt !== null &&
        endedAt === null && (
          <p class="note">
            Paused <Ago at={pausedAt} now={now} />; it goes on with <code>machine set resume {id}</code>.
          </p>
        )
      )}
      {!isMerged && (
        <p class="note">A set of another branch than the default one: its results are current nowhere.</p>
      )}
    </>
  )
}

/** Links to its maps, where they have been drawn. */
function Maps({ renders }: { readonly renders: SetFacts['renders'] }) {
  const maps = [
    ['World', renders.world],
    ['Europe', renders.europe],
    ['USA', renders.usa],
    ['GeoJSON', renders.geojson],
  ].filter((map): map is [string, string] => map[1] !== null)
  if (maps.length === 0) return null
  return (
    <p class="pages">
      {maps.map(([name, url]) => (
        <a href={url}>{name}</a>
      ))}
    </p>
  )
}

function Failures({ set, problems, failed, only }: SetPageFacts) {
  const shown = only === null ? set.failed : (problems.find(({ code }) => code === only)?.count ?? 0)
  return (
    <section>
      <h2>Problems</h2>
      <ul class="list">
        {problems.map(({ code, count }) => (
          <li class="job">
            <div class="row">
              <a class="title cover" href={`/sets/${set.id}/?problem=${encodeURIComponent(code)}`}>
                {isProblemCode(code) ? PROBLEMS[code].sentence : code}
              </a>{' '}
              <span class="numbers">{grouped(count)}</span>
            </div>
            <p class="note">
              <code>{code}</code>
            </p>
          </li>
        ))}
      </ul>
      <h2>
        {only === null ? 'Failed' : <>Failed: {isProblemCode(only) ? PROBLEMS[only].sentence : only}</>}
      </h2>
      {only !== null && (
        <p>
          <a href={`/sets/${set.id}/`}>All that failed</a>
        </p>
      )}
      <ol class="list">
        {failed.map((line) => (
          <Line
            line={line}
            note={line.problem !== null && <ProblemText code={line.problem} detail={line.problemDetail} />}
          />
        ))}
      </ol>
      {failed.length < shown && (
        <p class="quiet">
          {grouped(failed.length)} of {grouped(shown)}; choose a problem above to see more of it.
        </p>
      )}
    </section>
  )
}

function Begun({ at, now }: { readonly at: Date; readonly now: Date }) {
  return (
    <p class="note">
      Begun <Ago at={at} now={now} />
    </p>
  )
}

function Line({ line, note }: { readonly line: SetLine; readonly note: unknown }) {
  return (
    <li class="source" id={`run-${line.runId}`}>
      <span class="title">
        <a href={`/runs/${line.runId}`}>
          <SourceName source={line} />
        </a>
      </span>
      {note}
    </li>
  )
}
