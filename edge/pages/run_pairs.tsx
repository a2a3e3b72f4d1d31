/** What is to be known of a run, as pairs of a word and a value; what is not known is not shown. */
import type { Child } from 'hono/jsx'
import type { Run } from '../../shared/db/runs.ts'
import { duration, grouped } from '../../shared/text.ts'
import { Ago } from './words.tsx'

export interface RunPairsProps {
  readonly run: Run
  readonly now: Date
}

type Pair = readonly [label: string, value: Child]

/** The pairs. */
export function RunPairs({ run, now }: RunPairsProps) {
  const pairs = [...counts(run), ...times({ run, now }), ...origins(run)].filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return (
    <dl class="pairs">
      {pairs.map(([label, value]) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function counts({ result }: Run): Pair[] {
  const dropped = Object.entries(result?.rows?.dropped ?? {})
  const [west, south, east, north] = result?.bounds ?? []
  return [
    ['Rows', result?.rows && grouped(result.rows.written)],
    ['Left out', dropped.length > 0 && list(dropped.map(([why, count]) => `${grouped(count)} ${why}`))],
    [
      'Bounds',
      west !== undefined && [west, south, east, north].map((degrees) => degrees?.toFixed(4)).join(', '),
    ],
  ].map(([label, value]) => [label, value === false ? undefined : value] as Pair)
}

function times({ run, now }: RunPairsProps): Pair[] {
  const { result, settledAt, startedAt, attempt, copyOf } = run
  return [
    ['Download', result?.seconds && duration(result.seconds.cache)],
    ['Processing', result?.seconds && duration(result.seconds.process)],
    settledAt === null
      ? ['Started', <Ago at={startedAt} now={now} />]
      : ['Settled', <Ago at={settledAt} now={now} />],
    ['Attempt', attempt !== null && attempt > 1 ? `${attempt}` : undefined],
    ['Result of', copyOf !== null ? <Again copyOf={copyOf} since={result?.unchangedSince} /> : undefined],
  ]
}

/** A result that was used again: because the file is the same, or the data. */
function Again({ copyOf, since }: { readonly copyOf: number; readonly since: string | undefined }) {
  if (since === undefined) return <a href={`/runs/${copyOf}`}>run {copyOf}, used again</a>
  return (
    <>
      <a href={`/runs/${copyOf}`}>run {copyOf}</a>, the data is unchanged since {since.slice(0, 10)}
    </>
  )
}

function origins({ state, codeVersion, workerId }: Run): Pair[] {
  return [
    ['Website', state?.website && <Website address={state.website} />],
    ['License', state?.license && <Website address={state.license} />],
    ['Fingerprint', state?.fingerprint && <code>{state.fingerprint}</code>],
    ['Code', codeVersion !== null ? `Machine ${codeVersion}` : undefined],
    ['Worker', workerId],
  ]
}

/** What a stranger calls a website is a link only where a browser would go to a website. */
function Website({ address }: { readonly address: string }) {
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return <bdi>{address}</bdi>
  return (
    <a href={address} rel="nofollow noopener noreferrer">
      <bdi>{address.replace(/^https?:\/\//i, '').replace(/\/$/, '')}</bdi>
    </a>
  )
}

function list(items: readonly string[]): Child {
  return <bdi>{items.join(', ')}</bdi>
}
