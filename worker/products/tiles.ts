/**
 * Index tiles: for each square degree that has addresses, a zip with all of them in one table.
 *
 * Rows are sorted on the disk by tile, and within it by source; then they stream into one zip after the
 * other, so that the number of tiles costs no memory and no open files. Share-alike sources are not among
 * them, as in the original: a tile has one table, and its reader could not keep their terms apart.
 */
import { tileAt, type Tile, tileName, tileNumber, tileOf } from '../../shared/tile.ts'
import type { Storage, Stored } from '../io/storage.ts'
import { ADDRESS_CSV_HEADER, addressCsvLine, csvCell } from '../outputs/address_csv.ts'
import { placeOf } from './collect.ts'
import { licenses } from './collection_texts.ts'
import { externalSorter, type Keyed, type Sorter } from './external_sort.ts'
import { type ProductSource, sourceBase } from './product_source.ts'
import { relief } from './relief.ts'
import { runRows } from './run_rows.ts'
import { type StoredZip, storedZip } from './stored_file.ts'

/** A way of making: another number makes everything anew. */
export const TILES_WAY = 'tiles 1'

/** The column that a tile has beyond those of an address. */
const SOURCE_COLUMN = 'OA:Source'

const LINE_END = '\r\n'

const HEADER = `${ADDRESS_CSV_HEADER.trimEnd()},${SOURCE_COLUMN}${LINE_END}`

export interface Tiling {
  readonly storage: Storage
  readonly sources: readonly ProductSource[]
  /** Key of a tile, by its name such as `-123.0/37.0`. */
  readonly key: (name: string) => string
  /** An existing folder for files in between. */
  readonly folder: string
  readonly now: Date
  readonly signal: AbortSignal
  /** Told how many rows were just read; how many there are to write, once all are sorted; how many were just written. */
  readonly tell: (stage: 'read' | 'sorted' | 'written', rows: number) => void
}

/** A tile that is in storage. */
export interface StoredTile {
  readonly tile: Tile
  readonly stored: Stored
  readonly rows: number
  /** Those that have rows in it. */
  readonly sources: readonly ProductSource[]
}

/** Rows that were read, and those of them that have no place on Earth. */
export interface TileCounts {
  readonly read: number
  readonly unplaced: number
}

/** Make all tiles; each is given when it is in storage. Throws when a row of any source is missing. */
export async function* makeTiles(tiling: Tiling): AsyncGenerator<StoredTile, TileCounts> {
  const sorter = externalSorter({ folder: tiling.folder, name: 'tiles' })
  const counts = await readAll(tiling, sorter)
  tiling.tell('sorted', counts.read - counts.unplaced)
  const relieve = relief()
  let open: OpenTile | undefined
  try {
    for await (const group of sorter.sorted()) {
      tiling.signal.throwIfAborted()
      relieve(group.length)
      for (const [number, rows] of byTile(group)) {
        if (open !== undefined && open.number !== number) {
          yield await closeTile(tiling, open)
          open = undefined
        }
        open ??= await openTile(tiling, number)
        await addRows(open, rows)
      }
    }
    if (open !== undefined) yield await closeTile(tiling, open)
    open = undefined
  } finally {
    await open?.zip.abandon()
  }
  return counts
}

async function readAll(tiling: Tiling, sorter: Sorter): Promise<TileCounts> {
  let read = 0
  let unplaced = 0
  for (const [index, source] of tiling.sources.entries()) {
    const end = `,${csvCell(sourceBase(source))}${LINE_END}`
    for await (const rows of runRows(source, tiling)) {
      for (const { feature } of rows) {
        const place = placeOf(feature)
        if (place === undefined) {
          unplaced += 1
          continue
        }
        const line = addressCsvLine(feature).slice(0, -LINE_END.length) + end
        await sorter.add(tileNumber(tileOf(place[0]!, place[1]!)), `${index}\t${line}`)
      }
      read += rows.length
      tiling.tell('read', rows.length)
    }
  }
  return { read, unplaced }
}

/** A row of a tile: which source it is of, and its line in the table. */
interface Row {
  readonly source: number
  readonly line: string
}

/** Rows that lie together in a group, by tile. */
function* byTile(group: readonly Keyed[]): Generator<[number: number, rows: Row[]]> {
  let number: number | undefined
  let rows: Row[] = []
  for (const { key, text } of group) {
    if (number !== undefined && key !== number) {
      yield [number, rows]
      rows = []
    }
    number = key
    const tab = text.indexOf('\t')
    rows.push({ source: Number(text.slice(0, tab)), line: text.slice(tab + 1) })
  }
  if (number !== undefined) yield [number, rows]
}

interface OpenTile {
  readonly number: number
  readonly zip: StoredZip
  readonly table: ReturnType<StoredZip['addMember']>
  /** Numbers of sources that have rows in it. */
  readonly seen: Set<number>
  rows: number
}

async function openTile({ storage, key, now }: Tiling, number: number): Promise<OpenTile> {
  const zip = storedZip(storage, key(tileName(tileAt(number))), now)
  const table = zip.addMember('addresses.csv')
  await table.write(HEADER)
  return { number, zip, table, seen: new Set(), rows: 0 }
}

async function addRows(open: OpenTile, rows: readonly Row[]): Promise<void> {
  for (const { source } of rows) open.seen.add(source)
  open.rows += rows.length
  await open.table.write(rows.map(({ line }) => line).join(''))
}

async function closeTile(
  { sources, tell }: Tiling,
  { number, zip, table, seen, rows }: OpenTile,
): Promise<StoredTile> {
  const own = sources.filter((_, index) => seen.has(index))
  table.end()
  zip.addText('LICENSE.txt', licenses(own))
  const stored = await zip.close()
  tell('written', rows)
  return { tile: tileAt(number), stored, rows, sources: own }
}
