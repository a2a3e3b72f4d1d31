/** `machine render-coverage` as a command: its options, what it says, and how it ends. */
import { hasSet, publishCoverageMaps } from '../shared/db/coverage.ts'
import { connect, explain } from '../shared/db/sql.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Command } from './cli.ts'
import { currentSources, folderSources, setSources } from './coverage_sources.ts'
import { type Config, processEnv, readConfig } from './env.ts'
import { openStorage } from './io/storage.ts'
import { checkPostgres } from './loops.ts'
import { readOptions, UsageError } from './options.ts'
import { countText } from './process_picture.ts'
import { editionOf } from './product_command.ts'
import { MAP_WIDTH } from './render/coverage_map.ts'
import {
  type CoverageReport,
  type DrawOptions,
  drawMaps,
  planCoverage,
  storeMaps,
} from './render_coverage.ts'
import { movingLine } from './system/moving_line.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'
import { inOwnTemp } from './system/temp.ts'

const USAGE = `Usage: machine render-coverage [options]

Draws maps of the world, of Europe and of the USA, and GeoJSON of the same, of where the sources of addresses say that they are:
green where one of a place has data, red where none has. Of the current state, and publishes them; or of a set, whose page
then shows them; or of the files in a folder, all of them green.

  -o, --owner NAME       owner of the repository of sources (default openaddresses)
  -r, --repository NAME  its name (default openaddresses)
  --set ID               of that set instead of the current state
  --sources FOLDER       of the source files below a folder instead; needs --out, and no database
  --out FOLDER           leave the maps in a folder, and publish nothing
  --width N              width of the pictures in pixels as they are shown (default ${MAP_WIDTH})
  --1x                   as many pixels in the files; otherwise twice as many each way, for sharp screens
  --dry-run              say what would be drawn, and draw nothing
  --json                 end with one line of JSON on standard output
  --help                 this text

Killed at any moment, it leaves the old maps or the new ones. Exits with 0 when the maps are there, 1 when they are not, 2 when it
was called wrongly. Needs DATABASE_URL but with --sources; files go to AWS_S3_BUCKET or STORAGE_DIR.`

/** A picture wider than this is a mistake. */
const WIDTH_MAX = 8_000

/** As the table of commands holds it. */
export const renderCoverageCommand: Command = {
  name: 'render-coverage',
  summary: 'Draw maps of where the sources are, and whether they work',
  usage: USAGE,
  async run(argv) {
    const options = readCoverageOptions(argv)
    const stop = stopSignal(false)
    const line = movingLine(process.stderr)
    try {
      const report = await perform(options, { signal: stop.signal, tell: line.tell })
      line.clear()
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${lines(report).join('\n')}\n`)
      return 0
    } catch (error) {
      line.clear()
      if (stop.signal.aborted) return exitCode(stop.signal)
      if (!(error instanceof ProductError)) throw error
      const { code, message, advice } = error
      if (options.json) process.stdout.write(`${JSON.stringify({ state: 'kept', code, message, advice })}\n`)
      else process.stderr.write(`the old maps stay (${code}): ${message}. ${advice}\n`)
      return 1
    } finally {
      stop.release()
    }
  },
}

type Options = ReturnType<typeof readCoverageOptions>

function readCoverageOptions(argv: readonly string[]) {
  const short: Readonly<Record<string, string>> = { '-o': '--owner', '-r': '--repository' }
  const options = readOptions(
    argv.map((word) => short[word] ?? word),
    {
      owner: { type: 'string', default: 'openaddresses' },
      repository: { type: 'string', default: 'openaddresses' },
      set: { type: 'string' },
      sources: { type: 'string' },
      out: { type: 'string' },
      width: { type: 'string', default: `${MAP_WIDTH}` },
      '1x': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  )
  const { set, sources, out } = options
  if (set !== undefined && sources !== undefined)
    throw new UsageError('--set and --sources exclude each other')
  if (set !== undefined && !/^\d{1,9}$/.test(set))
    throw new UsageError(`--set: expected a number, got "${set}"`)
  if (sources !== undefined && out === undefined && !options['dry-run'])
    throw new UsageError('--sources needs --out: what a folder says is not published')
  const width = Number(options.width)
  if (!Number.isInteger(width) || width < 1 || width > WIDTH_MAX)
    throw new UsageError(`--width: expected a whole number from 1 to ${WIDTH_MAX}, got "${options.width}"`)
  return { ...options, width, setId: set === undefined ? null : Number(set) }
}

type Telling = Pick<DrawOptions, 'signal' | 'tell'>

async function perform(options: Options, telling: Telling): Promise<CoverageReport> {
  const { sources: folder, out, setId, width } = options
  const looks = { width, resolution: options['1x'] ? 1 : 2, setId, ...telling } as const
  if (folder !== undefined) {
    const sources = await folderSources(folder)
    return options['dry-run'] ? planCoverage(sources, null) : drawMaps(sources, out ?? '.', looks)
  }
  return performOnData(options, readConfig(processEnv(), ['DATABASE_URL']), looks)
}

async function performOnData(options: Options, config: Config, looks: DrawOptions): Promise<CoverageReport> {
  await checkPostgres(config.databaseUrl)
  const sql = connect(config.databaseUrl, { max: 2, name: 'machine render-coverage' })
  const { setId, owner, repository, out } = options
  try {
    if (setId !== null && !(await hasSet(sql, setId))) throw new UsageError(`there is no set ${setId}`)
    looks.tell('reading: sources')
    const sources = await (setId === null ? currentSources(sql, owner, repository) : setSources(sql, setId))
    if (options['dry-run']) return planCoverage(sources, setId)
    if (out !== undefined) return drawMaps(sources, out, looks)
    return await inOwnTemp('render-coverage', async (folder) => {
      const drawn = await drawMaps(sources, folder, looks)
      looks.tell('storing: maps')
      const stored = await storeMaps(openStorage(config), editionOf(new Date()), drawn)
      await publishCoverageMaps(sql, stored)
      const { world, europe, usa, geojson } = stored
      return { ...drawn, state: 'published', maps: { world, europe, usa, geojson } }
    })
  } catch (error) {
    if (error instanceof Error && error.name === 'PostgresError')
      throw new Error(explain(error, config.databaseUrl), { cause: error })
    throw error
  } finally {
    await sql.end({ timeout: 2 })
  }
}

function lines({ state, sources, good, places, unplaced, maps }: CoverageReport): string[] {
  const verb = state === 'planned' ? 'would draw' : state
  return [
    `${verb} ${countText(places)} places of ${countText(sources)} sources, ${countText(good)} of them good`,
    ...unplaced.map(({ path, reason }) => `on no map: ${path}: ${reason}`),
    ...Object.entries(maps).map(([name, where]) => `${name}: ${where}`),
  ]
}
