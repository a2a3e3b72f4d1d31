import { describe, expect, test } from 'bun:test'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Conform } from '../../shared/source.ts'
import { run } from '../system/spawn.ts'
import { inTemp } from '../system/temp.ts'
import { describeLayer, listLayers } from './ogr_layer.ts'
import { type Outcome, readAll, readFiles } from './read_all.ts'

const HAS_GDAL = await run('ogr2ogr', ['--version']).then(
  () => true,
  () => false,
)
if (!HAS_GDAL) console.log('skipped: formats that GDAL reads, as ogr2ogr is not installed')

const GEOJSON = JSON.stringify({
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      properties: { name: 'Å', count: 12, size: 12.0, share: 0.1, day: '2020/01/02', yes: true },
      geometry: { type: 'Point', coordinates: [11, 48] },
    },
    {
      type: 'Feature',
      properties: { name: null, count: 2147483648, size: 1.5, share: 1.5e21, day: null, yes: false },
      geometry: null,
    },
  ],
})

/** A file in another format, made by GDAL and read by us. */
function converted(name: string, options: readonly string[], conform: Conform): Promise<Outcome> {
  return inTemp('ogr', async (folder) => {
    await writeFile(join(folder, 'a.geojson'), GEOJSON)
    await run('ogr2ogr', [...options, join(folder, name), join(folder, 'a.geojson'), '-nln', 'places'])
    return readAll(join(folder, name), conform)
  })
}

describe.skipIf(!HAS_GDAL)('readOgr', () => {
  const formats: [name: string, options: string[], format: string][] = [
    ['a.gpkg', ['-f', 'GPKG'], 'gpkg'],
    ['a.gdb', ['-f', 'OpenFileGDB'], 'gdb'],
  ]
  for (const [name, options, format] of formats) {
    test(`reads ${name}, with its types, and keeps rows without a place`, async () => {
      const { features, bad } = await converted(name, options, { format })

      expect(features[0]?.geometry).toEqual({ type: 'Point', coordinates: [11, 48] })
      expect(features[1]?.geometry).toBeNull()
      expect(features[0]?.row).toMatchObject({ name: 'Å', size: '12.0', share: '0.1' })
      expect(features[1]?.row).toMatchObject({ name: '', size: '1.5', share: '1.5e+21', day: '' })
      expect(features[0]?.row['day']).toStartWith('2020/01/02')
      expect(bad).toEqual([])
    })
  }

  test('prints booleans of a GeoPackage as Python does', async () => {
    const { features } = await converted('a.gpkg', ['-f', 'GPKG'], { format: 'gpkg' })

    expect(features.map(({ row }) => row['yes'])).toEqual(['True', 'False'])
  })

  test('reprojects from the coordinate system of the layer', async () => {
    const { features } = await converted('a.gpkg', ['-f', 'GPKG', '-t_srs', 'EPSG:2180'], { format: 'gpkg' })

    const [lon, lat] = features[0]?.geometry?.type === 'Point' ? features[0].geometry.coordinates : []
    expect(lon).toBeCloseTo(11, 7)
    expect(lat).toBeCloseTo(48, 7)
  })

  const layers: [layer: string | number, found: boolean][] = [
    ['places', true],
    ['PLACES', true],
    [0, true],
    ['streets', false],
    [1, false],
  ]
  for (const [layer, found] of layers) {
    test(`${found ? 'finds' : 'does not find'} the layer ${layer}`, async () => {
      const reading = converted('a.gpkg', ['-f', 'GPKG'], { format: 'gpkg', layer })

      if (found) expect((await reading).features).toHaveLength(2)
      else await expect(reading).rejects.toThrow(`no ${JSON.stringify(layer)}; there are places`)
    })
  }

  const GML = `<?xml version="1.0"?>
    <c:FeatureCollection xmlns:c="http://c" xmlns:gml="http://www.opengis.net/gml"><gml:featureMember>
    <c:place><c:code>05321</c:code><c:size>1.50</c:size><c:at><gml:Point srsName="EPSG:4326">
    <gml:coordinates>11,48</gml:coordinates></gml:Point></c:at></c:place></gml:featureMember></c:FeatureCollection>`

  test('reads GML: x is the longitude, codes keep their zeros, and nothing is left beside the file', async () => {
    await inTemp('gml', async (folder) => {
      await writeFile(join(folder, 'a.gml'), GML)
      const { features } = await readAll(join(folder, 'a.gml'), { format: 'xml', srs: 'EPSG:4326' })

      expect(features[0]?.geometry).toEqual({ type: 'Point', coordinates: [11, 48] })
      expect(features[0]?.row).toMatchObject({ code: '05321', size: '1.5' })
      expect(await readdir(folder)).toEqual(['a.gml'])
    })
  })

  test('reads KML', async () => {
    const kml = `<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>12</name>
      <Point><coordinates>11,48</coordinates></Point></Placemark></Document></kml>`
    const { features } = await readFiles({ 'a.kml': kml }, { format: 'xml' })

    expect(features[0]?.row).toMatchObject({ Name: '12' })
    expect(features[0]?.geometry).toMatchObject({ type: 'Point', coordinates: [11, 48] })
  })

  test('refuses a file that GDAL cannot read, with what it said', async () => {
    await expect(readFiles({ 'a.gpkg': 'hello' }, { format: 'gpkg' })).rejects.toThrow(
      'The data could not be conformed: ogrinfo ended with code 1',
    )
  })
})

describe('describeLayer', () => {
  const LAYER = [
    '',
    'Layer name: places',
    'Geometry: Point',
    'Feature Count: 12',
    'Layer SRS WKT:',
    'GEOGCRS["WGS 84",',
    '    ID["EPSG",4326]]',
  ]
  const COLUMNS = [
    'name: String (0.0)',
    'yes: Integer(Boolean) (0.0)',
    'a: b: Real (24.15) NOT NULL',
    'n: Integer64 (0.0)',
    'tags: StringList (0.0)',
  ]

  test('finds columns and coordinate system', () => {
    const answer = [
      ...LAYER,
      'Data axis to CRS axis mapping: 2,1',
      'FID Column = fid',
      'Geometry Column = geom',
      ...COLUMNS,
    ]

    expect(describeLayer('places', answer.join('\n'))).toEqual({
      name: 'places',
      columns: ['name', 'yes', 'a: b', 'n', 'tags'],
      realColumns: ['a: b'],
      listColumns: ['tags'],
      geometryType: 'Point',
      count: 12,
      srs: 'GEOGCRS["WGS 84",\n    ID["EPSG",4326]]',
      srsName: 'WGS 84',
    })
  })

  test('says when there is no coordinate system', () => {
    expect(describeLayer('places', 'Layer SRS WKT:\n(unknown)\nn: Integer (0.0)')).toMatchObject({
      srs: undefined,
      columns: ['n'],
    })
  })
})

test('listLayers gives names without what stands behind them', () => {
  const answer =
    '1: lake_man (Point)\n2: Roads (title: All roads) (3D Multi Line String)\nLayer: Wide (old) (Multi Polygon)\n4: plain\nINFO: x'

  expect(listLayers(answer)).toEqual(['lake_man', 'Roads', 'Wide (old)', 'plain'])
})
