/** What is true of the tables after every committed step, whoever took it. */
import type { ISql } from '../../shared/db/sql.ts'

/** A sentence, and a query for the rows that show it false. */
const INVARIANTS: readonly (readonly [sentence: string, rows: string])[] = [
  [
    'a task has one result at most',
    `select from runs where status is not null and task_id is not null group by task_id having count(*) > 1`,
  ],
  [
    'a task has one open attempt at most',
    `select from runs where status is null and abandoned_at is null group by task_id having count(*) > 1`,
  ],
  [
    'a task on loan has an open run of this attempt',
    `select from queue.items i
     where i.q_name = 'tasks' and i.lease_until is not null and not exists (
       select from runs r
       where r.task_id = i.id and r.attempt = i.attempt and r.status is null and r.abandoned_at is null)`,
  ],
  [
    'a task that waits has no open run, and no result',
    `select from queue.items i join runs r on r.task_id = i.id
     where i.q_name = 'tasks' and i.dequeued_at is null and r.abandoned_at is null`,
  ],
  [
    'an open run has its task on loan, or its result on the way',
    `select from runs r
     where r.status is null and r.abandoned_at is null
       and not exists (
         select from queue.items i
         where i.q_name = 'tasks' and i.id = r.task_id and i.attempt = r.attempt and i.lease_until is not null)
       and not exists (
         select from queue.items i where i.q_name = 'done' and (i.data->>'run_id')::int = r.id)`,
  ],
  [
    'an open run has someone who watches its time, or its result on the way',
    `select from runs r
     where r.status is null and r.abandoned_at is null and not exists (
       select from queue.items i where i.q_name in ('due', 'done') and (i.data->>'run_id')::int = r.id)`,
  ],
  [
    'a data source of a job that is open has its task in the queue, or its result on the way',
    `select from job_sources s
     where s.status is null
       and not exists (
         select from queue.items i
         where i.q_name = 'tasks' and i.data->>'job_id' = s.job_id and i.data->>'name' = s.source_path)
       and not exists (
         select from queue.items i where i.q_name = 'done' and (i.data->>'run_id')::int = s.run_id)`,
  ],
  [
    'a data source of a set that is released and open has its task in the queue, or its result on the way',
    `select from set_sources s
     where s.status is null and s.released_at is not null
       and not exists (
         select from queue.items i
         where i.q_name = 'tasks' and (i.data->>'set_id')::int = s.set_id and i.data->>'name' = s.source_path)
       and not exists (
         select from queue.items i where i.q_name = 'done' and (i.data->>'run_id')::int = s.run_id)`,
  ],
  [
    'a data source that has settled shows the run that did it',
    `select from (select run_id, status from job_sources union all select run_id, status from set_sources) as s
     where s.status is not null
       and not exists (select from runs r where r.id = s.run_id and r.status = s.status)`,
  ],
  [
    'the verdict of a job is that of its data sources',
    `select from jobs j
     cross join lateral (
       select count(*) filter (where not status) as bad, count(*) filter (where status is null) as open
       from job_sources where job_id = j.id) as s
     where j.expanded_at is not null and (
       j.status is distinct from case when s.bad > 0 then false when s.open = 0 then true end
       or (j.datetime_end is not null) <> (s.open = 0))`,
  ],
  [
    'a set has ended when no data source of it is open',
    `select from sets t
     where (t.datetime_end is not null) = exists (select from set_sources s where s.set_id = t.id and s.status is null)`,
  ],
  [
    'a lease has a taker and a time',
    `select from queue.items
     where (lease_until is not null and (dequeued_at is null or worker_id is null))
        or (attempt = 0 and worker_id is not null)`,
  ],
]

const QUERY = INVARIANTS.map(
  ([sentence, rows]) => `select '${sentence}' as sentence where exists (${rows})`,
).join('\nunion all\n')

/** The sentences that are false just now. */
export async function violations(sql: ISql): Promise<string[]> {
  // As a fragment, because then the statement is prepared: its plan takes four times as long as its run.
  const rows = await sql<{ sentence: string }[]>`${sql.unsafe(QUERY)}`
  return rows.map(({ sentence }) => sentence)
}
