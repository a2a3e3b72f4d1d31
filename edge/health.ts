/** For machines that watch this one: alive, ready, numbers. */
import type { Context } from 'hono'
import { readMetrics } from '../shared/db/heartbeats.ts'
import { isMigrated, NEWEST_MIGRATION } from '../shared/db/migrations.ts'
import { countDead, countProblems } from '../shared/db/operators.ts'
import { depth } from '../shared/db/queue.ts'
import { listSchedule } from '../shared/db/schedule.ts'
import { listOpenSets } from '../shared/db/sets.ts'
import { PROBLEMS } from '../shared/problem_table.ts'
import type { Doors } from './app.ts'
import { scheduleMetrics, setMetrics } from './batch_metrics.ts'

/** Alive; on purpose nothing else is asked, or an outage of Postgres would restart every edge. */
export function health(c: Context): Response {
  return c.text('OK')
}

/** Whether deliveries can be taken: the database is there, and as new as this code. */
export async function ready(c: Context, { sql }: Doors): Promise<Response> {
  try {
    const migrated = await isMigrated(sql)
    const wrong = migrated ? null : `the migration ${NEWEST_MIGRATION} has not run: machine migrate`
    return c.json(
      { ready: migrated, database: true, migrations: migrated, ...(wrong === null ? {} : { wrong }) },
      migrated ? 200 : 503,
    )
  } catch (error) {
    const wrong = error instanceof Error ? error.message || error.name : String(error)
    return c.json({ ready: false, database: false, migrations: false, wrong }, 503)
  }
}

/** The numbers that CloudWatch gets, and the depth of every queue, for Prometheus. */
export async function metrics(c: Context, { sql }: Doors): Promise<Response> {
  const [numbers, depths, problems, dead, schedule, sets] = await Promise.all([
    readMetrics(sql),
    depth(sql),
    countProblems(sql),
    countDead(sql),
    listSchedule(sql),
    listOpenSets(sql),
  ])
  const lines = Object.entries(numbers).flatMap(([name, value]) => {
    const metric = `machine_${name.replaceAll(' ', '_')}`
    return [
      `# HELP ${metric} The original's metric "${name}".`,
      `# TYPE ${metric} gauge`,
      `${metric} ${value}`,
    ]
  })
  const gauges = [
    'waiting',
    'delayed',
    'in_flight',
    'lease_expired',
    'oldest_waiting_s',
    'longest_running_s',
  ] as const
  for (const gauge of gauges) {
    const metric = `machine_queue_${gauge}`
    lines.push(`# HELP ${metric} Column ${gauge} of reports.queue_depth.`, `# TYPE ${metric} gauge`)
    for (const row of depths)
      lines.push(`${metric}{queue=${label(row.q_name)},lane="${row.lane}"} ${row[gauge]}`)
  }
  lines.push(
    ...problemMetrics(problems),
    ...deadMetrics(dead),
    ...scheduleMetrics(schedule),
    ...setMetrics(sets),
  )
  return c.text(`${lines.join('\n')}\n`, 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
}

/** Each code, also those that no run has ended with yet: a rate can be told from the first on. */
function problemMetrics(problems: readonly { readonly code: string; readonly runs: number }[]): string[] {
  const counts = new Map([
    ...Object.keys(PROBLEMS).map((code) => [code, 0] as const),
    ...problems.map(({ code, runs }) => [code, runs] as const),
  ])
  return [
    '# HELP machine_runs_ended_total Runs that ended with this problem; see /problems.',
    '# TYPE machine_runs_ended_total counter',
    ...[...counts].map(([code, runs]) => `machine_runs_ended_total{problem=${label(code)}} ${runs}`),
  ]
}

/** Items that failed as often as they may. */
function deadMetrics(dead: readonly { readonly queue: string; readonly items: number }[]): string[] {
  return [
    '# HELP machine_dead_items Items that failed as often as they may, and wait for machine redrive.',
    '# TYPE machine_dead_items gauge',
    ...dead.map(({ queue, items }) => `machine_dead_items{queue=${label(queue)}} ${items}`),
  ]
}

/** A value between quotes, as the text format of Prometheus wants it: other programs name their queues as they like. */
function label(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
