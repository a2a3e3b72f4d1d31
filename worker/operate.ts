/** `machine retry | cancel | redrive | drain`: what operators decide. Each deed leaves a row of the audit. */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import {
  cancelJob,
  cancelRun,
  type Decision,
  deadIds,
  drainWorkers,
  type Redriven,
  redrive,
  retryJob,
  retryRun,
} from '../shared/db/operators.ts'
import { connect, type Sql } from '../shared/db/sql.ts'
import { counted } from '../shared/text.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { UsageError } from './options.ts'

/** What was asked for. */
interface Request extends Decision {
  readonly words: readonly string[]
  readonly all: boolean
  readonly queue: string | undefined
}

/** What came of it. */
interface Outcome {
  readonly done: boolean
  /** A sentence without its full stop. */
  readonly said: string
}

interface Verb {
  readonly name: string
  readonly summary: string
  readonly usage: string
  readonly about: string
  readonly deed: (sql: Sql, request: Request) => Promise<readonly Outcome[]>
}

const VERBS: readonly Verb[] = [
  {
    name: 'retry',
    summary: 'Run a job, or a run, once more',
    usage: 'machine retry JOB|RUN… --why REASON',
    about: `Makes a new job of the same commit: what was good is reused, what failed runs again, and the new job says its
verdict to GitHub. A run that belongs to a job tries the whole job again, and is itself worked on even where it
was good; one that belongs to a set gets a job of its own, which says nothing to GitHub.`,
    deed: (sql, { words, ...decision }) => each(words, (word) => retryOne(sql, word, decision)),
  },
  {
    name: 'cancel',
    summary: 'End a job, or a run, now',
    usage: 'machine cancel JOB|RUN… --why REASON',
    about: `What waits is taken out of the queue; what is being worked on is stopped at the next beat of its worker (a minute at
most). Each data source that was open has failed with "cancelled". Sets: machine set cancel.`,
    deed: (sql, { words, ...decision }) => each(words, (word) => cancelOne(sql, word, decision)),
  },
  {
    name: 'redrive',
    summary: 'Give dead items another chance',
    usage: 'machine redrive ITEM… --why REASON\n       machine redrive --all [--queue NAME] --why REASON',
    about: `An event goes back to its queue, and its job is open again. A task, or a result, whose run has failed since is tried
again as a new job. machine status lists the dead.`,
    async deed(sql, { words, all, queue, ...decision }) {
      const ids = all ? await deadIds(sql, queue) : words
      if (ids.length === 0) return [{ done: true, said: 'nothing is dead' }]
      return each(ids, (id) => redriveOne(sql, id, decision))
    },
  },
  {
    name: 'drain',
    summary: 'Let workers finish what they have, and end',
    usage: 'machine drain WORKER|HOST… --why REASON\n       machine drain --all --why REASON',
    about: `They take nothing more from now on, finish what they have, and end within half a minute after it. machine status
names them. To give work back at once, send SIGTERM.`,
    deed: (sql, { words, all, ...decision }) =>
      each(all ? ['*'] : words, (word) => drainOne(sql, word, decision)),
  },
]

/** The four verbs as commands. */
export const [retryCommand, cancelCommand, redriveCommand, drainCommand] = VERBS.map(command) as [
  Command,
  Command,
  Command,
  Command,
]

function command({ name, summary, usage, about, deed }: Verb): Command {
  return {
    name,
    summary,
    usage: `Usage: ${usage}

${about}

  --why REASON  the reason, which is written down
  --who NAME    who decides (the user of this computer)
  --json        what came of it as JSON

Exits with 0 when all of it was done, 1 when some could not be. Needs DATABASE_URL.`,
    async run(argv) {
      const { json, ...request } = readRequest(argv)
      const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
      await checkPostgres(databaseUrl)
      const sql = connect(databaseUrl, { max: 1, name: `machine ${name}` })
      try {
        const outcomes = await deed(sql, request)
        if (json) process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`)
        else
          for (const { done, said } of outcomes) (done ? process.stdout : process.stderr).write(`${said}\n`)
        return outcomes.every(({ done }) => done) ? 0 : 1
      } finally {
        await sql.end({ timeout: 5 })
      }
    },
  }
}

function readRequest(argv: readonly string[]): Request & { readonly json: boolean } {
  const { values, positionals: words } = parsed(argv)
  const { why = '', who = userInfo().username, all = false, queue, json = false } = values
  if (why.trim() === '') throw new UsageError('expected --why REASON')
  if (who.trim() === '') throw new UsageError('expected a name after --who')
  if (all === words.length > 0) throw new UsageError('expected what it is about')
  return { words, who: who.trim(), why: why.trim(), all, queue, json }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        why: { type: 'string' },
        who: { type: 'string' },
        all: { type: 'boolean' },
        queue: { type: 'string' },
        json: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** One after the other: what is done of a list is done, whatever becomes of the rest. */
async function each(words: readonly string[], deed: (word: string) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const word of words) outcomes.push(await deed(word))
  return outcomes
}

/** A whole number is a run; anything else is a job. */
function runIdOf(word: string): number | undefined {
  return /^\d{1,9}$/.test(word) ? Number(word) : undefined
}

async function retryOne(sql: Sql, word: string, decision: Decision): Promise<Outcome> {
  const runId = runIdOf(word)
  const newId = randomUUID()
  const what = runId === undefined ? `job ${word}` : `run ${word}`
  const retried =
    runId === undefined
      ? await retryJob(sql, { jobId: word, newId, ...decision })
      : await retryRun(sql, { runId, newId, ...decision })
  if (retried === 'not-found') return { done: false, said: `there is no ${what}` }
  if (retried === 'still-going') return { done: false, said: `${what} still goes; cancel it first` }
  return {
    done: true,
    said: `${what} is tried again as job ${retried.jobId}: ${counted(retried.sources, 'data source')}`,
  }
}

async function cancelOne(sql: Sql, word: string, decision: Decision): Promise<Outcome> {
  const runId = runIdOf(word)
  const what = runId === undefined ? `job ${word}` : `run ${word}`
  const done =
    runId === undefined
      ? await cancelJob(sql, { jobId: word, ...decision })
      : await cancelRun(sql, { runId, ...decision })
  return { done, said: done ? `cancelled ${what}` : `${what} is not there, or has ended` }
}

const REDRIVEN: Readonly<Record<Redriven, string>> = {
  back: 'is back in its queue',
  retried: 'is tried again as a new job',
  'no-such-item': 'is not among the dead',
  'no-run': 'belongs to no run that could be tried again; it stays',
}

async function redriveOne(sql: Sql, word: string, decision: Decision): Promise<Outcome> {
  if (!/^\d{1,18}$/.test(word)) return { done: false, said: `"${word}" is not the number of an item` }
  const outcome = await redrive(sql, { id: word, newId: randomUUID(), ...decision })
  return { done: outcome === 'back' || outcome === 'retried', said: `item ${word} ${REDRIVEN[outcome]}` }
}

async function drainOne(sql: Sql, about: string, decision: Decision): Promise<Outcome> {
  const workers = await drainWorkers(sql, { about, ...decision })
  if (workers.length === 0)
    return {
      done: false,
      said: `no worker ${about === '*' ? '' : `${about} `}is there that was not told before`,
    }
  return { done: true, said: `told to drain: ${workers.join(', ')}` }
}
