/**
 * The mirror of the catalogue: for each combination of protocol, compression, format, encoding and coordinate
 * system that it has, a source modelled on a real entry runs, and its address lies where it should.
 *
 * What needs GDAL to be made or read (file geodatabases, KML) is skipped, saying so, where there is none.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { dataSources, readSource } from '../shared/source.ts'
import { zipped } from '../worker/download/archive_standin.ts'
import { ftpStandin } from '../worker/download/ftp_standin.ts'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'
import { hasCatalogue, openCatalogue } from './conformance/catalogue.ts'
import { type Combination, COMBINATIONS, lineOf, NOTHING, PLACES } from './mirror_cases.ts'
import { type MirrorData, mirrorData } from './mirror_data.ts'
import { startEsri } from './standins/esri.ts'
import { openTrial, type Trial, trialSource } from './trial.ts'

const HAS_GDAL = await run('ogr2ogr', ['--version']).then(
  () => true,
  () => false,
)

/** The first that needs PROJ waits for it, and on a busy machine that takes its time. */
const PATIENCE_MS = 60_000

/** A tenth of a metre. */
const DEGREES = 1e-6

/** Where this machine's GDAL is needed. */
function needsGdal({ format, like }: Combination): boolean {
  return format === 'gdb' || like.includes('viersen')
}

let trial: Trial
beforeAll(async () => {
  trial = await openTrial()
})
afterAll(() => trial.close())

describe('the mirror of the catalogue', () => {
  test('has at least 80 combinations', () => {
    expect(new Set(COMBINATIONS.map(lineOf)).size).toBeGreaterThanOrEqual(80)
  })

  for (const one of COMBINATIONS) {
    const isSkipped = needsGdal(one) && !HAS_GDAL
    test.skipIf(isSkipped)(
      `${lineOf(one)}, as ${one.like}${isSkipped ? ': needs ogr2ogr' : ''}`,
      async () => {
        const data = await mirrorData(one)
        await withServer(one, data, async (address) => {
          const compression = one.compression === NOTHING ? {} : { compression: one.compression }
          const source = trialSource({ data: address, protocol: one.protocol, ...compression }, data.conform)

          const { ok, problem } = await trial.run(source, { outputs: ['geojson'] })

          expect({ ok, problem }).toEqual({ ok: true, problem: null })
        })

        const { number, street, place } = data.expected
        const [feature, ...more] = await trial.features()
        const { coordinates: [lon = NaN, lat = NaN] = [] } = (feature?.geometry ?? {}) as {
          coordinates?: number[]
        }
        expect(feature?.properties).toMatchObject({ number, street })
        expect(Math.abs(lon - place[0])).toBeLessThan(DEGREES)
        expect(Math.abs(lat - place[1])).toBeLessThan(DEGREES)
        expect(more).toEqual([])
      },
    )
  }
})

/** Serve the data as the combination wants it, while something is done. */
async function withServer(
  one: Combination,
  data: MirrorData,
  deed: (address: string) => Promise<void>,
): Promise<void> {
  if (one.protocol === 'esri') return withEsri(data, deed)
  const [name = '', content = Buffer.alloc(0)] = Object.entries(data.members)[0] ?? []
  // Shapefiles are many files: those that name no compression are zips all the same.
  const isZip = one.compression === 'zip' || one.format === 'shapefile'
  const packed = isZip ? await zipped(data.members) : one.compression === 'gzip' ? gzipSync(content) : content
  const path = isZip ? 'data.zip' : one.compression === 'gzip' ? `${name}.gz` : name
  if (one.protocol !== 'ftp') return deed(await trial.serve(path, packed))

  const server = await ftpStandin({ files: { [`/${path}`]: packed } })
  try {
    await deed(`ftp://127.0.0.1:${server.port}/${path}`)
  } finally {
    await server.close()
  }
}

async function withEsri({ expected }: MirrorData, deed: (address: string) => Promise<void>): Promise<void> {
  const { number, street, place } = expected
  const server = await startEsri({
    layers: {
      '/City/FeatureServer/0': {
        fields: [
          { name: 'OBJECTID', type: 'esriFieldTypeOID' },
          { name: 'NUM', type: 'esriFieldTypeString' },
          { name: 'ROAD', type: 'esriFieldTypeString' },
        ],
        features: [
          { attributes: { OBJECTID: 1, NUM: number, ROAD: street }, geometry: { x: place[0], y: place[1] } },
        ],
      },
    },
  })
  try {
    await deed(`${server.url}/City/FeatureServer/0`)
  } finally {
    await server.close()
  }
}

describe.skipIf(!HAS_GDAL)('the places of the mirror (skipped without ogr2ogr)', () => {
  test(
    'are where GDAL has them',
    async () => {
      const far = await inTemp('places', async (folder) => {
        const found: string[] = []
        for (const [srs, [lon, lat, x, y]] of Object.entries(PLACES)) {
          const table = join(folder, 'a.csv')
          await writeFile(table, `x,y\n${x},${y}\n`)
          const columns = ['-oo', 'X_POSSIBLE_NAMES=x', '-oo', 'Y_POSSIBLE_NAMES=y']
          const order = ['-s_srs', SAME_AS[srs] ?? srs, '-t_srs', 'EPSG:4326', '-lco', 'GEOMETRY=AS_XY']
          const answer = await run('ogr2ogr', ['-f', 'CSV', '/vsistdout/', table, ...columns, ...order])
          const [there = 0, up = 0] = (answer.split('\n')[1] ?? '').split(',').map(Number)
          if (Math.max(Math.abs(there - lon), Math.abs(up - lat)) > DEGREES)
            found.push(`${srs} ${there} ${up}`)
        }
        return found
      })

      expect(far).toEqual([])
    },
    PATIENCE_MS,
  )
})

/** What the PROJ of Debian 12 does not know yet, under the older name of the same projection. */
const SAME_AS: Readonly<Record<string, string>> = { 'EPSG:10288': 'EPSG:4647' }

describe.skipIf(!hasCatalogue)('the table of combinations (skipped without ../shared/catalogue)', () => {
  test(
    'is that of the catalogue',
    async () => {
      const catalogue = await openCatalogue()
      try {
        const found = await combinationsIn(join(catalogue.folder, 'sources'))

        expect(COMBINATIONS.map(lineOf).sort()).toEqual([...found].sort())
      } finally {
        await catalogue.remove()
      }
    },
    PATIENCE_MS,
  )
})

async function combinationsIn(folder: string): Promise<Set<string>> {
  const names = await readdir(folder, { recursive: true })
  const lines = new Set<string>()
  for (const name of names.filter((name) => name.endsWith('.json'))) {
    for (const { protocol, compression, conform } of dataSources(
      readSource(await readFile(join(folder, name), 'utf8')),
    )) {
      if (conform === undefined) continue
      const isTable = protocol.toLowerCase() !== 'esri'
      const parts = [protocol.toLowerCase(), compression, conform.format, conform.encoding, conform.srs]
      const table = [isTable ? conform.csvsplit : undefined, isTable ? conform.headers : undefined]
      lines.add([...parts, ...table].map((part) => part ?? NOTHING).join(' '))
    }
  }
  return lines
}
