/**
 * `machine preview-source SRC OUT.png`: draw the picture that a run makes, of any data that is there
 * already: GeoJSON, or the classic table with LON and LAT, packed or not.
 */
import { basename, extname } from 'node:path'
import { parseArgs } from 'node:util'
import type { Geometry } from '../shared/row.ts'
import type { StepOptions, Cache } from './download/cache.ts'
import { headOf, kindOf } from './download/sniff.ts'
import { unpack } from './download/unpack.ts'
import { processEnv, protomapsKey } from './env.ts'
import { readFeatures } from './formats/read_features.ts'
import { UsageError } from './options.ts'
import { protomaps } from './render/base_map.ts'
import { openPreview, PREVIEW_WIDTH } from './render/preview.ts'
import { exitCode, stopSignal } from './system/stop_signal.ts'
import { inTemp } from './system/temp.ts'

const USAGE = `Usage: machine preview-source SRC OUT.png [options]

Draws a picture of the features in SRC, as a run does for its preview.png. A few that lie far from all
others are left out.

  SRC         GeoJSON (one collection, or a feature a line) or a CSV with columns LON and LAT; either may
              be packed as .gz or .zip
  OUT.png     the picture, replaced when it is there

  --width N   width in pixels as it is shown; ${PREVIEW_WIDTH} when not given
  --1x        as many pixels in the file
  --2x        twice as many each way, for sharp screens; this is the default
  --help      this text

PROTOMAPS_KEY in the environment puts a base map under it.

Exits with 0 when the picture is there, 1 when it could not be drawn, 2 when it was called wrongly.`

/** As the table of commands holds it. */
export const previewSourceCommand = {
  name: 'preview-source',
  summary: 'Draw a picture of GeoJSON or of a table with LON and LAT',
  usage: USAGE,
  run,
} as const

/** A picture wider than this is a mistake. */
const WIDTH_MAX = 8_000

interface Request {
  readonly source: string
  readonly picture: string
  readonly width: number
  readonly resolution: 1 | 2
}

/** @returns the exit code */
async function run(argv: readonly string[]): Promise<number> {
  const request = readRequest(argv)
  const stop = stopSignal(false)
  try {
    const obstacle = await inTemp('preview', (folder) => draw(request, folder, stop.signal))
    if (obstacle === undefined) return 0
    process.stderr.write(`machine preview-source: no ${basename(request.picture)}: ${obstacle}\n`)
    return 1
  } catch (error) {
    if (stop.signal.aborted) return exitCode(stop.signal)
    throw error
  } finally {
    stop.release()
  }
}

function readRequest(argv: readonly string[]): Request {
  const { values, positionals } = parsed(argv)
  const [source, picture, ...more] = positionals
  if (source === undefined || picture === undefined) throw new UsageError('expected a SRC and an OUT.png')
  if (more.length > 0) throw new UsageError(`expected one SRC and one OUT.png, and found also ${more[0]}`)
  if (values['1x'] && values['2x']) throw new UsageError('--1x and --2x exclude each other')
  const width = Number(values.width ?? PREVIEW_WIDTH)
  if (!Number.isInteger(width) || width < 1 || width > WIDTH_MAX)
    throw new UsageError(`--width: expected a whole number from 1 to ${WIDTH_MAX}, got "${values.width}"`)
  return { source, picture, width, resolution: values['1x'] ? 1 : 2 }
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { width: { type: 'string' }, '1x': { type: 'boolean' }, '2x': { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** @returns what stands in the way; undefined when the picture is there */
async function draw(
  { source, picture, width, resolution }: Request,
  folder: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const log = (line: string) => void process.stderr.write(`${line}\n`)
  const key = protomapsKey(processEnv()).protomapsKey
  const preview = openPreview({
    scratch: `${folder}/shapes`,
    width,
    resolution,
    ...(key === undefined ? {} : { fetchTile: protomaps(key, signal) }),
    log,
    signal,
  })
  try {
    for await (const geometries of readPlaces(source, { folder, signal, log, tell: () => {} })) {
      await preview.add(geometries)
    }
    return await preview.draw(picture)
  } finally {
    await preview.close()
  }
}

/**
 * The geometries of a file, in batches.
 *
 * @param options  `folder` is where it is unpacked
 * @throws {SourceError} when it cannot be read
 */
export async function* readPlaces(path: string, options: StepOptions): AsyncGenerator<(Geometry | null)[]> {
  const kind = kindOf(await headOf(path))
  const packing = kind === 'zip' || kind === 'gzip' ? kind : undefined
  const cache: Cache = { path, bytes: 0, fingerprint: '', extension: extname(path), isEsri: false }
  const files = await unpack(cache, packing, undefined, options)
  const data =
    files.find((file) => /json(l|s|seq)?$/i.test(file)) ?? files.find((file) => /\.csv$/i.test(file))
  if (data === undefined) throw new UsageError(`${path} holds no .geojson and no .csv`)
  const isTable = data.toLowerCase().endsWith('.csv')
  const reading = {
    path: data,
    conform: isTable ? { format: 'csv', lon: 'LON', lat: 'LAT' } : { format: 'geojson' },
    isEsri: false,
    log: options.log,
    signal: options.signal,
    onBadRow: () => {},
  }
  for await (const features of readFeatures(reading)) yield features.map(({ geometry }) => geometry)
}
