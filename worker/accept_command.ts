/** `machine accept SOURCE --who NAME --why REASON`: take a held run for good. */
import { parseArgs } from 'node:util'
import { isMigrated } from '../shared/db/migrations.ts'
import { connect, explain, type Sql } from '../shared/db/sql.ts'
import { acceptRun, type Held, listHeld } from '../shared/db/verdicts.ts'
import { acceptanceText } from '../shared/hold.ts'
import type { Command } from './cli.ts'
import { processEnv, readConfig } from './env.ts'
import { UsageError } from './options.ts'

export const acceptCommand: Command = {
  name: 'accept',
  summary: 'Take a held run for good: its data becomes current',
  usage: `Usage: machine accept SOURCE --who NAME --why REASON [options]
       machine accept SOURCE --list

A run whose numbers are not like those of the last accepted one is held: nothing of it is published, and what
was good before stays current. Accepting it is a decision of a person, and written down as such.

  SOURCE        a source, such as us/ca/berkeley or sources/us/ca/berkeley.json, or the number of a run
  --who NAME    who decides
  --why REASON  why the numbers are right
  --layer NAME  only this layer of the source
  --name NAME   only the data source of this name
  --list        only say which runs of the source are held, and why

Of each data source the newest held run is accepted. Exits with 0 when at least one was, 1 when none could be.
Needs DATABASE_URL.`,
  async run(argv) {
    const request = readRequest(argv)
    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    const sql = connect(databaseUrl, { max: 1, name: 'machine accept' })
    try {
      if (!(await isMigrated(sql)))
        throw new Error('the database is older than this code: run machine migrate')
      return await accept(sql, request)
    } catch (error) {
      throw new Error(explain(error, databaseUrl), { cause: error })
    } finally {
      await sql.end({ timeout: 5 })
    }
  },
}

interface Request {
  readonly source: string
  readonly layer: string | undefined
  readonly name: string | undefined
  readonly who: string
  readonly why: string
  readonly list: boolean
}

function readRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv)
  const [source, ...more] = positionals
  if (source === undefined || more.length > 0) throw new UsageError('expected one SOURCE')
  const { who = '', why = '', layer, name, list = false } = values
  if (!list && (who.trim() === '' || why.trim() === ''))
    throw new UsageError('expected --who NAME and --why REASON')
  return { source, layer, name, who: who.trim(), why: why.trim(), list }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        who: { type: 'string' },
        why: { type: 'string' },
        layer: { type: 'string' },
        name: { type: 'string' },
        list: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

async function accept(sql: Sql, request: Request): Promise<number> {
  const { source, who, why, list } = request
  if (/^\d+$/.test(source)) return await acceptOne(sql, Number(source), { who, why })

  const held = (await listHeld(sql, pathOf(source))).filter((run) => isMeant(run, request))
  if (held.length === 0) {
    process.stderr.write(`no run of ${pathOf(source)} is held\n`)
    return 1
  }
  if (list) {
    for (const { runId, layer, name, why } of held)
      process.stdout.write(`run ${runId} ${layer}/${name}: ${why}\n`)
    return 0
  }
  const codes: number[] = []
  for (const { runId } of newest(held)) codes.push(await acceptOne(sql, runId, { who, why }))
  return Math.min(...codes)
}

async function acceptOne(
  sql: Sql,
  runId: number,
  { who, why }: { who: string; why: string },
): Promise<number> {
  const outcome = await acceptRun(sql, { runId, who, why })
  const isDone = outcome === 'accepted'
  ;(isDone ? process.stdout : process.stderr).write(`${acceptanceText(outcome, runId)}\n`)
  return isDone ? 0 : 1
}

function isMeant(run: Held, { layer, name }: Request): boolean {
  return (layer ?? run.layer) === run.layer && (name ?? run.name) === run.name
}

/** The newest of each data source; the list has the newest first. */
function newest(held: readonly Held[]): Held[] {
  const seen = new Map<string, Held>()
  for (const run of held) {
    const key = JSON.stringify([run.layer, run.name])
    if (!seen.has(key)) seen.set(key, run)
  }
  return [...seen.values()]
}

function pathOf(source: string): string {
  const path = source.startsWith('sources/') ? source : `sources/${source}`
  return path.endsWith('.json') ? path : `${path}.json`
}
