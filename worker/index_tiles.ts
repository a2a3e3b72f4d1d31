/**
 * `machine index-tiles`: all addresses in squares of one degree, one zip each, and a list of them.
 *
 * The tiles of one making have one edition; they become current together, and with them those that have no
 * address any more are offered no longer. When the file of any run cannot be read, all stay as they were: a
 * tile cannot be seen to lack a source.
 */
import {
  type NewProduct,
  type Product,
  readCurrentProducts,
  readMade,
  recordProducts,
} from '../shared/db/products.ts'
import { TILES_INDEX } from '../shared/manifest.ts'
import { ProductError } from '../shared/product_problem.ts'
import { tileName } from '../shared/tile.ts'
import type { Command } from './cli.ts'
import { UsageError } from './options.ts'
import {
  assertRoom,
  isFarSmaller,
  PRODUCT_OPTIONS,
  productCommand,
  type ProductWork,
} from './product_command.ts'
import type { ProductLine, ProductReport } from './product_report.ts'
import { readAddressSources } from './product_sources.ts'
import { madeFrom, newestDate, type ProductSource } from './products/product_source.ts'
import { makeTiles, type StoredTile, TILES_WAY } from './products/tiles.ts'
import { publish, putText, recorded } from './publish_manifest.ts'

/** Tiles are remembered so many at a time. */
const GROUP = 200

export const indexTilesCommand: Command = productCommand(
  {
    name: 'index-tiles',
    summary: 'Publish all addresses in tiles of one degree',
    usage: `Usage: machine index-tiles [options]

Makes a zip for each square degree that has addresses, of the current run of each address source that is not
share-alike, and publishes all of them at once.

${PRODUCT_OPTIONS}`,
  },
  indexTiles,
)

/** Make and publish the tiles. */
export async function indexTiles(work: ProductWork): Promise<ProductReport> {
  const { sql, from, progress } = work
  if (work.only !== undefined) throw new UsageError('--only: tiles are made all together')
  const sources = (await readAddressSources(sql, from)).filter(({ license }) => license.shareAlike !== true)
  if (sources.length === 0)
    throw new ProductError(
      'nothing-to-publish',
      `${from.owner}/${from.repository} has no current address source`,
    )
  const rows = sources.reduce((sum, { rows }) => sum + rows, 0)
  const line: ProductLine = { name: 'tiles', state: 'planned', sources: sources.length, rows }
  if (work.isDry) return { products: [line], problems: [], manifest: null }

  const digest = madeFrom(TILES_WAY, sources)
  const same = await readMade(sql, { product: 'tiles', name: TILES_INDEX, madeFrom: digest })
  if (same?.isCurrent)
    return { products: [{ ...line, state: 'unchanged', rows: same.rows ?? 0 }], problems: [], manifest: null }

  const before = await readCurrentProducts(sql, 'tiles')
  const publishedRows = before.find(({ name }) => name === TILES_INDEX)?.rows ?? null
  if (isFarSmaller(rows, publishedRows, work)) throw farSmaller(rows, publishedRows)
  await assertRoom(
    work.folder,
    sources.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
  )
  progress.step('reading', rows)
  const files = await makeAll(work, sources, digest)
  const index = files.at(-1)!
  if (isFarSmaller(index.rows ?? 0, publishedRows, work)) throw farSmaller(index.rows ?? 0, publishedRows)
  const names = new Set(files.map(({ name }) => name))
  const withdrawn = before.map(({ name }) => name).filter((name) => !names.has(name))
  const manifest = await publish(work, { product: 'tiles', files, withdrawn })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return {
    products: [{ ...line, state: 'published', rows: index.rows ?? 0, bytes, url: index.url }],
    problems: [],
    manifest,
  }
}

function farSmaller(rows: number, publishedRows: number | null): ProductError {
  return new ProductError('far-smaller', `${rows} rows, and ${publishedRows} are published`)
}

/** All tiles, and last their list. */
async function makeAll(
  work: ProductWork,
  sources: readonly ProductSource[],
  digest: string,
): Promise<Product[]> {
  const { storage, edition, folder, now, signal, progress } = work
  const files: Product[] = []
  let waiting: NewProduct[] = []
  let written = 0

  async function remember(): Promise<void> {
    const ids = await recordProducts(work.sql, waiting)
    files.push(...waiting.map((file, index) => recorded(file, ids[index]!, now)))
    waiting = []
  }

  const tiles = makeTiles({
    storage,
    sources,
    key: (name) => `tiles/${edition}/${name}.zip`,
    folder,
    now,
    signal,
    tell(stage, rows) {
      if (stage === 'sorted') progress.step('writing tiles', rows)
      else progress.add(rows)
    },
  })
  for (;;) {
    const { done, value } = await tiles.next()
    if (done) {
      if (written + value.unplaced !== value.read)
        throw new Error(
          `${value.read} rows were read, and ${written} written, ${value.unplaced} without a place`,
        )
      break
    }
    written += value.rows
    waiting.push(tileProduct(edition, digest, value))
    if (waiting.length >= GROUP) await remember()
  }
  await remember()
  waiting.push(await putIndex(work, { tiles: files, sources, rows: written, digest }))
  await remember()
  return files
}

function tileProduct(
  edition: string,
  digest: string,
  { tile, stored: { key, url, bytes, sha256 }, rows, sources }: StoredTile,
): NewProduct {
  return {
    product: 'tiles',
    name: `${tileName(tile)}.zip`,
    edition,
    key,
    url,
    bytes,
    sha256,
    rows,
    sources: sources.length,
    region: null,
    license: '',
    dataDate: newestDate(sources),
    madeFrom: digest,
  }
}

/** The list of an edition: what the manifest says of each collection, for each tile. */
async function putIndex(
  work: ProductWork,
  made: {
    readonly tiles: readonly Product[]
    readonly sources: readonly ProductSource[]
    readonly rows: number
    readonly digest: string
  },
): Promise<NewProduct> {
  const { edition, now } = work
  const tiles = made.tiles.map(({ name, url, bytes, sha256, rows, sources, dataDate }) => ({
    name,
    url,
    bytes,
    sha256,
    rows,
    sources,
    data_date: dataDate?.toISOString() ?? null,
  }))
  const text = `${JSON.stringify({ version: 1, edition, made_at: now.toISOString(), tiles })}\n`
  const { key, url, bytes, sha256 } = await putText(work, `tiles/${edition}/${TILES_INDEX}`, text)
  return {
    product: 'tiles',
    name: TILES_INDEX,
    edition,
    key,
    url,
    bytes,
    sha256,
    rows: made.rows,
    sources: made.sources.length,
    region: null,
    license: '',
    dataDate: newestDate(made.sources),
    madeFrom: made.digest,
  }
}
