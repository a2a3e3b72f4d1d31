/** What must be true when chaos is over: each a row of the table, with the number that was expected and the one found. */
import type { Repository } from '../standins/github_hub.ts'
import { violations } from '../queue/invariants.ts'
import type { Stage } from './stage.ts'
import { type Accepted, FILES } from './traffic.ts'

/** A process that was broken, and until when its leases may be lost. */
export interface Harm {
  readonly pid: number
  readonly from: number
  readonly to: number
}

/** One line of the table. */
export interface Finding {
  readonly sentence: string
  readonly expected: number
  readonly found: number
}

/** Notes every time that a run gets a result, so that a second is seen even where it looks like the first. */
export const WITNESS = `
  create schema chaos;
  create table chaos.settlings (run_id int, task_id bigint);
  create function chaos.note() returns trigger language plpgsql as $$
  begin
    insert into chaos.settlings values (new.id, new.task_id);
    return null;
  end $$;
  create trigger chaos_settlings after update on public.runs for each row
    when (new.status is not null and new.task_id is not null
      and (old.status is null or old.datetime_tz is distinct from new.datetime_tz))
    execute function chaos.note();
  create table chaos.losses (worker_id text, at timestamptz);
  create function chaos.note_loss() returns trigger language plpgsql as $$
  begin
    insert into chaos.losses values (new.worker_id, clock_timestamp());
    return null;
  end $$;
  create trigger chaos_losses after update on public.runs for each row
    when (old.abandoned_at is null and new.abandoned_why like 'worker-lost%')
    execute function chaos.note_loss();`

/**
 * Numbers that one query gives, by sentence; 0 is expected of each. Queue `due` is not asked: the item of an attempt that
 * was given up stays until its time, by intent.
 */
const ZEROES: readonly (readonly [sentence: string, query: string])[] = [
  [
    'settled twice',
    'select count(*) from (select from chaos.settlings group by task_id having count(*) > 1) as t',
  ],
  [
    'two results of a task',
    'select count(*) from (select from runs where status is not null group by task_id having count(*) > 1) as t',
  ],
  [
    'results of an attempt that was given up',
    'select count(*) from runs where status is not null and abandoned_at is not null',
  ],
  ['jobs pending', 'select count(*) from jobs where datetime_end is null'],
  ['data sources pending', 'select count(*) from job_sources where status is null'],
  ['runs pending', 'select count(*) from runs where status is null and abandoned_at is null'],
  [
    'tasks, results and events left in a queue',
    `select count(*) from queue.items where q_name in ('tasks', 'done', 'events')`,
  ],
  ['words for GitHub left in the outbox', 'select count(*) from outbox where version > said_version'],
  ['dead letters that are no task', `select count(*) from queue.dead where q_name <> 'tasks'`],
]

/** Whether everything is at rest; false too where nobody can say. */
export async function isAtRest(stage: Stage): Promise<boolean> {
  const [row] = await stage.sql<{ open: number }[]>`
    select (select count(*) from jobs where datetime_end is null)::int
      + (select count(*) from runs where status is null and abandoned_at is null)::int
      + (select count(*) from queue.items where q_name in ('tasks', 'done', 'events'))::int
      + (select count(*) from outbox where version > said_version)::int as open`.catch(() => [])
  return row?.open === 0
}

/** Look at everything. */
export async function judge(
  stage: Stage,
  {
    repository,
    accepted,
    harms,
  }: { repository: Repository; accepted: readonly Accepted[]; harms: readonly Harm[] },
): Promise<Finding[]> {
  const { sql } = stage
  const ids = accepted.map(({ delivery }) => delivery)
  const [settled] = await sql<[{ jobs: number; sources: number }]>`
    select count(distinct j.id) filter (where j.datetime_end is not null)::int as jobs,
      count(r.id) filter (where s.status is not null)::int as sources
    from deliveries d
    join jobs j on j.id = d.job_id
    left join job_sources s on s.job_id = j.id
    left join runs r on r.id = s.run_id and r.status = s.status
    where d.id in ${sql(ids)}`
  const found: Finding[] = [
    { sentence: 'deliveries accepted = jobs settled', expected: accepted.length, found: settled.jobs },
    {
      sentence: 'data sources pushed = settled',
      expected: accepted.length * FILES.length,
      found: settled.sources,
    },
  ]
  for (const [sentence, query] of ZEROES) {
    const [row] = await sql<{ count: string }[]>`${sql.unsafe(query)}`
    found.push({ sentence, expected: 0, found: Number(row?.count) })
  }
  const zero = (sentence: string, count: number) => found.push({ sentence, expected: 0, found: count })
  zero('healthy work believed lost', await thrownAway(stage, harms))
  zero('statuses at GitHub that are not the verdict', await untold(stage, repository, accepted))
  zero('check runs at GitHub without an end', stage.github.checkRuns(repository).filter(isOpen).length)
  const artifacts = await linked(stage)
  zero('no artifact was there to be looked at', artifacts.seen === 0 ? 1 : 0)
  zero('artifacts of a loser linked', artifacts.ofLosers)
  zero('artifacts linked that storage does not have', artifacts.missing)
  const broken = await violations(sql)
  for (const sentence of broken) zero(`not true: ${sentence}`, 1)
  zero('invariants of the tables that do not hold', broken.length)
  return found
}

/** Attempts whose lease was believed lost although nobody had touched their worker. */
async function thrownAway({ sql }: Stage, harms: readonly Harm[]): Promise<number> {
  const lost = await sql<{ worker_id: string; at: Date }[]>`
    select worker_id, at from chaos.losses`
  return lost.filter(({ worker_id, at }) => {
    const pid = Number(worker_id.split('/').at(-2))
    return !harms.some((harm) => harm.pid === pid && at.getTime() >= harm.from && at.getTime() <= harm.to)
  }).length
}

async function untold(
  { sql, github }: Stage,
  repository: Repository,
  accepted: readonly Accepted[],
): Promise<number> {
  const verdicts = new Map(
    (await sql<{ commit_sha: string; status: boolean | null }[]>`select commit_sha, status from jobs`).map(
      ({ commit_sha, status }) => [commit_sha, status],
    ),
  )
  return accepted.filter(({ sha }) => {
    const expected = verdicts.get(sha) ? 'success' : 'failure'
    return github.statuses(repository, sha).at(-1)?.state !== expected
  }).length
}

function isOpen({ status }: { readonly status: string }): boolean {
  return status !== 'completed'
}

/** What runs with a result point to: files below their own run, which are there. */
async function linked({ sql, s3 }: Stage): Promise<{ seen: number; ofLosers: number; missing: number }> {
  const rows = await sql<{ id: number; key: string; of: number }[]>`
    select distinct r.id, m[1] as key, m[2]::int as of
    from runs r, regexp_matches(coalesce(r.state::text, '') || coalesce(r.result::text, ''),
      '(runs/(\\d+)/[\\w.-]+)', 'g') as m
    where r.status is not null`
  let missing = 0
  for (const key of new Set(rows.map(({ key }) => key))) {
    const answer = await fetch(`${s3.address}/machine/${key}`, { method: 'HEAD' })
    if (answer.status !== 200) missing += 1
  }
  return { seen: rows.length, ofLosers: rows.filter((row) => row.of !== row.id).length, missing }
}
