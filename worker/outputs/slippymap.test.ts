/** The map made by the real tippecanoe, read back by the library that maps in browsers use. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'
import { PMTiles, type Source, TileType } from 'pmtiles'
import type { Made, OutRow } from './output.ts'
import { address, makeOutputs } from './typed_output_cases.ts'

const isHere = spawnSync('tippecanoe', ['--version']).status === 0
if (!isHere) console.log('skipped: a map by the real tippecanoe, as it is not on the PATH')

/** Three thousand addresses of a town, and one on the other side of the world. */
const ROWS: readonly OutRow[] = [
  ...Array.from({ length: 3_000 }, (_, i) =>
    address(`${i + 1}`, 'Žižkova', {
      type: 'Point',
      coordinates: [14.4 + (i % 60) / 2_000, 50.05 + Math.floor(i / 60) / 3_000],
    }),
  ),
  address('x', 'nowhere', null),
  address('y', 'far', { type: 'Point', coordinates: [174.7, -41.3] }),
]

let folder: string
let made: Map<string, Made>
beforeEach(async () => {
  ;({ folder, made } = await makeOutputs(['slippymap'], 'addresses', [ROWS]))
})
afterEach(() => rm(folder, { recursive: true }))

/** A file as the library asks for one. */
async function source(path: string): Promise<Source> {
  const bytes = await readFile(path)
  return {
    getKey: () => path,
    getBytes: async (offset, length) => ({
      data: new Uint8Array(bytes.subarray(offset, offset + length)).buffer,
    }),
  }
}

/** Numbers of the tile that a place lies in. */
function tileOf(lon: number, lat: number, zoom: number): [x: number, y: number] {
  const angle = (lat * Math.PI) / 180
  const x = (lon + 180) / 360
  const y = (1 - Math.log(Math.tan(angle) + 1 / Math.cos(angle)) / Math.PI) / 2
  return [Math.floor(x * 2 ** zoom), Math.floor(y * 2 ** zoom)]
}

describe.skipIf(!isHere)('a map by the real tippecanoe', () => {
  test('has every address at the highest zoom, with its attributes', async () => {
    const tiles = new PMTiles(await source(join(folder, 'slippymap.pmtiles')))
    const header = await tiles.getHeader()
    expect(header.tileType).toBe(TileType.Mvt)
    expect(made.get('slippymap')?.rows).toBe(ROWS.length)

    const places = new Set(
      ROWS.flatMap(({ feature: { geometry } }) =>
        geometry?.type === 'Point'
          ? [tileOf(geometry.coordinates[0]!, geometry.coordinates[1]!, header.maxZoom).join('/')]
          : [],
      ),
    )
    const numbers = new Set<unknown>()
    for (const place of places) {
      const [x = 0, y = 0] = place.split('/').map(Number)
      const tile = await tiles.getZxy(header.maxZoom, x, y)
      const dots = new VectorTile(new PbfReader(new Uint8Array(tile!.data))).layers['dots']!
      for (let index = 0; index < dots.length; index++) numbers.add(dots.feature(index).properties['number'])
    }
    expect(numbers.size).toBe(3_001)
    expect([numbers.has('1'), numbers.has('3000'), numbers.has('y'), numbers.has('x')]).toEqual([
      true,
      true,
      true,
      false,
    ])
  }, 30_000)

  test('is called as the original called it', async () => {
    const tiles = new PMTiles(await source(join(folder, 'slippymap.pmtiles')))

    expect(await tiles.getMetadata()).toMatchObject({ name: 'OpenAddresses Dots' })
  }, 30_000)
})
