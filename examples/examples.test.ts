import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Ajv } from 'ajv'
import { run } from '../worker/system/spawn.ts'
import { inTemp } from '../worker/system/temp.ts'
import expected from './expected.json' with { type: 'json' }
import { type Collection, cedarInlet, harlowPoint, lindenau, pineRidge, valbrume } from './places.ts'

const FOLDER = import.meta.dirname
const CATALOGUE = join(FOLDER, '../../shared/catalogue/sources.tar.xz')

interface Source {
  readonly layers: Readonly<Record<string, readonly { readonly name: string; readonly data: string }[]>>
}

async function sources(): Promise<[path: string, source: Source][]> {
  const paths = await readdir(join(FOLDER, 'sources'), { recursive: true })
  return await Promise.all(
    paths
      .filter((path) => path.endsWith('.json'))
      .toSorted()
      .map(
        async (path): Promise<[string, Source]> => [
          `sources/${path}`,
          JSON.parse(await readFile(join(FOLDER, 'sources', path), 'utf8')) as Source,
        ],
      ),
  )
}

describe('the examples', () => {
  test('expect something of each data source', async () => {
    const all = (await sources()).flatMap(([path, { layers }]) =>
      Object.entries(layers).flatMap(([layer, list]) => list.map(({ name }) => `${path} ${layer} ${name}`)),
    )

    expect(expected.map(({ path, layer, name }) => `${path} ${layer} ${name}`)).toEqual(all)
  })

  test('point to the one host that the stand-in takes the place of', async () => {
    const hosts = (await sources()).flatMap(([, { layers }]) =>
      Object.values(layers).flatMap((list) => list.map(({ data }) => new URL(data).origin)),
    )

    expect([...new Set(hosts)]).toEqual(['http://data.example'])
  })

  const schemaTest = existsSync(CATALOGUE) ? test : test.skip
  schemaTest('are valid by the schema of the catalogue (skipped where ../shared is absent)', async () => {
    await inTemp('schema', async (folder) => {
      await run('tar', ['-xJf', CATALOGUE, '-C', folder, 'schema'])
      const ajv = new Ajv({ strict: false, validateFormats: false })
      // The catalogue came without the schemas in util/: there anything passes, and so more than one may.
      ajv.addSchema({}, '/any')
      for (const file of await readdir(join(folder, 'schema'), { recursive: true })) {
        if (!file.endsWith('.json')) continue
        const text = await readFile(join(folder, 'schema', file), 'utf8')
        const open = text.replace(/"(?:\.\.?\/)+util\/[^"]*"/g, '"/any"').replaceAll('"oneOf"', '"anyOf"')
        ajv.addSchema(JSON.parse(open), `/${file}`)
      }
      const validate = ajv.getSchema('/source_schema_v2.json')!
      for (const [path, source] of await sources()) {
        const isValid = validate(source)

        expect([path, isValid, validate.errors]).toEqual([path, true, null])
      }
    })
  })
})

describe('the data', () => {
  const inlet = cedarInlet()
  const made: [path: string, layer: string, collection: { readonly features: readonly unknown[] }][] = [
    ['sources/us/ny/harlow_point.json', 'addresses', harlowPoint()],
    ['sources/fr/07/valbrume.json', 'addresses', valbrume()],
    ['sources/us/mn/pine_ridge.json', 'addresses', pineRidge()],
    ['sources/ca/bc/city_of_cedar_inlet.json', 'addresses', inlet.addresses],
    ['sources/ca/bc/city_of_cedar_inlet.json', 'parcels', inlet.parcels],
    ['sources/ca/bc/city_of_cedar_inlet.json', 'buildings', inlet.buildings],
  ]
  for (const [path, layer, { features }] of made) {
    test(`of ${path} ${layer} has as many rows as are expected`, () => {
      const one = expected.find((one) => one.path === path && one.layer === layer)

      expect(one?.rows).toBe(features.length)
    })
  }

  test('is what the generator makes', async () => {
    const csv = await readFile(join(FOLDER, 'data/de/nw/lindenau_hauskoordinaten.csv'))
    const gzipped = await readFile(join(FOLDER, 'data/fr/07/valbrume_adresses.geojson.gz'))
    const esri = await readFile(join(FOLDER, 'data/us/mn/pine_ridge_addresses.json'), 'utf8')

    expect(csv.toString('latin1')).toBe(lindenau())
    expect((JSON.parse(gunzipSync(gzipped).toString()) as Collection).features).toEqual(valbrume().features)
    expect(JSON.parse(esri)).toEqual(pineRidge())
  })

  test('in ISO-8859-1 has umlauts, quoted semicolons and line ends of Windows', () => {
    const lines = lindenau().split('\r\n')

    expect(lines[0]).toBe('OI;STRASSE;HNR;ADZ;PLZ;ORT;ORTSTEIL;OST;NORD')
    expect(lines.some((line) => line.includes(';Mühlenstr.;'))).toBe(true)
    expect(lines.some((line) => line.includes(';"Lindenau; ""Auf der Höhe""";'))).toBe(true)
    expect([...lindenau()].every((letter) => letter.codePointAt(0)! < 256)).toBe(true)
  })
})
