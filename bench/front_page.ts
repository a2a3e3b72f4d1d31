/**
 * The facts of the front page with a million runs: how long they take, and the plan; and what it costs to count them.
 *
 *     npx bun bench/front_page.ts [RUNS] [SOURCES]
 *
 * Runs are seeded, the same each time. What it prints is in docs/reports.md.
 */
import { listJobs } from '../shared/db/jobs.ts'
import { readMetrics } from '../shared/db/heartbeats.ts'
import { readSums, sumUp } from '../shared/db/sums.ts'
import { stopTestPostgres, testDatabase } from '../test/postgres.ts'

const runs = Number(process.argv[2] ?? 1_000_000)
const sources = Number(process.argv[3] ?? 4862)
const ROUNDS = 20

const db = await testDatabase()
try {
  await db.sql.unsafe(`
    insert into sets (id, owner, repository, datetime_end) values (1, 'o', 'r', now());
    insert into data_sources (owner, repository, source_path, layer, name, source_id, seen_at)
    select 'o', 'r', 'sources/xx/' || n || '.json', 'addresses', 'city', md5(n::text), now() from generate_series(1, ${sources}) as n;
    insert into runs (id, source_path, source_id, layer, name, set_id, is_merged, datetime_start, datetime_tz, status, problem, state)
    select 10 + n, 'sources/xx/' || 1 + n % ${sources} || '.json', md5(n::text), 'addresses', 'city', 1, true,
      now() - (${runs} - n) * interval '10 seconds', now() - (${runs} - n) * interval '10 seconds' + interval '5 seconds', n % 7 <> 0,
      case when n % 7 = 0 then 'download-not-found' end, jsonb_build_object('feat count', n % 9973)
    from generate_series(1, ${runs}) as n;
    insert into jobs (id, sequence, status, event, github_owner, github_repository, commit_sha, expanded_at, datetime_end)
    select n::text, 2000000 + n, true, 'push', 'o', 'r', 'sha', now(), now() from generate_series(1, 1000) as n;
    analyze`)
  say('runs', String(runs))
  await timed('to count it all (machine sum-up-data), first', 1, () => sumUp(db.sql))
  await timed('to count it all, again', 1, () => sumUp(db.sql))
  const facts = () => Promise.all([listJobs(db.sql, undefined, 5), readMetrics(db.sql), readSums(db.sql)])
  await timed('the facts of the front page, first', 1, facts)
  await timed(`the facts of the front page, slowest of ${ROUNDS}`, ROUNDS, facts)
  await explain('select * from reports.hours order by hour desc limit 1', Number.POSITIVE_INFINITY)
  await explain('select count(*), count(run_id), sum(rows) from reports.current_runs', 3)
} finally {
  await db.drop()
  await stopTestPostgres()
}

/** The plan of a query: so many lines from the top, and the time from the end. */
async function explain(query: string, lines: number): Promise<void> {
  const rows = await db.sql.unsafe(`explain (analyze, costs off, timing off, summary on) ${query}`)
  const plan = rows.map((row) => `  ${row['QUERY PLAN']}`)
  const shown = plan.length > lines + 1 ? [...plan.slice(0, lines), '  …', ...plan.slice(-1)] : plan
  process.stdout.write(`\n${query}\n${shown.join('\n')}\n`)
}

async function timed(what: string, rounds: number, deed: () => Promise<unknown>): Promise<void> {
  let slowest = 0
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    await deed()
    slowest = Math.max(slowest, performance.now() - began)
  }
  say(what, `${slowest.toFixed(1)} ms`)
}

function say(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(52)} ${value}\n`)
}
