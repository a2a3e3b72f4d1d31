/** `machine set`: sets seen, paused, resumed and cancelled. */
import { userInfo } from 'node:os'
import {
  changeSet,
  endCancelled,
  listSets,
  readSet,
  readSetProblems,
  type SetFacts,
  type SetDeed,
} from '../shared/db/sets.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { secondsLeft } from '../shared/set.ts'
import { counted, duration, grouped } from '../shared/text.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { readOptions, UsageError } from './options.ts'

const USAGE = `Usage: machine set list [--json]
       machine set show ID [--json]
       machine set pause|resume|cancel ID [--why TEXT] [--who NAME] [--dry-run] [--json]

list      the newest sets
show      one set: how far it is, how long it will take, what is wrong
pause     it releases nothing more; what is in the queue, or is being worked on, goes on
resume    it goes on where it was
cancel    it ends now: what waits in the queue is taken out, what is being worked on is stopped at the next beat of its
          worker (a minute at most); results that were handed in count

  --why TEXT   the reason, which is written down (none given)
  --who NAME   who decides (the user of this computer)
  --dry-run    say what would be done
  --json       facts as JSON

Exits with 0 when it is so, 1 when there is no such set or it has ended, 2 when it was called wrongly. Needs DATABASE_URL.`

/** How many sets a list has. */
const LISTED = 20

const DEEDS: readonly string[] = ['pause', 'resume', 'cancel']

export const setCommand: Command = {
  name: 'set',
  summary: 'Sets: list, show, pause, resume, cancel',
  usage: USAGE,
  async run(argv) {
    const words = argv.filter((_, at) => isWord(argv, at))
    const options = readOptions(
      argv.filter((_, at) => !isWord(argv, at)),
      {
        why: { type: 'string', default: 'none given' },
        who: { type: 'string', default: userInfo().username },
        'dry-run': { type: 'boolean' },
        json: { type: 'boolean' },
      },
    )
    const [deed = '', id, ...more] = words
    const isList = deed === 'list'
    if (!isList && deed !== 'show' && !DEEDS.includes(deed))
      throw new UsageError(`expected list, show, pause, resume or cancel, got "${deed}"`)
    if (isList ? id !== undefined : more.length > 0 || !/^[1-9]\d{0,8}$/.test(id ?? ''))
      throw new UsageError(
        isList ? `expected nothing after list` : `expected the number of a set after ${deed}`,
      )

    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(databaseUrl)
    const sql = connect(databaseUrl, { max: 1, name: 'machine set' })
    try {
      if (isList) return await list(sql, options.json)
      if (deed === 'show') return await show(sql, Number(id), options.json)
      return await change(sql, Number(id), { ...options, deed: deed as SetDeed, dryRun: options['dry-run'] })
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

/** Neither an option nor the value of one. */
function isWord(argv: readonly string[], at: number): boolean {
  const [word = '', before = ''] = [argv[at], argv[at - 1]]
  return !word.startsWith('-') && before !== '--why' && before !== '--who'
}

async function list(sql: Sql, isJson: boolean): Promise<number> {
  const sets = await listSets(sql, undefined, LISTED)
  if (isJson) print(sets)
  else if (sets.length === 0) process.stdout.write('there is no set\n')
  else for (const set of sets) process.stdout.write(`${lineOf(set, new Date())}\n`)
  return 0
}

async function show(sql: Sql, id: number, isJson: boolean): Promise<number> {
  const set = await readSet(sql, id)
  if (set === undefined) return refuse(`there is no set ${id}`)
  const problems = await readSetProblems(sql, id)
  if (isJson) {
    print({ ...set, problems })
    return 0
  }
  const lines = problems.map(({ code, count }) => `  ${grouped(count).padStart(6)}  ${code}`)
  process.stdout.write(`${[lineOf(set, new Date()), ...lines].join('\n')}\n`)
  return 0
}

interface Change {
  readonly deed: SetDeed
  readonly who: string
  readonly why: string
  readonly dryRun: boolean
  readonly json: boolean
}

async function change(sql: Sql, id: number, { deed, who, why, dryRun, json }: Change): Promise<number> {
  const before = await readSet(sql, id)
  if (before === undefined) return refuse(`there is no set ${id}`)
  if (before.endedAt !== null) return refuse(`set ${id} has ended`)
  if (before.cancelledAt !== null && deed !== 'cancel') return refuse(`set ${id} is being cancelled`)
  const inQueue = `${grouped(before.queued)} in the queue, ${grouped(before.running)} being worked on, ${grouped(before.parked)} to come`
  if (dryRun) {
    process.stdout.write(`would ${deed} set ${id}: ${inQueue}\n`)
    return 0
  }

  const isNew = await changeSet(sql, id, { deed, who, why })
  const ended = deed === 'cancel' ? await endCancelled(sql) : undefined
  if (json) print({ set: id, deed, changed: isNew, ...(ended ?? {}) })
  else process.stdout.write(`${sentence({ id, deed, isNew, inQueue, ended })}\n`)
  return 0
}

interface Said {
  readonly id: number
  readonly deed: SetDeed
  readonly isNew: boolean
  readonly inQueue: string
  readonly ended: { readonly waiting: number; readonly running: number } | undefined
}

function sentence({ id, deed, isNew, inQueue, ended }: Said): string {
  if (ended !== undefined)
    return `set ${id} is cancelled: ${counted(ended.waiting, 'task')} taken out of the queue, ${counted(ended.running, 'run')} stopped at the next beat of the worker`
  if (deed === 'pause') return `set ${id} ${isNew ? 'is paused' : 'was paused before'}: ${inQueue}`
  return `set ${id} ${isNew ? 'goes on' : 'was not paused'}: ${inQueue}`
}

/** `41  openaddresses/openaddresses at 0c1f7d2  going  1,280 of 4,862 (80 failed, 700 reused), 2 h 10 min left`. */
function lineOf(set: SetFacts, now: Date): string {
  const seconds = ((set.endedAt ?? now).getTime() - set.startedAt.getTime()) / 1000
  const left = set.endedAt === null && set.pausedAt === null ? secondsLeft(set, seconds) : undefined
  return [
    `${set.id}`.padStart(5),
    `${set.owner}/${set.repository} at ${set.commitSha?.slice(0, 7) ?? '?'}${set.ref === null ? '' : ` (${set.ref})`}`,
    stateOf(set).padEnd(9),
    `${grouped(set.good + set.failed)} of ${grouped(set.sources)} (${grouped(set.failed)} failed, ${grouped(set.reused)} reused)` +
      (set.endedAt === null
        ? left === undefined
          ? ''
          : `, ${duration(left)} left`
        : `, took ${duration(seconds)}`),
  ].join('  ')
}

function stateOf({ endedAt, cancelledAt, pausedAt }: SetFacts): string {
  if (cancelledAt !== null) return 'cancelled'
  if (endedAt !== null) return 'ended'
  return pausedAt === null ? 'going' : 'paused'
}

function refuse(why: string): number {
  process.stderr.write(`machine set: ${why}\n`)
  return 1
}

function print(facts: unknown): void {
  process.stdout.write(`${JSON.stringify(facts)}\n`)
}
