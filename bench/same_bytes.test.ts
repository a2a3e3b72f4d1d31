/** The same source gives the same bytes on Bun and on Node. */
import { expect, test } from 'bun:test'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'
import { makeData } from './make_data.ts'

// A bundle has to stand where its dependencies are found.
const BUNDLES = join(import.meta.dirname, 'data', `test-${process.pid}`)

test('Bun and Node write the same bytes, and the plain way does too', async () => {
  await mkdir(BUNDLES, { recursive: true })
  const bundle = join(BUNDLES, 'one.mjs')
  const options = ['--target=node', '--packages=external', `--outfile=${bundle}`]
  await run(process.execPath, ['build', join(import.meta.dirname, 'one.ts'), ...options])
  try {
    await inTemp('same-bytes', async (folder) => {
      expect(await makeData(folder, 3000, ['feet.csv', 'lines.geojson'])).toEqual([])
      const isAlone = (await makeData(folder, 3000, ['parcels.gdb'])).length > 0
      if (isAlone) console.log('skipped: parcels of a geodatabase, as ogr2ogr is not installed')
      for (const name of ['csv', 'csv-patterns', 'geojson-lines', ...(isAlone ? [] : ['parcels-gdb'])]) {
        const [bun, node, plain] = await Promise.all([
          written(process.execPath, bundle, name, folder, 'cells'),
          written('node', bundle, name, folder, 'cells'),
          written('node', bundle, name, folder, 'rows'),
        ])

        expect(bun!.length).toBeGreaterThan(500_000)
        expect(bun!.equals(node!)).toBe(true)
        expect(bun!.equals(plain!)).toBe(true)
      }
    })
  } finally {
    await rm(BUNDLES, { recursive: true, force: true })
  }
}, 60_000)

async function written(
  runtime: string,
  bundle: string,
  name: string,
  folder: string,
  way: string,
): Promise<Buffer> {
  const out = join(folder, `${name}-${runtime === 'node' ? 'node' : 'bun'}-${way}`)
  await run(runtime, [bundle, name, folder, out, 'plain', way])
  return await readFile(join(out, 'out.geojson'))
}
