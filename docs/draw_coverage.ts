/**
 * Draws the maps of the documents and of the tests anew:
 *
 *     bun docs/draw_coverage.ts ../shared/catalogue/sources.tar.xz     the world as the catalogue declares it
 *     bun docs/draw_coverage.ts --golden                              the golden pictures of worker/render; look at them
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { folderSources } from '../worker/coverage_sources.ts'
import { openAtlas } from '../worker/render/atlas.ts'
import { COVERAGE_CASES } from '../worker/render/coverage_cases.ts'
import { drawCoverage, MAP_NAMES } from '../worker/render/coverage_map.ts'
import { shapesOf } from '../worker/render/coverage_shapes.ts'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'

const GOLDEN = join(import.meta.dirname, '../worker/render/data/golden')

/** Wide enough to see every case. */
const GOLDEN_WIDTH = 480

const [given] = process.argv.slice(2)
if (given === undefined) throw new Error('say which: the catalogue, or --golden')

const atlas = await openAtlas()
if (given === '--golden') {
  const { shapes } = shapesOf(COVERAGE_CASES, atlas)
  await mkdir(GOLDEN, { recursive: true })
  for (const name of MAP_NAMES) {
    const png = await drawCoverage(name, shapes, atlas, { width: GOLDEN_WIDTH, resolution: 1 })
    await writeFile(join(GOLDEN, `coverage_${name}.png`), png)
  }
} else {
  await inTemp('catalogue', async (folder) => {
    await run('tar', ['-xJf', resolve(given), '-C', folder])
    const { shapes, unplaced } = shapesOf(await folderSources(folder), atlas)
    const png = await drawCoverage('world', shapes, atlas, { resolution: 1 })
    await writeFile(join(import.meta.dirname, 'coverage_world.png'), png)
    console.log(`${shapes.length} places; ${unplaced.length} sources are on no map`)
  })
}
