/** esri2geojson, against a server that plays an ArcGIS layer. */
import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ranMachine } from '../test/crew.ts'
import { esriLayer, type StandinLayer } from './download/esri_standin.ts'
import { standin } from './download/web_standin.ts'

setDefaultTimeout(60_000)

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-esri2geojson-'))
})
afterEach(() => rm(folder, { recursive: true }))

const ROWS: StandinLayer['rows'] = [
  { id: 1, attributes: { NAME: 'Žižkova', FLOORS: 2, AREA: 12.5 }, geometry: { x: 1.5, y: 50 } },
  { id: 2, attributes: { NAME: null, FLOORS: 1 }, geometry: { x: 'NaN', y: 'NaN' } },
  {
    id: 3,
    attributes: { NAME: 'c' },
    geometry: {
      rings: [
        [
          [0, 0],
          [0, 1],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  },
]

async function fetched(layer: StandinLayer, ...options: string[]) {
  const server = await standin(esriLayer(layer))
  try {
    const out = join(folder, 'out.geojson')
    const { code, lines } = await ranMachine(['esri2geojson', `${server.url}/MapServer/0`, out, ...options])
    return { code, lines, asked: server.asked, text: await readFile(out, 'utf8').catch(() => undefined) }
  } finally {
    await server.close()
  }
}

describe('esri2geojson', () => {
  test('writes all features with the types of their attributes', async () => {
    const { code, lines, text } = await fetched({ rows: ROWS })

    expect([code, lines.at(-1)]).toEqual([0, `3 features in ${join(folder, 'out.geojson')}`])
    const { type, features } = JSON.parse(text!)
    expect(type).toBe('FeatureCollection')
    expect(features.map(({ geometry }: { geometry: unknown }) => geometry)).toEqual([
      { type: 'Point', coordinates: [1.5, 50] },
      null,
      {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [0, 1],
            [1, 1],
            [0, 0],
          ],
        ],
      },
    ])
    expect(features[0].properties).toMatchObject({ NAME: 'Žižkova', FLOORS: 2, AREA: 12.5 })
  })

  test('writes a collection of nothing where there is nothing', async () => {
    const { code, text } = await fetched({ rows: [] })

    expect([code, JSON.parse(text!)]).toEqual([0, { type: 'FeatureCollection', features: [] }])
  })

  test('sends headers and params with every request', async () => {
    const { asked } = await fetched(
      { rows: ROWS },
      '-H',
      'X-Key: a:b',
      '-p',
      'token=abc',
      '--params',
      'x=1=2',
    )

    expect(asked.length).toBeGreaterThan(2)
    for (const { headers, params } of asked) {
      expect(headers['x-key']).toBe('a:b')
      expect([params.get('token'), params.get('x')]).toEqual(['abc', '1=2'])
    }
  })

  test('leaves no file when it fails, and says why', async () => {
    const { code, lines, text } = await fetched({
      rows: ROWS,
      misbehave: (_, __, response) => {
        response.writeHead(404).end('gone')
        return true
      },
    })

    expect([code, text]).toEqual([1, undefined])
    expect(lines.at(-1)).toStartWith('machine esri2geojson: The data is not at its address')
    expect(await readdir(folder)).toEqual([])
  })

  const wrong: [name: string, args: string[], said: string][] = [
    ['no file', ['http://localhost/0'], 'expected a URL and an OUT.geojson'],
    ['no address', ['layer', 'out'], 'expected the URL of a layer, got "layer"'],
    [
      'a header without a value',
      ['http://localhost/0', 'out', '-H', 'X'],
      '--header: expected NAME:VALUE, got "X"',
    ],
    ['a where', ['http://localhost/0', 'out', '-p', 'where=1=1'], '--params: where is how the client asks'],
  ]
  for (const [name, args, said] of wrong) {
    test(`ends with 2 when it is given ${name}`, async () => {
      const { code, lines } = await ranMachine(['esri2geojson', ...args])

      expect(code).toBe(2)
      expect(lines[0]).toContain(said)
    })
  }
})
