/** `machine schedule`: the loop, and the table it goes by. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  claimStart,
  listSchedule,
  readEntry,
  removeEntry,
  type Scheduled,
  setEntry,
} from '../shared/db/schedule.ts'
import { readClock } from '../shared/db/sets.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { DEFAULT_SCHEDULE, type Entry, isEntryName, nextStart } from '../shared/schedule.ts'
import { ago, duration } from '../shared/text.ts'
import type { Cli, Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { readOptions, UsageError } from './options.ts'
import { runStart, type Scheduling, schedule, type StartCommand } from './schedule.ts'
import { logger } from './system/log.ts'
import { selfCommand, start } from './system/spawn.ts'
import { stopSignal } from './system/stop_signal.ts'

const CLI = join(import.meta.dirname, 'cli.ts')

/** A scheduler that is not heard of for this long has lost what it runs. */
const LEASE_SECONDS = 60

/** Told that its scheduler is gone, a command has so long to end by itself. */
const ALONE_MS_MAX = 10_000

const USAGE = `Usage: machine schedule
       machine schedule list [--json]
       machine schedule set NAME --cron "0 21 * * 1,5" [--zone UTC] [--hours HOURS] [--dry-run] -- COMMAND [options]
       machine schedule defaults [--dry-run]
       machine schedule remove NAME [--dry-run]
       machine schedule run NAME

Without a word it starts machine commands at their times until it is told to stop (SIGTERM or Ctrl-C). Any number may run
on one database: each start is made by one of them. A start that was missed is caught up once. What overruns or fails is
seen at /schedule and in /metrics of the edge. The same commands can be started by any other timer instead.

  list        what is started when, and what came of it last
  set         put a command into the table, or change it
  defaults    put the original's times for those of its commands that are not in the table
  remove      take a command out of the table; should it be running, it is ended
  run         start one now, here, and wait for it; nobody else starts it meanwhile

  --cron CRON     minute, hour, day, month, day of the week; or @hourly, @daily, @weekly, @monthly
  --zone ZONE     time zone (UTC)
  --hours HOURS   the end of patience: what runs longer is ended (no end)
  --dry-run       say what would be done
  --json          as JSON

Exits with 0 when it is so (run: when the command ended well), 1 when it is not, 2 when it was called wrongly. Needs
DATABASE_URL, and whatever the commands need.`

export const scheduleCommand: Command = {
  name: 'schedule',
  summary: 'Start commands at their times; the table of times',
  usage: USAGE,
  async run(argv, cli) {
    const [word = '', ...rest] = argv
    if (word === 'child') return await child(rest, cli)
    const deed = word === '' || word.startsWith('-') ? 'loop' : word
    const run = Object.hasOwn(DEEDS, deed) ? DEEDS[deed] : undefined
    if (run === undefined)
      throw new UsageError(`expected list, set, defaults, remove, run, or nothing, got "${deed}"`)
    const asked = readAsked(deed === 'loop' ? argv : rest)
    const config = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(config.databaseUrl)
    const sql = connect(config.databaseUrl, { max: 3, name: 'machine schedule' })
    try {
      return await run(sql, asked, cli)
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

/** What stands behind the deed. */
interface Asked {
  readonly words: readonly string[]
  readonly command: readonly string[]
  readonly options: {
    readonly cron: string | undefined
    readonly zone: string
    readonly hours: string | undefined
    readonly 'dry-run': boolean
    readonly json: boolean
  }
}

const WITH_VALUE = ['--cron', '--zone', '--hours']

function readAsked(argv: readonly string[]): Asked {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  const ours = argv.slice(0, end)
  const isWord = (word: string, at: number) =>
    !word.startsWith('-') && !WITH_VALUE.includes(ours[at - 1] ?? '')
  const options = readOptions(
    ours.filter((word, at) => !isWord(word, at)),
    {
      cron: { type: 'string' },
      zone: { type: 'string', default: 'UTC' },
      hours: { type: 'string' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  )
  return { words: ours.filter(isWord), command: argv.slice(end + 1), options }
}

const DEEDS: Record<string, (sql: Sql, asked: Asked, cli: Cli) => Promise<number>> = {
  loop,
  list,
  set,
  defaults,
  remove,
  run: runNow,
}

async function loop(sql: Sql, { words }: Asked): Promise<number> {
  if (words.length > 0) throw new UsageError(`expected no ${words[0]}`)
  const scheduling = schedulingOver(sql)
  if ((await listSchedule(sql)).length === 0)
    scheduling.log('nothing is scheduled; machine schedule defaults puts the original’s times')
  const stop = stopSignal(false)
  await schedule(scheduling, stop.signal)
  stop.release()
  return 0
}

async function list(sql: Sql, { options }: Asked): Promise<number> {
  const rows = await listSchedule(sql)
  const lines = options.json ? [JSON.stringify(rows)] : rows.map((row) => lineOf(row, new Date()))
  process.stdout.write(`${lines.length > 0 ? lines.join('\n') : 'nothing is scheduled'}\n`)
  return 0
}

async function set(sql: Sql, { words, command, options }: Asked, { names }: Cli): Promise<number> {
  const [name = '', ...more] = words
  const { cron, zone, hours } = options
  if (more.length > 0 || !isEntryName(name))
    throw new UsageError(`expected one name of small letters, digits, - and _, got "${words.join(' ')}"`)
  if (cron === undefined) throw new UsageError('expected --cron')
  const hoursMax = hours === undefined ? null : Number(hours)
  if (hoursMax !== null && !(hoursMax > 0)) throw new UsageError(`expected hours above zero, got "${hours}"`)
  if (!names.includes(command[0] ?? ''))
    throw new UsageError(`expected a machine command after --, got "${command[0] ?? ''}"`)
  return put(sql, { name, cron, zone, command, hoursMax }, options['dry-run'])
}

async function defaults(sql: Sql, { options }: Asked, { names }: Cli): Promise<number> {
  const there = (await listSchedule(sql)).map(({ name }) => name)
  for (const entry of DEFAULT_SCHEDULE) {
    if (there.includes(entry.name)) process.stdout.write(`${entry.name} is there and stays as it is\n`)
    else if (names.includes(entry.command[0] ?? '')) await put(sql, entry, options['dry-run'])
    else process.stdout.write(`${entry.name} is left out: there is no such command\n`)
  }
  return 0
}

async function put(sql: Sql, entry: Entry, isDry: boolean): Promise<number> {
  let next: Date | undefined
  try {
    next = nextStart(entry.cron, entry.zone, await readClock(sql))
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  if (!isDry) await setEntry(sql, entry, next ?? null)
  const when = next === undefined ? 'never: no such day comes' : `next at ${timeText(next)}`
  process.stdout.write(
    `${isDry ? 'would schedule' : 'scheduled'} ${entry.name}: ${entry.command.join(' ')}, ${when}\n`,
  )
  return 0
}

async function remove(sql: Sql, { words, options }: Asked): Promise<number> {
  const [name = ''] = words
  const found = options['dry-run'] ? (await readEntry(sql, name)) !== undefined : await removeEntry(sql, name)
  if (!found) return refuse(`nothing called "${name}" is scheduled`)
  process.stdout.write(`${options['dry-run'] ? 'would remove' : 'removed'} ${name}\n`)
  return 0
}

async function runNow(sql: Sql, { words }: Asked): Promise<number> {
  const [name = ''] = words
  const due = await readEntry(sql, name)
  if (due === undefined) return refuse(`nothing called "${name}" is scheduled`)
  const scheduling = schedulingOver(sql)
  const lent = await claimStart(sql, name, { seen: null, next: null, ...scheduling })
  if (lent === undefined) return refuse(`${name} runs already`)
  const stop = stopSignal(false)
  const onLine = (line: string) => void process.stdout.write(`${line}\n`)
  const outcome = await runStart(scheduling, {
    start: lent,
    due,
    signal: stop.signal,
    onLine,
    isByHand: true,
  })
  stop.release()
  return outcome === 'done' ? 0 : 1
}

function schedulingOver(sql: Sql): Scheduling {
  const runner = `${hostname()}/${process.pid}/${randomBytes(4).toString('hex')}`
  return {
    sql,
    runner,
    leaseSeconds: LEASE_SECONDS,
    start: startCommand(processEnv()),
    log: logger('schedule'),
  }
}

/** A machine command as a child that sees our whole environment, and that ends when we are gone, however we went. */
export function startCommand(environment: Readonly<Record<string, string | undefined>>): StartCommand {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  return (command, { onLine }) => {
    const [program, ...before] = selfCommand(CLI)
    return start(program, [...before, 'schedule', 'child', '--', ...command], {
      env: Object.fromEntries(entries),
      tether: true,
      onLine,
      onErrorLine: onLine,
    })
  }
}

/** The child: another machine command in this process, which ends when its scheduler is gone. */
async function child(argv: readonly string[], { main }: Cli): Promise<number> {
  process.stdin
    .on('end', () => {
      process.stderr.write('the scheduler is gone; ending\n')
      process.kill(process.pid, 'SIGTERM')
      setTimeout(() => process.exit(1), ALONE_MS_MAX)
    })
    .resume()
  return main(argv.slice(argv.indexOf('--') + 1))
}

/** `enqueue-sources  0 21 * * 1,5  UTC  waiting  next 2026-11-27 21:00  last done 2 days ago, took 8.1 s`. */
function lineOf(row: Scheduled, now: Date): string {
  const { name, cron, zone, state, outcome, failures } = row
  const last =
    row.lastStart === null
      ? 'never started'
      : `${outcome ?? 'started'} ${ago(row.lastEnd ?? row.lastStart, now)}`
  const took = row.tookSeconds !== null && row.tookSeconds >= 0 ? `, took ${duration(row.tookSeconds)}` : ''
  const next =
    state === 'running'
      ? `for ${duration(row.runningSeconds)}`
      : row.nextStart === null
        ? 'no next time'
        : `next ${timeText(row.nextStart)}`
  const many = failures > 1 ? `, ${failures} in a row` : ''
  return [
    name.padEnd(20),
    cron.padEnd(16),
    zone.padEnd(6),
    `${state}${row.isOverrun ? ', overrun' : ''}`,
    next,
    `${last}${took}${many}`,
  ].join('  ')
}

function timeText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function refuse(why: string): number {
  process.stderr.write(`machine schedule: ${why}\n`)
  return 1
}
