/**
 * What GDAL reads, three ways: by its programs and FlatGeobuf, by WebAssembly and FlatGeobuf, and, as the
 * oracle, by its programs and GeoJSON.
 */
import { describe, expect, test } from 'bun:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { run } from '../system/spawn.ts'
import { inTemp } from '../system/temp.ts'
import { readGeojsonFile } from './geojson.ts'
import { readAll, readFiles } from './read_all.ts'

const HAS_GDAL = await run('ogr2ogr', ['--version']).then(
  () => true,
  () => false,
)
if (!HAS_GDAL) console.log('skipped: GDAL in WebAssembly against its programs, as ogr2ogr is not installed')

/** Do something on a machine without GDAL. */
async function withoutGdal<T>(deed: () => T | Promise<T>): Promise<T> {
  const path = process.env['PATH']
  try {
    process.env['PATH'] = '/nowhere'
    return await deed()
  } finally {
    process.env['PATH'] = path
  }
}

/** One feature a line: properties and WKT-like coordinates. */
function layer(...features: [properties: object, geometry: object | null][]): string {
  const list = features.map(([properties, geometry]) => ({ type: 'Feature', properties, geometry }))
  return JSON.stringify({ type: 'FeatureCollection', features: list })
}

const point = (...coordinates: number[]) => ({ type: 'Point', coordinates })
const square = (at: number, ...z: number[]) => {
  const corners = [
    [at, 0],
    [at + 1, 0],
    [at + 1, 1],
    [at, 0],
  ]
  return [corners.map((corner) => [...corner, ...z])]
}
const polygon = (at: number, ...z: number[]) => ({ type: 'Polygon', coordinates: square(at, ...z) })

const LAYERS: Readonly<Record<string, string>> = {
  'points of all types': layer(
    [
      {
        name: 'Å “x”',
        n: 12,
        big: 2 ** 40,
        real: 0.1,
        whole: 3.5,
        day: '2020/01/02',
        at: '2020/01/02 03:04:05',
        yes: true,
      },
      point(11, 48),
    ],
    [
      { name: '', n: -1, big: 1, real: 1e-7, whole: 12.0, day: null, at: null, yes: false },
      point(-11.123456789012, 0),
    ],
  ),
  'points, some nowhere': layer(
    [{ name: 'a' }, null],
    [{ name: 'b' }, point(1, 2)],
    [{ name: 'c' }, null],
    [{ name: 'd' }, null],
    [{ name: 'e' }, point(3, 4)],
    [{ name: 'f' }, null],
  ),
  'nothing but rows': layer([{ name: 'a' }, null], [{ name: 'b' }, null]),
  'polygons and multipolygons': layer(
    [{ name: 'a' }, polygon(0)],
    [{ name: 'b' }, { type: 'MultiPolygon', coordinates: [square(2), square(4)] }],
    [{ name: 'c' }, { type: 'Polygon', coordinates: [...square(6), ...square(6)] }],
  ),
  'lines with heights': layer(
    [
      { name: 'a' },
      {
        type: 'LineString',
        coordinates: [
          [0, 0, 1],
          [1, 1, 2.5],
        ],
      },
    ],
    [
      { name: 'b' },
      {
        type: 'LineString',
        coordinates: [
          [0, 0, 0],
          [1, 1, 0],
        ],
      },
    ],
  ),
  'geometries of every kind': layer(
    [{ name: 'a' }, point(1, 2)],
    [
      { name: 'b' },
      {
        type: 'MultiPoint',
        coordinates: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    [
      { name: 'c' },
      {
        type: 'MultiLineString',
        coordinates: [
          [
            [0, 0],
            [1, 1],
          ],
          [
            [2, 2],
            [3, 3],
            [4, 4],
          ],
        ],
      },
    ],
    [{ name: 'd' }, polygon(1, 7)],
    [{ name: 'e' }, { type: 'GeometryCollection', geometries: [point(1, 2), polygon(3)] }],
  ),
}

const FORMATS: readonly [extension: string, driver: string, except: readonly string[]][] = [
  ['gpkg', 'GPKG', []],
  // A geodatabase holds one kind of geometry a layer.
  ['gdb', 'OpenFileGDB', ['geometries of every kind', 'nothing but rows']],
]

/** The layer as GDAL's GeoJSON has it, which shares nothing with FlatGeobuf. */
async function throughGeojson(path: string): Promise<Feature[]> {
  const target = `${path}.oracle.geojson`
  const texts = ['-fieldTypeToString', 'Date,DateTime,Time,Binary']
  await run('ogr2ogr', ['-f', 'GeoJSON', '-lco', 'COORDINATE_PRECISION=15', ...texts, target, path])
  const features: Feature[] = []
  const batches = readGeojsonFile({
    path: target,
    encoding: 'utf-8',
    wholeReals: 'as reals',
    needsGeometry: false,
    columns: [],
    signal: new AbortController().signal,
    onBadRow: (reason) => expect(reason).toBe(''),
  })
  for await (const batch of batches) features.push(...batch)
  return features
}

/** One kind of geometry, for formats that have but one a layer. */
const MULTI = ['-nlt', 'MULTIPOLYGON']

describe.skipIf(!HAS_GDAL)('a layer read by GDAL', () => {
  for (const [extension, driver, except] of FORMATS) {
    for (const [name, geojson] of Object.entries(LAYERS)) {
      if (except.includes(name)) continue
      test(`${name} in ${extension}: programs, WebAssembly and GeoJSON agree`, async () => {
        await inTemp('gdal', async (folder) => {
          const path = join(folder, `a.${extension}`)
          await writeFile(join(folder, 'a.geojson'), geojson)
          await run('ogr2ogr', [
            '-f',
            driver,
            path,
            join(folder, 'a.geojson'),
            ...(name.includes('multi') ? MULTI : []),
          ])

          const native = await readAll(path, { format: extension })
          const wasm = await withoutGdal(() => readAll(path, { format: extension }))

          expect(native.features).toEqual(await throughGeojson(path))
          expect(wasm).toEqual(native)
        })
      })
    }
  }

  test('curves are made straight by both', async () => {
    await inTemp('gdal', async (folder) => {
      const path = join(folder, 'a.gpkg')
      await writeFile(join(folder, 'a.csv'), 'name,WKT\na,"CIRCULARSTRING (0 0,1 1,2 0)"\n')
      await run('ogr2ogr', [
        '-f',
        'GPKG',
        path,
        join(folder, 'a.csv'),
        '-a_srs',
        'EPSG:4326',
        '-nlt',
        'CIRCULARSTRING',
        '-oo',
        'GEOM_POSSIBLE_NAMES=WKT',
      ])

      const native = await readAll(path, { format: 'gpkg' })

      expect(native.features[0]?.geometry?.type).toBe('LineString')
      expect(await withoutGdal(() => readAll(path, { format: 'gpkg' }))).toEqual(native)
    })
  })

  test('lists are Python’s', async () => {
    const gml = GML.replace('<c:code>05321</c:code>', '<c:tag>a, b</c:tag><c:tag>c</c:tag>')
    const conform = { format: 'xml', srs: 'EPSG:4326' }

    const { features } = await readFiles({ 'a.gml': gml }, conform)

    expect(features[0]?.row).toMatchObject({ tag: "['a, b', 'c']" })
    expect((await withoutGdal(() => readFiles({ 'a.gml': gml }, conform))).features).toEqual(features)
  })

  test('GML keeps the zeros of its codes', async () => {
    const conform: Conform = { format: 'xml', srs: 'EPSG:25832' }

    const { features } = await readFiles({ 'a.gml': GML }, conform)

    expect(features[0]?.row).toMatchObject({ code: '05321', size: '1.5' })
    expect((await withoutGdal(() => readFiles({ 'a.gml': GML }, conform))).features).toEqual(features)
  })
})

const GML = `<?xml version="1.0"?>
<c:FeatureCollection xmlns:c="http://c" xmlns:gml="http://www.opengis.net/gml"><gml:featureMember>
<c:place><c:code>05321</c:code><c:size>1.50</c:size><c:at><gml:Point srsName="EPSG:25832">
<gml:pos>500000 5500000</gml:pos></gml:Point></c:at></c:place></gml:featureMember></c:FeatureCollection>`

describe('without GDAL', () => {
  test('KML is said to need it, with the command that installs it', async () => {
    const kml = '<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"></kml>'

    await withoutGdal(() =>
      expect(readFiles({ 'a.kml': kml }, { format: 'xml' })).rejects.toThrow('apt-get install gdal-bin'),
    )
  })

  test('a file that is none is refused', async () => {
    await withoutGdal(() =>
      expect(readFiles({ 'a.gpkg': 'hello' }, { format: 'gpkg' })).rejects.toThrow('GDAL cannot open it'),
    )
  })

  test('a layer that is not there is told with those that are', async () => {
    await withoutGdal(() =>
      expect(readFiles({ 'a.gml': GML }, { format: 'xml', layer: 'streets' })).rejects.toThrow(
        'no "streets"; there are place',
      ),
    )
  })

  test('a run that is stopped stops the conversion', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('stopped')), 200)

    await withoutGdal(() =>
      expect(readFiles({ 'a.gml': GML }, { format: 'xml' }, { signal: stop.signal })).rejects.toThrow(
        'stopped',
      ),
    )
  })
})
