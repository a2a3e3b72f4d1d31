/** preview-source and what it reads. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { scored } from '../test/conformance/score.ts'
import { ranMachine } from '../test/crew.ts'
import { TIPPECANOE_LOOKS } from './outputs/slippymap.ts'
import { readPlaces } from './preview_source.ts'

setDefaultTimeout(30_000)

const CONFORMANCE = resolve('../shared/conformance')
const IS_HERE = existsSync(CONFORMANCE)
if (!IS_HERE) console.log(`skipped: what the maps of the reference were fed, as ${CONFORMANCE} is not here`)

const LINES = [0, 1, 2]
  .map(
    (i) =>
      `{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [${i}, ${i}]}}\n`,
  )
  .join('')
const COLLECTION = `{"type": "FeatureCollection", "features": [${LINES.trim().replaceAll('\n', ',')}]}`
const TABLE = 'LON,LAT,NUMBER\r\n0,0,1\r\n2,2,2\r\nx,500,3\r\n'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-preview-source-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function sizeOf(path: string): Promise<[width: number, height: number]> {
  const png = await readFile(path)
  return [png.readUInt32BE(16), png.readUInt32BE(20)]
}

describe('preview-source', () => {
  const sources: [name: string, file: string, content: string | Buffer, options: string[], width: number][] =
    [
      ['lines of GeoJSON', 'a.geojson', LINES, [], 1336],
      ['a collection, as wide as asked', 'a.geojson', COLLECTION, ['--width', '300'], 600],
      [
        'packed GeoJSON, with as many pixels',
        'a.geojson.gz',
        gzipSync(LINES),
        ['--1x', '--width', '200'],
        200,
      ],
      ['a table', 'a.csv', TABLE, ['--1x'], 668],
    ]
  for (const [name, file, content, options, width] of sources) {
    test(`draws ${name}`, async () => {
      await writeFile(join(folder, file), content)
      const out = join(folder, 'out.png')
      const { code, lines } = await ranMachine(['preview-source', join(folder, file), out, ...options])

      expect([code, lines]).toEqual([0, []])
      expect((await sizeOf(out))[0]).toBe(width)
    })
  }

  test('draws under Node what it draws under Bun, byte by byte', async () => {
    await writeFile(join(folder, 'a.geojson'), LINES)
    const outs = [join(folder, 'bun.png'), join(folder, 'node.png')] as const
    for (const [index, out] of outs.entries())
      await ranMachine(['preview-source', join(folder, 'a.geojson'), out], { node: index === 1 })

    expect((await readFile(outs[0])).equals(await readFile(outs[1]))).toBe(true)
  })

  const wrong: [name: string, args: string[], code: number, said: string][] = [
    ['no picture', ['a.geojson'], 2, 'expected a SRC and an OUT.png'],
    [
      'a width that is none',
      ['a', 'b', '--width', 'wide'],
      2,
      '--width: expected a whole number from 1 to 8000',
    ],
    ['two sizes', ['a', 'b', '--1x', '--2x'], 2, '--1x and --2x exclude each other'],
    ['a file that is not there', ['nowhere.geojson', 'b'], 1, 'ENOENT'],
  ]
  for (const [name, args, code, said] of wrong) {
    test(`says so when it is given ${name}`, async () => {
      const { code: ended, lines } = await ranMachine(['preview-source', ...args], { cwd: folder })

      expect(ended).toBe(code)
      expect(lines[0]).toContain(said)
    })
  }

  test('ends with 1 where there is one place only', async () => {
    await writeFile(join(folder, 'a.geojson'), LINES.split('\n')[0]!)
    const { code, lines } = await ranMachine(['preview-source', 'a.geojson', 'b.png'], { cwd: folder })

    expect([code, lines]).toEqual([
      1,
      ['machine preview-source: no b.png: it needs 2 places on the map, and there are 1'],
    ])
  })
})

describe.skipIf(!IS_HERE)('functions.json: tile_input (skipped without ../shared/conformance)', () => {
  interface TileCase {
    readonly id: string
    readonly op: string
    readonly input_file: string
    readonly expect: { readonly features: number; readonly command: readonly string[] }
  }
  const { cases } = IS_HERE
    ? (JSON.parse(readFileSync(`${CONFORMANCE}/functions.json`, 'utf8')) as { cases: TileCase[] })
    : { cases: [] }

  for (const { id, input_file: file, expect: expected } of cases.filter(({ op }) => op === 'tile_input')) {
    scored('functions.json', id, async () => {
      const signal = new AbortController().signal
      const options = { folder, signal, log: () => {}, tell: () => {} }
      let features = 0
      for await (const batch of readPlaces(join(CONFORMANCE, file), options))
        features += batch.filter((geometry) => geometry !== null).length

      expect(features).toBe(expected.features)
      // Ours reads a file instead of standard input, and is quiet.
      expect(['tippecanoe', ...TIPPECANOE_LOOKS, '-f', '-t', '<TMPDIR>', '-o', '<OUTPUT>']).toEqual([
        ...expected.command,
      ])
    })
  }
})
