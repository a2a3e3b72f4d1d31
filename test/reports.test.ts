/** What analysts are promised: the views with their columns, the ten questions of docs/reports.md, and the role. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type Sql } from '../shared/db/sql.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { plain } from './queue/world.ts'

/** Columns may be added; none of these may go. */
const CONTRACT: Readonly<Record<string, string>> = {
  audit: 'id, datetime, who, what, about, why, facts',
  collections:
    'product, name, region, license, edition, url, bytes, sha256, rows, sources, rows_before, ' +
    'data_date, made_at',
  cost_of_jobs: 'job_id, runs, reused, worker_s, wasted_s, longest_s',
  cost_of_sets: 'set_id, runs, reused, worker_s, wasted_s, longest_s',
  cost_of_sources: 'source_path, layer, name, runs, worker_s, wasted_s, longest_s',
  current_runs:
    'owner, repository, source_path, layer, name, source_id, commit_sha, seen_at, formerly, run_id, ' +
    'files_run_id, run_source_path, rows, is_skipped, is_up_to_date, state, set_id, job_id, ' +
    'settled_at, newest_run_id, newest_status, newest_problem',
  dashboard_runs: 'tsname',
  dashboard_timeseries: 'ts, addresses, successful_sources, average_cache_time, average_process_time',
  hours: 'hour, sources, working, lost, rows, summed_at',
  dashboard_stats:
    'tsname, source, layer, name, version, process_time, cache_time, address_count, geometry_type, ' +
    'processed_url, cache_url, sample_url, output_url, fingerprint',
  days: 'day, layer, runs, good, failed, reused, rows, worker_s, median_s, longest_s',
  dead: 'id, q_name, lane, attempt, enqueued_at, died_at, last_error, worker_id, about',
  drops:
    'source_path, layer, name, run_id, against, rows_before, rows_now, lost, percent, verdict, ' +
    'is_merged, ended_at',
  held:
    'run_id, source_path, layer, name, against, why, rows_before, rows_now, held_at, is_merged, ' +
    'job_id, set_id',
  jobs:
    'id, sequence, status, event, github_owner, github_repository, commit_sha, ref, pull_number, ' +
    'is_merged, datetime_start, datetime_end, seconds, problem, data_sources, good, bad, open, ' +
    'task_files, file_states',
  licences: 'license, share_alike, attribution_required, sources, rows',
  lost_sources:
    'owner, repository, source_path, layer, name, run_id, rows, good_at, lost_at, newest_run_id, ' +
    'problem, problem_detail',
  never_worked: 'owner, repository, source_path, layer, name, seen_at, newest_run_id, problem',
  outbox: 'job_id, waiting_s, failures, not_before, last_error, given_up',
  present:
    'worker_id, loop, class, version, state, silent_s, up_s, run_id, source_path, layer, name, ' +
    'busy_s, progress',
  problems: 'code, runs, last_week',
  queue_depth:
    'q_name, lane, waiting, delayed, in_flight, lease_expired, retried, oldest_waiting_s, ' +
    'longest_running_s',
  queue_metrics: 'tasks queue, done queue, due queue, expected results, active workers',
  runs:
    'id, source_path, layer, name, outcome, rows, problem, problem_detail, abandoned_why, attempt, ' +
    'worker_id, code_version, job_id, set_id, copy_of, commit_sha, is_merged, fingerprint, ' +
    'datetime_start, datetime_tz, wait_s, run_s',
  schedule:
    'name, cron, zone, command, state, next_start, last_start, last_end, outcome, detail, starts, ' +
    'failures, hours_max, runner, overdue_s, running_s, took_s, is_overrun',
  set_progress: 'id, owner, repository, state, sources, settled, open, percent, took_s, left_s, ends_at',
  sets:
    'id, owner, repository, ref, commit_sha, is_merged, state, datetime_start, datetime_end, ' +
    'paused_at, cancelled_at, render_world, render_europe, render_usa, render_geojson, took_s, ' +
    'sources, good, failed, reused, skipped, running, queued, parked, expected_done, expected_open',
  source_history:
    'source_path, layer, name, run_id, outcome, problem, problem_detail, rows, rows_before, ' +
    'source_id, fingerprint, is_merged, job_id, set_id, run_s, reused, ended_at, confirmed_at',
  stale_sources:
    'owner, repository, source_path, layer, name, run_id, rows, good_at, age_days, newest_status, ' +
    'newest_problem',
  workers: 'worker_id, active, silent_s, datetime, run_id, source_path, layer, name, version',
}

let db: TestDatabase
let reader: Sql

beforeAll(async () => {
  db = await testDatabase()
  await seed(db.sql)
  reader = connect(db.url, { max: 1 })
  await reader`set role reports`
})

afterAll(async () => {
  await reader.end()
  await db.drop()
})

describe('the views', () => {
  test('have the columns that were promised', async () => {
    const rows = await db.sql<{ view: string; columns: string[] }[]>`
      select table_name as view, json_agg(column_name) as columns
      from information_schema.columns
      where table_schema = 'reports'
      group by table_name`
    const found = new Map(rows.map(({ view, columns }) => [view, columns]))
    const missing = Object.entries(CONTRACT).flatMap(([view, columns]) =>
      columns
        .split(', ')
        .filter((column) => !found.get(view)?.includes(column))
        .map((column) => `${view}.${column}`),
    )

    expect(missing).toEqual([])
    expect([...found.keys()].filter((view) => !(view in CONTRACT))).toEqual([])
  })

  test('tell what is lost, stale, and what never worked', async () => {
    expect(plain(await reader`select source_path, rows, problem from reports.lost_sources`)).toEqual([
      { source_path: 'sources/xx/a.json', rows: '100', problem: 'download-not-found' },
    ])
    expect(plain(await reader`select source_path, age_days from reports.stale_sources`)).toEqual([
      { source_path: 'sources/xx/a.json', age_days: 40 },
    ])
    expect(plain(await reader`select source_path, problem from reports.never_worked`)).toEqual([
      { source_path: 'sources/xx/c.json', problem: null },
    ])
  })

  test('fold the copies of a result into it', async () => {
    const rows = await reader`
      select run_id, rows, rows_before, reused, confirmed_at > ended_at as was_confirmed
      from reports.source_history where source_path = 'sources/xx/b.json' order by run_id`

    expect(plain(rows)).toEqual([
      { run_id: 1003, rows: '200', rows_before: null, reused: 0, was_confirmed: false },
      { run_id: 1004, rows: '150', rows_before: '200', reused: 1, was_confirmed: true },
    ])
  })

  test('tell who lost rows, and what it costs', async () => {
    expect(plain(await reader`select run_id, rows_before, rows_now, percent from reports.drops`)).toEqual([
      { run_id: 1004, rows_before: '200', rows_now: '150', percent: 25 },
    ])
    expect(
      plain(
        await reader`select set_id, runs, reused, worker_s, wasted_s from reports.cost_of_sets order by 1`,
      ),
    ).toEqual([
      { set_id: 901, runs: 2, reused: 0, worker_s: 120, wasted_s: 0 },
      { set_id: 902, runs: 3, reused: 1, worker_s: 120, wasted_s: 60 },
    ])
  })

  test('tell how far a set is, and the dashboard what the original told it', async () => {
    expect(
      plain(await reader`select id, state, settled, sources, percent, left_s from reports.set_progress`),
    ).toEqual([{ id: 902, state: 'going', settled: 2, sources: 4, percent: 50, left_s: 3600 }])
    expect(
      plain(
        await reader`select source, process_time, cache_time, address_count, cache_url from reports.dashboard_stats order by 1`,
      ),
    ).toEqual([
      {
        source: 'sources/xx/a.json',
        process_time: 86_402.5,
        cache_time: 3,
        address_count: '100',
        cache_url: 'http://c/',
      },
      {
        source: 'sources/xx/b.json',
        process_time: 86_402.5,
        cache_time: 3,
        address_count: '200',
        cache_url: 'http://c/',
      },
    ])
  })
})

describe('docs/reports.md', () => {
  test('asks ten questions, and the role reports gets an answer to each', async () => {
    const text = await readFile(join(import.meta.dirname, '../docs/reports.md'), 'utf8')
    const questions = [...text.matchAll(/^(\d+)\. .*\n\n```sql\n([^`]+)```/gm)]

    expect(questions.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const answers: number[] = []
    for (const [, , query = ''] of questions)
      answers.push((await reader.unsafe(query.replace('us/ca/berkeley', 'xx/b'))).length)
    expect(answers.filter((rows) => rows === 0)).toEqual([])
  })
})

describe('the role reports', () => {
  test('can only read, and not for long', async () => {
    const [role] =
      await db.sql`select to_json(rolconfig) as rolconfig, rolcanlogin from pg_roles where rolname = 'reports'`

    expect({ ...role }).toEqual({
      rolconfig: ['default_transaction_read_only=on', 'statement_timeout=60s'],
      rolcanlogin: false,
    })
    const refused = await reader`delete from reports.stale_sources`.then(() => 'allowed', String)
    expect(refused).toMatch(/permission denied|cannot delete/)
  })
})

/** a worked 40 days ago and fails now, b lost rows and was used again, c was never run. */
async function seed(sql: Sql): Promise<void> {
  await sql.unsafe(`
    insert into sets (id, owner, repository, datetime_start, datetime_end) values
      (901, 'o', 'r', now() - interval '41 days', now() - interval '40 days'),
      (902, 'o', 'r', now() - interval '1 hour', null);
    insert into runs (id, source_path, source_id, layer, name, set_id, is_merged, datetime_start, datetime_tz, status, problem,
      problem_detail, state, copy_of)
    select id, 'sources/xx/' || file || '.json', 'sha', 'addresses', 'city', set_id, true, now() - at, now() - at + interval '1 minute',
      problem is null, problem, problem, jsonb_build_object('feat count', rows, 'process time', '1 day, 0:00:02.5', 'cache time',
      '0:00:03', 'cache', 'http://c/', 'license', 'http://l/', 'share-alike', 'true'), copy_of
    from (values
      (1001, 'a', 901, interval '40 days 1 hour', null, 100, null),
      (1003, 'b', 901, interval '40 days 1 hour', null, 200, null),
      (1002, 'a', 902, interval '50 minutes', 'download-not-found', null, null),
      (1004, 'b', 902, interval '40 minutes', null, 150, null),
      (1005, 'b', 902, interval '10 minutes', null, 150, 1004)) as x (id, file, set_id, at, problem, rows, copy_of);
    insert into data_sources (owner, repository, source_path, layer, name, source_id, seen_at)
    select 'o', 'r', 'sources/xx/' || file || '.json', 'addresses', 'city', 'sha', now() from unnest('{a,b,c}'::text[]) as file;
    insert into verdicts (run_id, verdict, against, reasons, fields, datetime)
    values (1004, 'accept', 1003, '[]', '[{"field": "rows", "before": 200, "now": 150, "change": -0.25}]', now());
    insert into set_sources (set_id, position, source_path, source_id, layer, name, task, released_at, run_id, status)
    select 902, n, 'sources/xx/' || n || '.json', 'sha', 'addresses', 'city', '{}', now(),
      case when n <= 2 then 1000 + 2 * n end, case when n <= 2 then n = 2 end
    from generate_series(1, 4) as n`)
}
