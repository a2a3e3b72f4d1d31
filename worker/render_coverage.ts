/**
 * `machine render-coverage`: maps of where the sources say that they are, and whether they work; of the current state or of a set.
 *
 * Maps are in storage under keys of their own before anybody is shown to them; then one row changes, and with it all four.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { NewCoverageMaps } from '../shared/db/coverage.ts'
import { ProductError } from '../shared/product_problem.ts'
import type { Storage } from './io/storage.ts'
import { openAtlas } from './render/atlas.ts'
import { coverageGeojson } from './render/coverage_geojson.ts'
import { type CoverageMapOptions, drawCoverage, MAP_NAMES } from './render/coverage_map.ts'
import { type CoverageSource, type Shapes, shapesOf } from './render/coverage_shapes.ts'

const GEOJSON = 'render-geojson.geojson'

/** What was drawn, and what could not be. */
export interface CoverageReport {
  readonly state: 'planned' | 'drawn' | 'published'
  /** The set that was drawn; null for the current state, or a folder. */
  readonly setId: number | null
  readonly sources: number
  readonly good: number
  /** Places that have a shape on the maps. */
  readonly places: number
  readonly unplaced: Shapes['unplaced']
  /** Where the maps are, by their names. */
  readonly maps: Readonly<Record<string, string>>
}

export interface DrawOptions extends CoverageMapOptions {
  readonly setId: number | null
  readonly signal: AbortSignal
  readonly tell: (text: string) => void
}

/** What would be drawn. */
export async function planCoverage(
  sources: readonly CoverageSource[],
  setId: number | null,
): Promise<CoverageReport> {
  return report(sources, shapesOf(sources, await openAtlas()), { state: 'planned', setId, maps: {} })
}

/**
 * Draw the maps into a folder, each whole or not at all.
 *
 * @throws {ProductError} when there is nothing to draw
 */
export async function drawMaps(
  sources: readonly CoverageSource[],
  folder: string,
  { setId, signal, tell, ...looks }: DrawOptions,
): Promise<CoverageReport> {
  if (sources.length === 0) throw new ProductError('nothing-to-publish', 'no source of addresses is known')
  const atlas = await openAtlas()
  const shapes = shapesOf(sources, atlas)
  await mkdir(folder, { recursive: true })
  const maps: Record<string, string> = {}
  for (const name of MAP_NAMES) {
    signal.throwIfAborted()
    tell(`drawing: ${name}`)
    const path = join(folder, `render-${name}.png`)
    await writeFile(`${path}.part`, await drawCoverage(name, shapes.shapes, atlas, looks))
    await rename(`${path}.part`, path)
    maps[name] = path
  }
  tell('writing: GeoJSON')
  const path = join(folder, GEOJSON)
  await pipeline(Readable.from(coverageGeojson(shapes.shapes)), createWriteStream(`${path}.part`), { signal })
  await rename(`${path}.part`, path)
  return report(sources, shapes, { state: 'drawn', setId, maps: { ...maps, geojson: path } })
}

/**
 * Put drawn maps into storage.
 *
 * @param edition  part of their address, new with each making
 * @returns what is to be published; the addresses are in it
 */
export async function storeMaps(
  storage: Storage,
  edition: string,
  drawn: CoverageReport,
): Promise<NewCoverageMaps> {
  const put = async (name: string) => {
    const file = drawn.maps[name]
    if (file === undefined) throw new Error(`no map ${name} was drawn`)
    const [key, type] =
      name === 'geojson' ? [GEOJSON, 'application/geo+json'] : [`render-${name}.png`, 'image/png']
    const stored = await storage.put(`coverage/${edition}/${key}`, file, { type }).catch((error: unknown) => {
      throw new ProductError('storage-failed', (error as Error).message, { cause: error })
    })
    return stored.url
  }
  const { setId, sources, good, unplaced } = drawn
  const [world, europe, usa, geojson] = [
    await put('world'),
    await put('europe'),
    await put('usa'),
    await put('geojson'),
  ]
  return { setId, sources, good, unplaced, world, europe, usa, geojson }
}

function report(
  sources: readonly CoverageSource[],
  { shapes, unplaced }: Shapes,
  what: Pick<CoverageReport, 'state' | 'setId' | 'maps'>,
): CoverageReport {
  const good = sources.filter(({ isGood }) => isGood).length
  return { ...what, sources: sources.length, good, places: shapes.length, unplaced }
}
