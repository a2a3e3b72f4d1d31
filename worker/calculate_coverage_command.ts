/** `machine calculate-coverage` as a command: its options, what it says, and how it ends. */
import { hasCoverageTables, type CoverageNumbers } from '../shared/db/coverage_numbers.ts'
import { connect, explain, type Sql } from '../shared/db/sql.ts'
import { type Calculated, calculateCoverage } from './calculate_coverage.ts'
import type { Command } from './cli.ts'
import { currentSources } from './coverage_sources.ts'
import { processEnv, readConfig } from './env.ts'
import { checkPostgres } from './loops.ts'
import { readOptions } from './options.ts'
import { countText } from './process_picture.ts'
import { openAtlas } from './render/atlas.ts'
import { movingLine } from './system/moving_line.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'

const USAGE = `Usage: machine calculate-coverage [options]

Measures how much of each country and of each US state the good sources of addresses cover, of its land and, where populations are
loaded, of its people; into the tables areas and us_states. What a source covers is what it declares; a point counts as a circle
of ten kilometres. Needs PostGIS: docs/coverage.md.

  -o, --owner NAME       owner of the repository of sources (default openaddresses)
  -r, --repository NAME  its name (default openaddresses)
  --population FILE      people of the world by boxes of one degree, as CSV; replaces what is loaded
  --us-population FILE   the same of the US states
  --dry-run              say what would be measured, and change nothing
  --json                 end with one line of JSON on standard output
  --help                 this text

All is one transaction: killed at any moment, it leaves the old numbers or the new ones. Exits with 0 when the numbers are there, 1 when
they are not, 2 when it was called wrongly. Needs DATABASE_URL.`

/** As the table of commands holds it. */
export const calculateCoverageCommand: Command = {
  name: 'calculate-coverage',
  summary: 'Measure how much of each country and US state the sources cover',
  usage: USAGE,
  async run(argv) {
    const options = readCalculateOptions(argv)
    const { databaseUrl } = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(databaseUrl)
    const sql = connect(databaseUrl, { max: 2, name: 'machine calculate-coverage' })
    const stop = stopSignal(false)
    // The transaction ends with its connection.
    stop.signal.addEventListener('abort', () => void sql.end({ timeout: 0 }), { once: true })
    const line = movingLine(process.stderr)
    try {
      const report = await perform(sql, options, line.tell)
      line.clear()
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${lines(report).join('\n')}\n`)
      return 0
    } catch (error) {
      line.clear()
      if (stop.signal.aborted) return exitCode(stop.signal)
      if (error instanceof Error && error.name === 'PostgresError')
        throw new Error(explain(error, databaseUrl), { cause: error })
      throw error
    } finally {
      stop.release()
      await sql.end({ timeout: 2 })
    }
  },
}

type Options = ReturnType<typeof readCalculateOptions>

function readCalculateOptions(argv: readonly string[]) {
  const short: Readonly<Record<string, string>> = { '-o': '--owner', '-r': '--repository' }
  return readOptions(
    argv.map((word) => short[word] ?? word),
    {
      owner: { type: 'string', default: 'openaddresses' },
      repository: { type: 'string', default: 'openaddresses' },
      population: { type: 'string' },
      'us-population': { type: 'string' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  )
}

/** What the command says at its end. */
type Report = Calculated & {
  readonly state: 'planned' | 'calculated'
  readonly sources: number
  readonly good: number
}

async function perform(sql: Sql, options: Options, tell: (text: string) => void): Promise<Report> {
  if (!(await hasCoverageTables(sql)))
    throw new Error(
      'the tables of coverage are not there: this Postgres has no PostGIS, or had none at the last migrate; install it, then run machine migrate',
    )
  tell('reading: sources')
  const sources = await currentSources(sql, options.owner, options.repository)
  const good = sources.filter(({ isGood }) => isGood).length
  const known = { sources: sources.length, good }
  if (options['dry-run'])
    return { state: 'planned', ...known, countries: [], states: [], unplaced: [], lost: {} }
  const { population, 'us-population': usPopulation } = options
  const calculated = await calculateCoverage(sql, sources, {
    atlas: await openAtlas(),
    populations: {
      ...(population === undefined ? {} : { countries: population }),
      ...(usPopulation === undefined ? {} : { states: usPopulation }),
    },
    now: new Date(),
    tell,
  })
  return { state: 'calculated', ...known, ...calculated }
}

function lines({ state, sources, good, countries, states, unplaced, lost }: Report): string[] {
  if (state === 'planned') return [`would measure ${countText(good)} good sources of ${countText(sources)}`]
  const reached = (numbers: readonly CoverageNumbers[]) => numbers.filter(({ areaShare }) => areaShare > 0)
  return [
    `${countText(good)} good sources of ${countText(sources)} reach ${reached(countries).length} countries and ${reached(states).length} US states`,
    ...[...reached(countries), ...reached(states)].map(line),
    ...Object.entries(lost).flatMap(([family, rows]) =>
      rows > 0 ? [`${countText(rows)} rows of people lie where no land of the ${family} is`] : [],
    ),
    ...unplaced.map(({ path, reason }) => `not counted: ${path}: ${reason}`),
  ]
}

function line({ code, name, areaShare, populationShare, addresses }: CoverageNumbers): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const people = populationShare === null ? '' : `, ${percent(populationShare)} of the people`
  return `${code}  ${name}: ${percent(areaShare)} of the land${people}, ${countText(addresses)} addresses`
}
