/** `/sets/`: every set, newest first, a page at a time. */
import type { Context } from 'hono'
import { listSets, type SetFacts } from '../../shared/db/sets.ts'
import { counted, duration, grouped } from '../../shared/text.ts'
import type { Doors } from '../app.ts'
import { answer } from './answer.ts'
import { Layout } from './layout.tsx'
import { Mark, markOfSet } from './marks.tsx'
import { notLikeThat } from './missing.tsx'
import { Ago } from './words.tsx'

const PAGE_LENGTH = 25

/** Ids are of this size in Postgres. */
const ID_MAX = 2_147_483_647

/** Answer with a page of sets; `?past=` is the id of the last set of the page before. */
export async function setsPage(c: Context, { sql }: Doors): Promise<Response> {
  const past = c.req.query('past')
  if (past !== undefined && !(/^\d{1,10}$/.test(past) && Number(past) <= ID_MAX))
    return notLikeThat(c, `"${past}" is not a place in the list of sets`)

  // One more than is shown tells whether there is another page.
  const found = await listSets(sql, past === undefined ? undefined : Number(past), PAGE_LENGTH + 1)
  const sets = found.slice(0, PAGE_LENGTH)
  const next = found.length > PAGE_LENGTH ? `/sets/?past=${sets.at(-1)?.id}` : null
  return answer(c, {
    facts: { sets, next },
    view: () => <SetsView sets={sets} next={next} isFirst={past === undefined} now={new Date()} />,
  })
}

interface SetsProps {
  readonly sets: readonly SetFacts[]
  readonly next: string | null
  readonly isFirst: boolean
  readonly now: Date
}

function SetsView({ sets, next, isFirst, now }: SetsProps) {
  return (
    <Layout title="Sets" json="/sets.json">
      <h1>Sets</h1>
      <p class="lead">
        A set runs every source of the repository, bit by bit, behind whatever people push meanwhile.{' '}
        <a href="/schedule">What starts when</a>
      </p>
      {sets.length === 0 ? (
        <p class="empty">
          {isFirst ? (
            <>
              No set yet. <code>machine enqueue-sources</code> makes one.
            </>
          ) : (
            'There is no older set.'
          )}
        </p>
      ) : (
        <ol class="list">
          {sets.map((set) => (
            <SetItem set={set} now={now} />
          ))}
        </ol>
      )}
      <nav class="pages" aria-label="Pages">
        {!isFirst && <a href="/sets/">Newest sets</a>}
        {next !== null && (
          <a href={next} rel="next">
            Older sets
          </a>
        )}
      </nav>
    </Layout>
  )
}

function SetItem({ set, now }: { readonly set: SetFacts; readonly now: Date }) {
  const { id, owner, repository, commitSha, ref, startedAt, endedAt } = set
  return (
    <li class="job">
      <div class="row">
        <a class="title cover" href={`/sets/${id}/`}>
          {headlineOfSet(set)}
        </a>{' '}
        <Mark {...markOfSet(set)} />
      </div>
      <p class="note">
        Set {id} ·{' '}
        <bdi>
          {owner}/{repository}
        </bdi>
        {ref !== null && (
          <>
            , branch <bdi>{ref}</bdi>
          </>
        )}
        {commitSha !== null && (
          <>
            {' '}
            at <code>{commitSha.slice(0, 7)}</code>
          </>
        )}{' '}
        · <Ago at={startedAt} now={now} />
        {endedAt !== null && <> · took {duration((endedAt.getTime() - startedAt.getTime()) / 1000)}</>}
      </p>
    </li>
  )
}

/** A set in one sentence, without its full stop: `4,782 of 4,862 data sources good, 80 failed`. */
export function headlineOfSet({ sources, good, failed, endedAt, cancelledAt }: SetFacts): string {
  const open = sources - good - failed
  const parts = [`${grouped(good)} of ${counted(sources, 'data source')} good`]
  if (failed > 0) parts.push(`${grouped(failed)} failed`)
  if (open > 0)
    parts.push(`${grouped(open)} ${endedAt === null && cancelledAt === null ? 'to go' : 'never run'}`)
  return parts.join(', ')
}
