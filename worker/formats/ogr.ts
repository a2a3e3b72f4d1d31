/**
 * Everything else by GDAL: file geodatabases, GeoPackages, GML, KML.
 *
 * `ogr2ogr` writes GeoJSON, with all coordinates as they are, into a temporary file that our own reader
 * reads; what it printed itself would come faster than it can be used, and would pile up in memory.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatText } from '../../shared/conform/python.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Feature } from '../../shared/row.ts'
import { CommandError, run } from '../system/spawn.ts'
import { readGeojsonFile } from './geojson.ts'
import { describeLayer, type LayerFacts, listLayers } from './ogr_layer.ts'
import { placed } from './place.ts'
import { openProjection } from './projection.ts'
import { type Reading, named } from './reading.ts'

/** Types that GeoJSON would write in its own way; as texts they are GDAL's, such as `2020/01/02`. */
const TYPES_AS_TEXT = 'Date,DateTime,Time,Binary'

/** As many digits as a double has behind the point of a degree. */
const DECIMALS = 15

/** GML is looked through to guess the types of its columns; what was found is not to be written beside it. */
const GML_OPTIONS = ['-oo', 'WRITE_GFS=NO']

/**
 * But its rows are read as texts: before GDAL 3.8 a column of codes such as `05321` is one of integers,
 * and its zeros are lost.
 */
const GML_TEXT_OPTIONS = ['--config', 'GML_FIELDTYPES', 'ALWAYS_STRING']

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

export async function* readOgr(reading: Reading): AsyncGenerator<Feature[]> {
  const { conform, onBadRow, log } = reading
  const layer = await findLayer(reading)
  const srs = conform.srs ?? layer.srs
  if (srs === undefined) {
    throw new SourceError('srs-missing', `the layer ${layer.name} has none, nor has the conform`)
  }
  log(`reading layer ${layer.name}, coordinates in ${conform.srs ?? layer.srsName}`)
  const projection = await openProjection(srs)

  const folder = await mkdtemp(join(tmpdir(), 'machine-ogr-'))
  try {
    const geojson = join(folder, 'layer.geojson')
    await convert(reading, layer, geojson)
    yield* placed(readConverted(reading, layer, geojson), projection, onBadRow)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @throws {SourceError} `no-such-layer`, with the names of those there are */
async function findLayer(reading: Reading): Promise<LayerFacts> {
  const { conform, path } = reading
  const options = ['-ro', ...(conform.format === 'xml' ? GML_OPTIONS : [])]
  const names = listLayers(await gdal(reading, 'ogrinfo', [...options, '-q', path]))
  const name = pick(names, conform.layer ?? 0)
  if (name === undefined) {
    throw new SourceError(
      'no-such-layer',
      `no ${JSON.stringify(conform.layer ?? 0)}; there are ${named(names)}`,
    )
  }
  return describeLayer(name, await gdal(reading, 'ogrinfo', [...options, '-so', path, name]))
}

/** By number, or by name, if need be without regard to case. */
function pick(names: readonly string[], wanted: string | number): string | undefined {
  if (typeof wanted === 'number') return names[wanted]
  const same = wanted.toLowerCase()
  return names.find((name) => name === wanted) ?? names.find((name) => name.toLowerCase() === same)
}

async function convert(reading: Reading, layer: LayerFacts, geojson: string): Promise<void> {
  await gdal(reading, 'ogr2ogr', [
    ...['-f', 'GeoJSON', '-lco', `COORDINATE_PRECISION=${DECIMALS}`, '-fieldTypeToString', TYPES_AS_TEXT],
    ...(reading.conform.format === 'xml' ? [...GML_OPTIONS, ...GML_TEXT_OPTIONS] : []),
    ...[geojson, reading.path, layer.name],
  ])
}

async function* readConverted(
  { signal, onBadRow }: Reading,
  { columns, realColumns }: LayerFacts,
  geojson: string,
): AsyncGenerator<Feature[]> {
  const batches = readGeojsonFile({
    path: geojson,
    encoding: 'utf-8',
    wholeReals: 'as reals',
    needsGeometry: false,
    columns,
    signal,
    onBadRow,
  })
  for await (const batch of batches) {
    for (const { row } of batch) {
      for (const column of realColumns) row[column] = realText(row[column] ?? '')
    }
    yield batch
  }
}

/** A number that may have come as its text, as Python prints it. */
function realText(text: string): string {
  return NUMBER.test(text) ? floatText(Number(text)) : text
}

/**
 * Run a program of GDAL.
 *
 * @throws {SourceError} `program-missing`, when it is not installed; `conform-failed`, when it cannot read the data
 */
async function gdal({ signal }: Reading, program: string, args: string[]): Promise<string> {
  try {
    return await run(program, args, { signal })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    signal.throwIfAborted()
    if (error.reason === 'ENOENT') {
      const detail = `${program} (GDAL) reads this format; install it with: apt-get install gdal-bin`
      throw new SourceError('program-missing', detail, { cause: error })
    }
    throw new SourceError('conform-failed', error.message, { cause: error })
  }
}
