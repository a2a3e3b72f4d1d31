/** `machine update-dotmap` as a command: its options, what it says, and how it ends. */
import { connect, explain } from '../shared/db/sql.ts'
import { BANDS, droppedSentence } from '../shared/dotmap.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Command } from './cli.ts'
import { type Config, mapboxPlaces, processEnv, readConfig } from './env.ts'
import { mapbox } from './io/mapbox.ts'
import { openStorage } from './io/storage.ts'
import { checkPostgres } from './loops.ts'
import { readOptions, UsageError } from './options.ts'
import { countText, sizeText } from './process_picture.ts'
import { editionOf } from './product_command.ts'
import { movingLine } from './system/moving_line.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'
import { inOwnTemp } from './system/temp.ts'
import { type DotmapReport, type DotmapWork, updateDotmap } from './update_dotmap.ts'

const USAGE = `Usage: machine update-dotmap [options]

Puts all points of the current data on one map: a PMTiles that the page /map shows, and, with MAPBOX_KEY, four tilesets at
Mapbox. A dot has its number, street and unit at zoom ${BANDS.near.zoomMin}; from further away it is a dot. A tile that is too dense loses
dots, never the map; how many is said, and written down. Needs tippecanoe.

  -o, --owner NAME       owner of the repository of sources (default openaddresses)
  -r, --repository NAME  its name (default openaddresses)
  -n, --name-prefix TEXT begins the names of the tilesets at Mapbox (default nothing)
  --no-mapbox            send nothing to Mapbox, though there is a key
  --allow-missing N      publish although N data sources cannot be read (default 0)
  --accept-smaller       publish although there is not half of what is on the present map
  --dry-run              say what would be made, and make nothing
  --json                 end with one line of JSON on standard output
  --help                 this text

Where it stands is told on standard error. Killed at any moment, it leaves the old map or the new one; started again, it
starts clean. Temporary files are in TMPDIR. Exits with 0 when all is published, 1 when a map stays as it was, 2 when it
was called wrongly. Needs DATABASE_URL; files go to AWS_S3_BUCKET or STORAGE_DIR.`

/** As the table of commands holds it. */
export const updateDotmapCommand: Command = {
  name: 'update-dotmap',
  summary: 'Put all points of the current data on one map, here and at Mapbox',
  usage: USAGE,
  async run(argv) {
    const options = readDotmapOptions(argv)
    const config = readConfig(processEnv(), ['DATABASE_URL'])
    await checkPostgres(config.databaseUrl)
    const stop = stopSignal(false)
    const line = movingLine(process.stderr)
    try {
      const report = await perform(options, config, { signal: stop.signal, tell: line.tell })
      line.clear()
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${lines(report).join('\n')}\n`)
      return report.mapbox?.some(({ ok }) => !ok) ? 1 : 0
    } catch (error) {
      line.clear()
      if (stop.signal.aborted) return exitCode(stop.signal)
      if (!(error instanceof ProductError)) throw error
      const { code, message, advice } = error
      if (options.json) process.stdout.write(`${JSON.stringify({ state: 'kept', code, message, advice })}\n`)
      else process.stderr.write(`the old map stays (${code}): ${message}. ${advice}\n`)
      return 1
    } finally {
      stop.release()
    }
  },
}

type Options = ReturnType<typeof readDotmapOptions>

function readDotmapOptions(argv: readonly string[]) {
  const short: Readonly<Record<string, string>> = {
    '-o': '--owner',
    '-r': '--repository',
    '-n': '--name-prefix',
  }
  const options = readOptions(
    argv.map((word) => short[word] ?? word),
    {
      owner: { type: 'string', default: 'openaddresses' },
      repository: { type: 'string', default: 'openaddresses' },
      'name-prefix': { type: 'string', default: '' },
      'no-mapbox': { type: 'boolean' },
      'allow-missing': { type: 'string', default: '0' },
      'accept-smaller': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      json: { type: 'boolean' },
    },
  )
  const missingMax = Number(options['allow-missing'])
  if (!Number.isInteger(missingMax) || missingMax < 0)
    throw new UsageError(`--allow-missing: expected a whole number, got "${options['allow-missing']}"`)
  // Mapbox takes 32 characters, of which the longest quadrant has 9 and the hyphen one.
  if (!/^[\w-]{0,22}$/.test(options['name-prefix']))
    throw new UsageError(
      `--name-prefix: expected up to 22 letters, digits, _ or -, got "${options['name-prefix']}"`,
    )
  return { ...options, missingMax }
}

async function perform(
  options: Options,
  config: Config,
  { signal, tell }: Pick<DotmapWork, 'signal' | 'tell'>,
): Promise<DotmapReport> {
  const sql = connect(config.databaseUrl, { max: 2, name: 'machine update-dotmap' })
  const token = options['no-mapbox'] ? undefined : config.mapboxKey
  const now = new Date()
  try {
    return await inOwnTemp('update-dotmap', (folder) =>
      updateDotmap({
        sql,
        storage: openStorage(config),
        owner: options.owner,
        repository: options.repository,
        mapbox: token === undefined ? undefined : mapbox({ token, ...mapboxPlaces(processEnv()) }),
        prefix: options['name-prefix'],
        folder,
        edition: editionOf(now),
        now,
        missingMax: options.missingMax,
        acceptSmaller: options['accept-smaller'],
        isDry: options['dry-run'],
        signal,
        tell,
      }),
    )
  } catch (error) {
    if (error instanceof Error && error.name === 'PostgresError')
      throw new Error(explain(error, config.databaseUrl), { cause: error })
    throw error
  } finally {
    await sql.end({ timeout: 2 })
  }
}

function lines(report: DotmapReport): string[] {
  const { state, sources, points, unplaced, missing, dropped, url, bytes, mapbox } = report
  if (state === 'planned')
    return [`would put ${countText(points)} points of ${countText(sources)} sources on the map`]
  return [
    `published ${url}: ${countText(points)} points of ${countText(sources)} sources, ${sizeText(bytes)}`,
    ...(unplaced > 0 ? [`${countText(unplaced)} rows have no place on Earth`] : []),
    ...missing.map(({ source, reason }) => `left out ${source}: ${reason}`),
    droppedSentence(dropped) ?? `every point is there at zoom ${BANDS.near.zoomMin}`,
    ...(mapbox ?? []).map(({ tileset, ok, error }) =>
      ok ? `at Mapbox: ${tileset}` : `not at Mapbox, where the old one stays: ${tileset}: ${error}`,
    ),
    ...(mapbox === null ? ['nothing was sent to Mapbox'] : []),
  ]
}
