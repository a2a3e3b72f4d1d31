/** A PMTiles on this disk: what is in it, as its own library reads it; and several joined into one file. */
import { open } from 'node:fs/promises'
import { PMTiles } from 'pmtiles'
import type { Strategy } from '../../shared/dotmap.ts'
import { type Ended, start } from '../system/spawn.ts'

/** What a tileset says of itself. */
export interface TilesetFacts {
  readonly zoomMin: number
  readonly zoomMax: number
  /** West, south, east, north. */
  readonly bounds: readonly [number, number, number, number]
  readonly layers: readonly string[]
  /** What was dropped, by zoom. */
  readonly strategies: readonly Strategy[]
}

interface Metadata {
  readonly strategies?: readonly Strategy[]
  readonly vector_layers?: readonly { readonly id: string }[]
}

/**
 * Read what a tileset says of itself.
 *
 * @throws {Error} when it is no PMTiles
 */
export async function readTileset(path: string): Promise<TilesetFacts> {
  const file = await open(path)
  try {
    const tiles = new PMTiles({
      getKey: () => path,
      async getBytes(offset, length) {
        const bytes = new Uint8Array(length)
        const { bytesRead } = await file.read(bytes, 0, length, offset)
        return { data: bytes.slice(0, bytesRead).buffer }
      },
    })
    const header = await tiles.getHeader()
    const metadata = (await tiles.getMetadata()) as Metadata
    return {
      zoomMin: header.minZoom,
      zoomMax: header.maxZoom,
      bounds: [header.minLon, header.minLat, header.maxLon, header.maxLat],
      layers: (metadata.vector_layers ?? []).map(({ id }) => id),
      strategies: metadata.strategies ?? [],
    }
  } finally {
    await file.close()
  }
}

/** What the joined file is called. */
export interface JoinTitle {
  readonly name: string
  readonly description: string
  readonly signal: AbortSignal
}

/**
 * Join tilesets into one file, MBTiles or PMTiles by its ending.
 *
 * Tiles stay as large as they are: a limit was kept when they were made.
 *
 * @throws {Error} when tile-join fails
 */
export async function joinTiles(
  from: readonly string[],
  to: string,
  { name, description, signal }: JoinTitle,
): Promise<void> {
  const titles = [`--name=${name}`, `--description=${description}`, '--attribution=OpenAddresses']
  const { ended } = start(
    'tile-join',
    ['--force', '--no-tile-size-limit', '--quiet', ...titles, '-o', to, ...from],
    {
      // Not to read anything, but to be killed with us.
      feed: true,
      signal,
    },
  )
  const { code, signal: by, stderr }: Ended = await ended
  if (code !== 0) throw new Error(`tile-join ended with ${by ?? `code ${code}`} at ${to}: ${stderr.trim()}`)
}
