/** The shapefile reader against GDAL: on every kind of shape and cell, and on polygons by chance. */
import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'
import { run } from '../system/spawn.ts'
import { inTemp } from '../system/temp.ts'
import { readOgr } from './ogr.ts'
import { readAll } from './read_all.ts'
import { CELLS, cells, NAME, SHAPES } from './shapefile_cases.ts'
import { shapefile, WGS84_PRJ } from './write_shapefile.ts'

const SHAPEFILE = { format: 'shapefile' }
const PRJ = { 'a.prj': WGS84_PRJ }

const HAS_GDAL = await run('ogr2ogr', ['--version']).then(
  () => true,
  () => false,
)
if (!HAS_GDAL) console.log('skipped: the opinion of GDAL on shapefiles, as ogr2ogr is not installed')

/** What both make of a shapefile. */
function both(files: Record<string, string | Uint8Array>): Promise<[ours: Feature[], theirs: Feature[]]> {
  return inTemp('shapefile', async (folder) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    const path = join(folder, 'a.shp')
    const theirs: Feature[] = []
    const signal = new AbortController().signal
    const reading = { path, conform: SHAPEFILE, isEsri: false, signal, log: () => {}, onBadRow: () => {} }
    for await (const batch of readOgr(reading)) theirs.push(...batch)
    return [(await readAll(path, SHAPEFILE)).features, theirs]
  })
}

describe.skipIf(!HAS_GDAL)('readShapefile and GDAL', () => {
  for (const [name, one] of SHAPES) {
    test(`agree on ${name}`, async () => {
      const files = shapefile({ columns: [NAME], rows: [['x']], shapes: [one] })
      const [ours, theirs] = await both({ ...files, ...PRJ })

      expect(ours).toEqual(theirs)
    })
  }

  for (const [column, texts] of CELLS) {
    test(`agree on ${column.type}${column.width}.${column.decimals ?? 0} cells ${JSON.stringify(texts)}`, async () => {
      const [ours, theirs] = await both({ ...cells(column, texts), ...PRJ })

      expect(ours).toEqual(theirs)
    })
  }

  test('agree on three hundred polygons of squares in squares, turned either way', async () => {
    const random = generator(7)
    const shapes = Array.from({ length: 300 }, () => {
      const count = 1 + Math.floor(random() * 7)
      return { type: 5, parts: Array.from({ length: count }, () => square(random)) }
    })
    const files = shapefile({ columns: [NAME], rows: shapes.map(() => ['x']), shapes })
    const [ours, theirs] = await both({ ...files, ...PRJ })

    expect(ours.map(({ geometry }) => geometry)).toEqual(theirs.map(({ geometry }) => geometry))
  })
})

/** Numbers between 0 and 1, the same at each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Squares around one middle lie in each other; some stand apart. */
function square(random: () => number): number[][] {
  const middle = random() < 0.3 ? 100 + Math.floor(random() * 3) * 100 : 0
  const half = 1 + Math.floor(random() * 2560) / 64
  const ring = [
    [middle - half, -half],
    [middle - half, half],
    [middle + half, half],
    [middle + half, -half],
    [middle - half, -half],
  ]
  return random() < 0.5 ? ring : ring.toReversed()
}
