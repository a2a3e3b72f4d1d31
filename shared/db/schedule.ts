/** The schedule: its rows, and the loan of a row while its command runs. */
import type { Entry } from '../schedule.ts'
import { type ISql, storable } from './sql.ts'

/** How something that was started ended. */
export type Outcome = 'done' | 'failed' | 'overran' | 'lost' | 'stopped'

/** A row as pages and commands show it. */
export interface Scheduled {
  readonly name: string
  readonly cron: string
  readonly zone: string
  /** The words of the command, with spaces between. */
  readonly command: string
  readonly state: 'running' | 'waiting' | 'idle'
  readonly nextStart: Date | null
  readonly lastStart: Date | null
  readonly lastEnd: Date | null
  readonly outcome: Outcome | null
  /** The end of what it said last. */
  readonly detail: string | null
  readonly starts: number
  /** In a row. */
  readonly failures: number
  readonly hoursMax: number | null
  readonly runner: string | null
  /** Since when it should have been started. */
  readonly overdueSeconds: number
  /** How long it has been running; 0 while it does not. */
  readonly runningSeconds: number
  /** How long it took last; null while that is not known. */
  readonly tookSeconds: number | null
  /** It runs longer than it may, or its next time has come meanwhile. */
  readonly isOverrun: boolean
}

/** The whole table, by name. */
export async function listSchedule(sql: ISql): Promise<Scheduled[]> {
  return sql<Scheduled[]>`
    select name, cron, zone, command, state, next_start as "nextStart", last_start as "lastStart", last_end as "lastEnd",
      outcome, detail, starts, failures, hours_max as "hoursMax", runner, overdue_s as "overdueSeconds",
      running_s as "runningSeconds", took_s as "tookSeconds", is_overrun as "isOverrun"
    from reports.schedule
    order by name`
}

/** Put an entry, or change it; what came of it so far stays. @param nextStart  null where its cron has no next time */
export async function setEntry(sql: ISql, entry: Entry, nextStart: Date | null): Promise<void> {
  const { name, cron, zone, command, hoursMax } = entry
  await sql`
    insert into schedule (name, cron, zone, command, hours_max, next_start)
    values (${name}, ${cron}, ${zone}, ${sql.json([...command])}, ${hoursMax}, ${nextStart})
    on conflict (name) do update
    set cron = excluded.cron, zone = excluded.zone, command = excluded.command, hours_max = excluded.hours_max,
        next_start = excluded.next_start`
}

/** Take an entry away. What runs just now is ended by its runner at its next beat. False when there is none. */
export async function removeEntry(sql: ISql, name: string): Promise<boolean> {
  const rows = await sql`delete from schedule where name = ${name} returning name`
  return rows.length > 0
}

/** An entry that may be started. */
export interface Startable extends Entry {
  /** Null where nobody has said yet when it starts. */
  readonly nextStart: Date | null
  /** The clock of the database. */
  readonly now: Date
}

/** Entries that are due and that nobody runs, and those that nobody has planned. */
export async function listDue(sql: ISql): Promise<Startable[]> {
  return sql<Startable[]>`
    select name, cron, zone, command, hours_max as "hoursMax", next_start as "nextStart", queue.clock() as now
    from schedule
    where runner is null and (next_start is null or next_start <= queue.clock())
    order by next_start, name`
}

/** One entry; undefined when there is none. */
export async function readEntry(sql: ISql, name: string): Promise<Startable | undefined> {
  const [row] = await sql<Startable[]>`
    select name, cron, zone, command, hours_max as "hoursMax", next_start as "nextStart", queue.clock() as now
    from schedule
    where name = ${name}`
  return row
}

/** Say when an entry starts that nobody has planned. */
export async function planStart(sql: ISql, name: string, nextStart: Date): Promise<void> {
  await sql`update schedule set next_start = ${nextStart} where name = ${name} and next_start is null`
}

/** An entry cannot be planned; it is told on its page. False when that was told before. */
export async function tellUnplannable(sql: ISql, name: string, why: string): Promise<boolean> {
  const rows = await sql`
    update schedule
    set next_start = null, outcome = 'failed', detail = ${storable(why)}, failures = failures + 1
    where name = ${name} and runner is null and detail is distinct from ${storable(why)}
    returning name`
  return rows.length > 0
}

/** An entry on loan. */
export interface Start {
  readonly name: string
  readonly attempt: number
}

/**
 * Borrow an entry to start it: of many who see it due, one gets it.
 *
 * @param seen  the next start that we saw; null to start it by hand, which leaves its next start alone
 * @returns undefined when another has it, or has started it already
 */
export async function claimStart(
  sql: ISql,
  name: string,
  loan: {
    readonly seen: Date | null
    readonly next: Date | null
    readonly runner: string
    readonly leaseSeconds: number
  },
): Promise<Start | undefined> {
  const [row] = await sql<[{ attempt: number | null }]>`
    select machine.claim_start(${name}, ${loan.seen}, ${loan.next}, ${loan.runner},
      make_interval(secs => ${loan.leaseSeconds})) as attempt`
  return row.attempt === null ? undefined : { name, attempt: row.attempt }
}

/** It still runs. False when it is no longer ours. */
export async function beatStart(sql: ISql, { name, attempt }: Start, leaseSeconds: number): Promise<boolean> {
  const [row] = await sql<[{ ours: boolean }]>`
    select machine.beat_start(${name}, ${attempt}, make_interval(secs => ${leaseSeconds})) as ours`
  return row.ours
}

/** It has ended. False when it was no longer ours. */
export async function endStart(
  sql: ISql,
  { name, attempt }: Start,
  { outcome, detail }: { readonly outcome: Outcome; readonly detail: string },
): Promise<boolean> {
  const [row] = await sql<[{ kept: boolean }]>`
    select machine.end_start(${name}, ${attempt}, ${outcome}, ${storable(detail)}) as kept`
  return row.kept
}

/** Runners that were not heard of. Gives what they ran. `graceSeconds`: how long after a start of Postgres nothing is lost. */
export async function loseStarts(sql: ISql, graceSeconds: number): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select name from machine.lose_starts(make_interval(secs => ${graceSeconds})) as lost (name)`
  return rows.map(({ name }) => name)
}
