/** Lines of /metrics about sets and the schedule. */
import type { Scheduled } from '../shared/db/schedule.ts'
import type { SetFacts } from '../shared/db/sets.ts'

type Gauge<Row> = readonly [name: string, help: string, value: (row: Row) => number | undefined]

const SCHEDULE: readonly Gauge<Scheduled>[] = [
  ['failures', 'How often in a row it did not end well.', ({ failures }) => failures],
  [
    'overrun',
    '1 while it runs longer than it may, or past its next time.',
    ({ isOverrun }) => (isOverrun ? 1 : 0),
  ],
  ['overdue_seconds', 'Since when it should have been started.', ({ overdueSeconds }) => overdueSeconds],
  ['running_seconds', 'How long it has been running.', ({ runningSeconds }) => runningSeconds],
  ['last_start_timestamp_seconds', 'When it was started last.', ({ lastStart }) => seconds(lastStart)],
  ['last_end_timestamp_seconds', 'When it ended last.', ({ lastEnd }) => seconds(lastEnd)],
  ['next_start_timestamp_seconds', 'When it starts next.', ({ nextStart }) => seconds(nextStart)],
]

const SETS: readonly Gauge<SetFacts>[] = [
  ['sources', 'Data sources of a set that goes.', ({ sources }) => sources],
  ['good', 'Those of them that are good.', ({ good }) => good],
  ['failed', 'Those of them that failed.', ({ failed }) => failed],
  ['open', 'Those of them that have not settled.', ({ sources, good, failed }) => sources - good - failed],
  [
    'age_seconds',
    'How long the set has gone on.',
    ({ startedAt }) => (Date.now() - startedAt.getTime()) / 1000,
  ],
]

/** The schedule as gauges, one of each entry. */
export function scheduleMetrics(entries: readonly Scheduled[]): string[] {
  return gauges('machine_schedule', SCHEDULE, entries, ({ name }) => `name="${name}"`)
}

/** Sets that go on, as gauges. */
export function setMetrics(sets: readonly SetFacts[]): string[] {
  return gauges('machine_set', SETS, sets, ({ id }) => `set="${id}"`)
}

function gauges<Row>(
  prefix: string,
  table: readonly Gauge<Row>[],
  rows: readonly Row[],
  label: (row: Row) => string,
): string[] {
  return table.flatMap(([name, help, value]) => {
    const metric = `${prefix}_${name}`
    const lines = rows.flatMap((row) => {
      const number = value(row)
      return number === undefined ? [] : [`${metric}{${label(row)}} ${number}`]
    })
    return [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, ...lines]
  })
}

function seconds(at: Date | null): number | undefined {
  return at === null ? undefined : at.getTime() / 1000
}
