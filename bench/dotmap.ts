/**
 * The dot map at size: synthetic points into tiles and one file, with time, disk and memory of it.
 *
 *     bun bench/dotmap.ts 10000000
 *
 * Not in the table of `npm run bench`, because ten million points take minutes. Needs tippecanoe on the PATH.
 */
import { readdir, stat } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { addDropped, droppedSentence } from '../shared/dotmap.ts'
import type { Dot } from '../worker/render/dot_points.ts'
import { openDotTiles } from '../worker/render/dot_tiles.ts'
import { joinTiles, readTileset } from '../worker/render/dot_tileset.ts'
import { inTemp } from '../worker/system/temp.ts'

const BATCH = 2_000

/** Towns that the points lie in: few and full ones, many and small ones. */
const TOWNS = 4_000

/** Points of a town lie so far from its middle, in degrees. */
const TOWN_DEGREES = 0.03

/** The same numbers on each computer: Mulberry32. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function* points(count: number): Generator<Dot[]> {
  const roll = dice(7)
  const towns = Array.from({ length: TOWNS }, () => [roll() * 340 - 170, roll() * 120 - 50] as const)
  for (let done = 0; done < count; done += BATCH) {
    yield Array.from({ length: Math.min(BATCH, count - done) }, (_, i) => {
      // The square makes some towns a hundred times as full as others.
      const [lon, lat] = towns[Math.floor(roll() ** 2 * TOWNS)]!
      const near = () => (roll() + roll() + roll() - 1.5) * TOWN_DEGREES
      const row = done + i
      return {
        lon: Number((lon + near()).toFixed(7)),
        lat: Number((lat + near()).toFixed(7)),
        number: `${row % 400}`,
        street: `Street ${Math.floor(row / 400) % 50_000}`,
        unit: row % 11 === 0 ? `${row % 30}` : '',
      }
    })
  }
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size, blocks }) => Math.max(size, blocks * 512),
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const count = Number(process.argv[2] ?? 1_000_000)
const began = performance.now()
const seconds = () => Math.round((performance.now() - began) / 1000)
const { signal } = new AbortController()

await inTemp('bench-dotmap', async (folder) => {
  let diskMax = 0
  const look = setInterval(
    () => void bytesIn(folder).then((bytes) => (diskMax = Math.max(diskMax, bytes))),
    1000,
  )
  const tiles = openDotTiles({ folder, name: 'Bench', signal, tell: () => {} })
  for (const batch of points(count)) await tiles.add(batch)
  const read = seconds()
  const made = await tiles.finish()
  const tiled = seconds()
  const path = join(folder, 'dotmap.pmtiles')
  await joinTiles(
    made.map(({ path }) => path),
    path,
    { name: 'Bench', description: 'Bench', signal },
  )
  clearInterval(look)
  diskMax = Math.max(diskMax, await bytesIn(folder))
  const { size } = await stat(path)
  const dropped = addDropped([(await readTileset(path)).strategies])
  console.log(
    [
      `${new Date().toISOString().slice(0, 10)}  ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 1e9)} GB`,
      `${count} points: read by ${read} s, tiled by ${tiled} s, joined by ${seconds()} s`,
      `PMTiles ${(size / 1e6).toFixed(1)} MB; disk at most ${(diskMax / 1e6).toFixed(0)} MB, ${(diskMax / count).toFixed(0)} bytes a point`,
      `our own memory at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
      droppedSentence(dropped) ?? 'every point is there at the nearest zoom',
    ].join('\n'),
  )
})
