/**
 * `machine update-dotmap`: all points of the current data on one map, which Machine serves itself and sends to Mapbox.
 *
 * The PMTiles is in storage under a key of its own before anybody is shown to it; then a row changes, and with it the map.
 * What Mapbox does not take is told and written down; its old tilesets stay what they were.
 */
import { stat } from 'node:fs/promises'
import manifest from '../package.json' with { type: 'json' }
import { readCurrent } from '../shared/db/current.ts'
import { publishDotmap, readCurrentDotmap, recordSent, type SentTileset } from '../shared/db/dotmaps.ts'
import type { Sql } from '../shared/db/sql.ts'
import { addDropped, BANDS, DOT_LAYER, isShrunk, tilesetId } from '../shared/dotmap.ts'
import { ProductError } from '../shared/product_problem.ts'
import { type BuiltDotmap, buildDotmap, type DotSource } from './dotmap_build.ts'
import { assertRoom } from './download/disk.ts'
import type { Mapbox } from './io/mapbox.ts'
import type { Storage } from './io/storage.ts'
import { OUT_GEOJSON_GZ } from './outputs/geojson.ts'
import { TIPPECANOE } from './render/dot_tiles.ts'
import { readTileset } from './render/dot_tileset.ts'
import { CommandError, run } from './system/spawn.ts'

/** Temporary files take so much for each point at most, as measured: docs/dotmap.md. */
const BYTES_PER_POINT = 300

/** The layer whose rows are dots. */
const LAYER = 'addresses'

/** What it works with. */
export interface DotmapWork {
  readonly sql: Sql
  readonly storage: Storage
  readonly owner: string
  readonly repository: string
  /** Absent where nothing is sent. */
  readonly mapbox: Mapbox | undefined
  /** Begins the names of tilesets; may be empty. */
  readonly prefix: string
  readonly folder: string
  /** Part of the address: a time and a random part. */
  readonly edition: string
  readonly now: Date
  readonly missingMax: number
  readonly acceptSmaller: boolean
  readonly isDry: boolean
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/** What was done, or would be. */
export interface DotmapReport {
  readonly state: 'planned' | 'published'
  readonly sources: number
  readonly points: number
  /** Rows without a place on Earth. */
  readonly unplaced: number
  readonly missing: BuiltDotmap['missing']
  readonly dropped: ReturnType<typeof addDropped>
  readonly url: string | null
  readonly bytes: number
  readonly mapbox: readonly SentTileset[] | null
}

/**
 * Make the map and publish it.
 *
 * @throws {ProductError} when it is not to be published; then the old one stays
 */
export async function updateDotmap(work: DotmapWork): Promise<DotmapReport> {
  const { sql, storage, folder, edition, signal } = work
  await findTippecanoe()
  const sources = await dotSources(work)
  const expected = sources.reduce((sum, { rows }) => sum + (rows ?? 0), 0)
  if (sources.length === 0)
    throw new ProductError(
      'nothing-to-publish',
      `${work.owner}/${work.repository} has no current run of addresses`,
    )
  await assertRoom(folder, expected * BYTES_PER_POINT, `the dot map of ${expected} points`)
  if (work.isDry) return planned(sources.length, expected)

  const before = await readCurrentDotmap(sql)
  const built = await buildDotmap(sources, {
    storage,
    folder,
    name: `OpenAddresses ${work.now.toISOString().slice(0, 10)}`,
    missingMax: work.missingMax,
    signal,
    tell: work.tell,
    forMapbox: work.mapbox !== undefined,
    checkPoints: (points) => {
      if (isShrunk(points, before?.points) && !work.acceptSmaller)
        throw new ProductError('far-smaller', `${points} points, ${before?.points} are on the map`)
    },
  })
  const facts = await readTileset(built.pmtiles)
  if (!facts.layers.includes(DOT_LAYER) || facts.zoomMax !== BANDS.near.zoomMax)
    throw new Error(`the tiles are not those of a dot map: ${JSON.stringify(facts)}`)

  work.tell('storing: PMTiles')
  const key = `dotmap/${edition}/openaddresses.pmtiles`
  const stored = await storage
    .put(key, built.pmtiles, { type: 'application/vnd.pmtiles' })
    .catch((error: unknown) => {
      throw new ProductError('storage-failed', (error as Error).message, { cause: error })
    })
  const { points, unplaced, missing } = built
  const dropped = addDropped([facts.strategies])
  const map = { key, url: stored.url, bytes: stored.bytes, points, missing, dropped }
  const id = await publishDotmap(sql, {
    ...map,
    sources: built.sources,
    bounds: facts.bounds,
    version: manifest.version,
  })
  const sent = work.mapbox === undefined ? null : await sendAll(work.mapbox, built, work)
  if (sent !== null) await recordSent(sql, id, sent)
  return { state: 'published', sources: built.sources, unplaced, ...map, mapbox: sent }
}

/** Says so at once, and not after an hour of reading. */
async function findTippecanoe(): Promise<void> {
  try {
    await run('tippecanoe', ['--version'])
  } catch (error) {
    if (error instanceof CommandError && error.reason === 'ENOENT') throw new Error(TIPPECANOE)
    throw error
  }
}

async function dotSources({ sql, owner, repository }: DotmapWork): Promise<DotSource[]> {
  const runs = await readCurrent(sql, owner, repository)
  return runs
    .filter(({ layer }) => layer === LAYER)
    .map(({ sourcePath, layer, name, filesRunId, rows }) => ({
      label: `${sourcePath}, ${layer}/${name}`,
      key: `runs/${filesRunId}/${OUT_GEOJSON_GZ}`,
      rows,
    }))
}

function planned(sources: number, points: number): DotmapReport {
  return {
    state: 'planned',
    sources,
    points,
    unplaced: 0,
    missing: [],
    dropped: [],
    url: null,
    bytes: 0,
    mapbox: null,
  }
}

/** Each quadrant for itself: one that fails costs itself. */
async function sendAll(
  mapbox: Mapbox,
  { quadrants }: BuiltDotmap,
  { prefix, now, signal, tell }: DotmapWork,
): Promise<SentTileset[]> {
  const sent: SentTileset[] = []
  for (const { quadrant, path } of quadrants) {
    const tileset = tilesetId(mapbox.user, prefix, quadrant)
    try {
      const { size } = await stat(path)
      await mapbox.upload(path, {
        tileset,
        title: `OpenAddresses ${now.toISOString().slice(0, 10)}, ${quadrant}`,
        layer: DOT_LAYER,
        signal,
        tell: (stage, share) => tell(`${tileset} ${stage}: ${Math.round(share * 100)} % of ${size} bytes`),
      })
      sent.push({ tileset, ok: true, error: null })
    } catch (error) {
      signal.throwIfAborted()
      sent.push({ tileset, ok: false, error: (error as Error).message })
    }
  }
  return sent
}
