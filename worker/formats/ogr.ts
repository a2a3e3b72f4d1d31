/**
 * Everything else by GDAL: file geodatabases, GeoPackages, GML, KML.
 *
 * GDAL converts the layer, with all coordinates as they are, into a temporary file that our own reader
 * reads; what it printed itself would come faster than it can be used, and would pile up in memory. Where no
 * GDAL is installed, the one of gdal3.js does the same, except for KML: its columns need LIBKML.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { floatText } from '../../shared/conform/python.ts'
import { SourceError } from '../../shared/problem.ts'
import type { Feature, Geometry } from '../../shared/row.ts'
import { type NumberedFeature, readFgb, readFgbHeader } from './fgb.ts'
import { withGdal } from './gdal.ts'
import { readGeojsonFile } from './geojson.ts'
import { type Converted, convertLayer, FID_COLUMN } from './ogr_convert.ts'
import type { LayerFacts } from './ogr_layer.ts'
import { mapPositions, placed } from './place.ts'
import { openProjection, type Projection } from './projection.ts'
import { BATCH_ROWS, type Reading } from './reading.ts'

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

export function readOgr(reading: Reading): AsyncGenerator<Feature[]> {
  return withConverted(reading, (converted, projection) =>
    placed(readConverted(reading, converted), projection, reading.onBadRow),
  )
}

/** Let GDAL convert the layer for one that reads it, and leave nothing of that behind. */
export async function* withConverted<T>(
  reading: Reading,
  read: (converted: Converted, projection: Projection) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const { conform, log, path, signal } = reading
  const folder = await mkdtemp(join(tmpdir(), 'machine-ogr-'))
  try {
    const task = {
      path,
      source: path,
      layer: conform.layer ?? 0,
      isXml: conform.format === 'xml',
      folder,
      target: folder,
    }
    const converted = await withGdal((gdal) => convertLayer(gdal, task, signal), task, signal)
    const { layer } = converted
    const srs = conform.srs ?? layer.srs
    if (srs === undefined) {
      throw new SourceError('srs-missing', `the layer ${layer.name} has none, nor has the conform`)
    }
    log(`read layer ${layer.name}, coordinates in ${conform.srs ?? layer.srsName}`)
    yield* read(converted, await openProjection(srs))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The features of both files, in the order of the layer. */
export async function* readConverted(reading: Reading, converted: Converted): AsyncGenerator<Feature[]> {
  const finish = finisher(reading, converted.layer)
  const rest = restOf(reading, converted)
  let next = await rest.next()
  for await (const batch of placedOf(reading, converted)) {
    const merged: Feature[] = []
    for (const { number, ...feature } of batch) {
      for (; !next.done && next.value.number < number; next = await rest.next())
        merged.push(next.value.feature)
      merged.push(finish(feature))
    }
    yield merged
  }
  let last: Feature[] = []
  for (; !next.done; next = await rest.next()) {
    last.push(next.value.feature)
    if (last.length < BATCH_ROWS) continue
    yield last
    last = []
  }
  if (last.length > 0) yield last
}

async function* placedOf({ signal }: Reading, { fgb }: Converted): AsyncGenerator<NumberedFeature[]> {
  if (fgb !== null) yield* readFgb(fgb, await readFgbHeader(fgb), signal)
}

/** What came as GeoJSON. */
export interface RestFeature {
  readonly number: number
  readonly feature: Feature
}

/** Features that FlatGeobuf could not hold. */
export async function* restOf(
  { signal, onBadRow }: Reading,
  { rest, layer }: Converted,
): AsyncGenerator<RestFeature, undefined> {
  if (rest === null) return
  const batches = readGeojsonFile({
    path: rest,
    encoding: 'utf-8',
    wholeReals: 'as reals',
    needsGeometry: false,
    columns: [FID_COLUMN, ...layer.columns],
    signal,
    onBadRow,
  })
  for await (const batch of batches) {
    for (const { row, geometry } of batch) {
      const { [FID_COLUMN]: number, ...others } = row
      for (const column of layer.realColumns) others[column] = realText(others[column] ?? '')
      yield { number: Number(number), feature: { row: others, geometry } }
    }
  }
}

/** What is left to do on each. */
function finisher(
  { conform }: Reading,
  { realColumns, geometryType }: LayerFacts,
): (feature: Feature) => Feature {
  const texts = conform.format === 'xml' ? realColumns : []
  const mayBeFlat = geometryType.startsWith('Unknown')
  return ({ row, geometry }) => {
    for (const column of texts) row[column] = realText(row[column] ?? '')
    return { row, geometry: mayBeFlat && geometry !== null ? withoutZeros(geometry) : geometry }
  }
}

/** A number that may have come as its text, as Python prints it. */
export function realText(text: string): string {
  return NUMBER.test(text) ? floatText(Number(text)) : text
}

/** Heights that are zero everywhere were put in because the layer did not say whether it has any. */
export function withoutZeros(geometry: Geometry): Geometry {
  let hasHeight = false
  mapPositions(geometry, (position) => {
    hasHeight ||= (position[2] ?? 0) !== 0
    return position
  })
  return hasHeight ? geometry : mapPositions(geometry, (position) => position.slice(0, 2))
}
