/**
 * One collection: all rows of its sources as a zip of classic tables, as one GeoParquet file in the order of
 * the Hilbert curve, and its terms as a text beside them.
 *
 * Each run is read once. Its rows go into the zip as they come, which is on its way to storage meanwhile, and
 * into a sort on the disk, out of which the GeoParquet file then goes to storage as well.
 */
import type { Collection } from '../../shared/collection.ts'
import { hilbertNumber } from '../../shared/geometry/hilbert.ts'
import { LAYERS } from '../../shared/layer.ts'
import type { OutFeature, Position } from '../../shared/row.ts'
import { isOnEarth } from '../../shared/tile.ts'
import type { Storage, Stored } from '../io/storage.ts'
import { ADDRESS_CSV_HEADER, addressCsvLine } from '../outputs/address_csv.ts'
import { parquetFile } from '../outputs/geoparquet.ts'
import type { Column } from '../outputs/typed_output.ts'
import { vrt } from '../outputs/zip_texts.ts'
import { collectionReadme, type Counted, licenses } from './collection_texts.ts'
import { externalSorter, type Sorter } from './external_sort.ts'
import { insidePaths, type ProductSource, sourceBase } from './product_source.ts'
import { relief } from './relief.ts'
import { runRows } from './run_rows.ts'
import { storedFile, type StoredZip, storedZip } from './stored_file.ts'
import { summary } from './summary.ts'

/** A way of making: another number makes everything anew. */
export const COLLECT_WAY = 'collections 1'

/** Rows of a group in the GeoParquet file. The table of groups is in memory, and read by each reader first. */
const GROUP_ROWS = 64 * 1024

/** A row of the table takes about so many bytes. */
const CSV_ROW_BYTES = 120

/** Columns of the GeoParquet file: the layer's own, and where each row is from. All are text. */
const COLUMNS: readonly Column[] = ['source', ...LAYERS.addresses].map((name) => ({ name, type: 'text' }))

export interface Collecting {
  readonly storage: Storage
  readonly collection: Collection
  readonly sources: readonly ProductSource[]
  /** Keys of the three files. */
  readonly keys: { readonly zip: string; readonly parquet: string; readonly license: string }
  /** An existing folder for files in between. */
  readonly folder: string
  readonly now: Date
  /** `owner/name`, for the README. */
  readonly repository: string
  readonly signal: AbortSignal
  /** Told after each group of rows how many there were. */
  readonly tell: (rows: number) => void
}

export interface Collected {
  readonly zip: Stored
  readonly parquet: Stored
  readonly license: Stored
  /** In the files: addresses with a place on Earth. */
  readonly rows: number
  /** Left out, because they have none. */
  readonly unplaced: number
}

/** Make the files of a collection. Throws when anything of it is missing: then no zip appears. */
export async function collect(collecting: Collecting): Promise<Collected> {
  const { storage, sources, keys, folder, now } = collecting
  const zip = storedZip(storage, keys.zip, now)
  const sorter = externalSorter({ folder, name: 'hilbert' })
  const paths = insidePaths(sources)
  const counted: Counted[] = []
  try {
    for (const [index, source] of sources.entries()) {
      const path = paths[index]!
      const rows = await addSource(collecting, { zip, sorter, index, path })
      counted.push({ source, path, rows })
    }
    zip.addText('README.txt', collectionReadme(collecting.collection, counted, collecting))
    zip.addText('LICENSE.txt', licenses(sources))
    const stored = await zip.close()
    const parquet = await sortedParquet(collecting, sorter)
    const license = await textFile(storage, keys.license, licenses(sources))
    const rows = counted.reduce((sum, { rows }) => sum + rows, 0)
    const all = sources.reduce((sum, { rows }) => sum + rows, 0)
    return { zip: stored, parquet, license, rows, unplaced: all - rows }
  } catch (error) {
    await zip.abandon()
    throw error
  }
}

/** Where the rows of one source go. */
interface Going {
  readonly zip: StoredZip
  readonly sorter: Sorter
  readonly index: number
  readonly path: string
}

/** @returns rows with a place */
async function addSource(collecting: Collecting, { zip, sorter, index, path }: Going): Promise<number> {
  const source = collecting.sources[index]!
  const csv = zip.addMember(`${path}.csv`, source.rows * CSV_ROW_BYTES)
  const squares = summary()
  let count = 0
  await csv.write(ADDRESS_CSV_HEADER)
  for await (const rows of runRows(source, collecting)) {
    let text = ''
    for (const { line, feature } of rows) {
      const place = placeOf(feature)
      if (place === undefined) continue
      text += addressCsvLine(feature)
      squares.add(place[0]!, place[1]!)
      await sorter.add(hilbertNumber(place[0]!, place[1]!), `${index}\t${line}`)
      count += 1
    }
    await csv.write(text)
    collecting.tell(rows.length)
  }
  csv.end()
  const name = path.split('/').at(-1) ?? path
  zip.addText(`${path}.vrt`, vrt(name))
  zip.addText(`summary/${path}-summary.csv`, squares.csv())
  zip.addText(`summary/${path}-summary.vrt`, vrt(`${name}-summary`, { x: 'lon', y: 'lat' }))
  return count
}

/** The position of a row that has one on Earth. */
export function placeOf({ geometry }: OutFeature): Position | undefined {
  return geometry?.type === 'Point' && isOnEarth(geometry.coordinates) ? geometry.coordinates : undefined
}

async function sortedParquet(collecting: Collecting, sorter: Sorter): Promise<Stored> {
  const { storage, keys, sources, signal } = collecting
  const bases = sources.map(sourceBase)
  const out = storedFile(storage, keys.parquet, { type: 'application/vnd.apache.parquet' })
  const relieve = relief()
  let stored: Stored | undefined
  const sink = {
    ...out,
    async close() {
      stored = await out.close()
    },
  }
  const file = parquetFile(sink, COLUMNS, { groupRows: GROUP_ROWS })
  try {
    for await (const group of sorter.sorted()) {
      signal.throwIfAborted()
      await file.write(group.map(({ text }) => withSource(text, bases)))
      relieve(group.length)
    }
    await file.close()
  } catch (error) {
    await out.abandon()
    throw error
  }
  return stored!
}

/** `3\t{…}` as the feature with the source that the number stands for. */
function withSource(text: string, bases: readonly string[]): OutFeature {
  const tab = text.indexOf('\t')
  const feature = JSON.parse(text.slice(tab + 1)) as OutFeature
  return {
    ...feature,
    properties: { source: bases[Number(text.slice(0, tab))] ?? null, ...feature.properties },
  }
}

async function textFile(storage: Storage, key: string, text: string): Promise<Stored> {
  const file = storedFile(storage, key, { type: 'text/plain; charset=utf-8' })
  await file.write(text)
  return file.close()
}
