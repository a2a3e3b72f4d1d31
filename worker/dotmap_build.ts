/**
 * The dot map made of runs: their files are fetched one after another, their points go to tippecanoe as they come, and the
 * tiles are joined into one PMTiles for us, and an MBTiles for each quadrant where Mapbox wants some.
 *
 * Nothing grows with the data but files in the temporary folder.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { MissingSource } from '../shared/db/dotmaps.ts'
import { QUADRANTS, type Quadrant } from '../shared/dotmap.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Storage } from './io/storage.ts'
import { readDots } from './render/dot_points.ts'
import { type DotTiles, openDotTiles, type Tiles } from './render/dot_tiles.ts'
import { joinTiles } from './render/dot_tileset.ts'

/** A run whose points are on the map. */
export interface DotSource {
  /** Such as `sources/us/ca/berkeley.json, addresses/city`. */
  readonly label: string
  /** Where its `out.geojson.gz` is in storage. */
  readonly key: string
  /** Rows that the run counted; null where it did not. */
  readonly rows: number | null
}

export interface DotmapOptions {
  readonly storage: Storage
  /** Where files may be while it goes. */
  readonly folder: string
  /** Title, with the date. */
  readonly name: string
  /** So many sources may be left out when they cannot be read. */
  readonly missingMax: number
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
  /** Says by an error that so many points are too few; called before the long work. */
  readonly checkPoints: (points: number) => void
  /** Also cut into quadrants for Mapbox. */
  readonly forMapbox: boolean
  /** Pause before a file is fetched again; for tests. */
  readonly retryMs?: number
}

/** What was made. */
export interface BuiltDotmap {
  readonly pmtiles: string
  readonly quadrants: readonly { readonly quadrant: Quadrant; readonly path: string }[]
  readonly points: number
  /** Rows without a place. */
  readonly unplaced: number
  /** Data sources that are on it. */
  readonly sources: number
  readonly missing: readonly MissingSource[]
}

/** A file of a run is asked for so often before it counts as missing. */
const TRIES = 3
const RETRY_MS = 5_000

/**
 * Make it.
 *
 * @throws {ProductError} when more sources than allowed cannot be read, or there is no point at all
 */
export async function buildDotmap(
  sources: readonly DotSource[],
  options: DotmapOptions,
): Promise<BuiltDotmap> {
  const { folder, name, signal, tell } = options
  const tiles = openDotTiles({
    folder,
    name,
    signal,
    tell: (share) => tell(`tiles: ${Math.round(share * 100)} %`),
  })
  try {
    const { points, unplaced, missing } = await readAll(sources, tiles, options)
    if (points === 0) throw new ProductError('nothing-to-publish', 'no run has a point')
    options.checkPoints(points)

    const made = await tiles.finish()
    const title = { name, description: `${name}: ${points} addresses of ${sources.length} sources`, signal }
    const pmtiles = join(folder, 'openaddresses.pmtiles')
    tell('joining: PMTiles')
    await joinTiles(
      made.map(({ path }) => path),
      pmtiles,
      title,
    )
    const quadrants = options.forMapbox ? await cutQuadrants(made, { ...title, folder, tell }) : []
    return { pmtiles, quadrants, points, unplaced, missing, sources: sources.length - missing.length }
  } finally {
    await tiles.stop()
  }
}

async function cutQuadrants(
  made: readonly Tiles[],
  { folder, tell, ...title }: Parameters<typeof joinTiles>[2] & Pick<DotmapOptions, 'folder' | 'tell'>,
): Promise<{ quadrant: Quadrant; path: string }[]> {
  const cut: { quadrant: Quadrant; path: string }[] = []
  for (const quadrant of Object.keys(QUADRANTS) as Quadrant[]) {
    const paths = made.filter((tiles) => tiles.quadrant === quadrant).map(({ path }) => path)
    if (paths.length === 0) continue
    tell(`joining: ${quadrant}`)
    const path = join(folder, `${quadrant}.mbtiles`)
    await joinTiles(paths, path, { ...title, name: `${title.name}, ${quadrant}` })
    cut.push({ quadrant, path })
    for (const path of paths) await rm(path)
  }
  return cut
}

interface Read {
  points: number
  unplaced: number
  readonly missing: MissingSource[]
}

async function readAll(
  sources: readonly DotSource[],
  tiles: DotTiles,
  options: DotmapOptions,
): Promise<Read> {
  const read: Read = { points: 0, unplaced: 0, missing: [] }
  for (const [index, source] of sources.entries()) {
    options.signal.throwIfAborted()
    const file = join(options.folder, 'run.geojson.gz')
    try {
      await fetchRun(source, file, options)
      await addRun(source, file, tiles, read, (points) =>
        options.tell(`reading: ${index + 1} of ${sources.length} sources, ${points} points`),
      )
    } catch (error) {
      if (!(error instanceof ProductError)) throw error
      read.missing.push({ source: source.label, reason: error.message })
      if (read.missing.length > options.missingMax) throw error
    } finally {
      await rm(file, { force: true })
    }
  }
  return read
}

async function addRun(
  { label, rows }: DotSource,
  file: string,
  tiles: DotTiles,
  read: Read,
  tell: (points: number) => void,
): Promise<void> {
  const unplaced = { count: 0 }
  let dots = 0
  const batches = readDots(createReadStream(file), unplaced)
  try {
    for (;;) {
      // What cannot be read is the run's trouble; what cannot be written is ours.
      const next = await batches.next().catch((error: unknown) => {
        throw new ProductError('run-file-damaged', `${label}: ${(error as Error).message}`, { cause: error })
      })
      if (next.done) break
      await tiles.add(next.value)
      dots += next.value.length
      tell(read.points + dots)
    }
  } finally {
    await batches.return(undefined)
  }
  read.points += dots
  read.unplaced += unplaced.count
  if (rows !== null && rows !== dots + unplaced.count)
    throw new ProductError('rows-differ', `${label}: ${rows} counted, ${dots + unplaced.count} found`)
}

/** Bring the file of a run here, whole. A break on the way is no reason to leave a source out. */
async function fetchRun(
  { label, key }: DotSource,
  file: string,
  { storage, signal, retryMs = RETRY_MS }: DotmapOptions,
): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      const found = await storage.get(key)
      if (found === undefined) throw new ProductError('run-file-missing', `${label}: ${key}`)
      await pipeline(found.body, createWriteStream(file), { signal })
      const { size } = await stat(file)
      if (size === found.bytes) return
      throw new Error(`${found.bytes} bytes were announced, ${size} came`)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ProductError) throw error
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new ProductError('disk-full', `at ${label}`)
      if (tried === TRIES) {
        throw new ProductError('run-file-unreadable', `${label}: ${(error as Error).message}`, {
          cause: error,
        })
      }
      await pause(retryMs, undefined, { signal })
    }
  }
}
