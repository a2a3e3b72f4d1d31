import { describe, expect, test } from 'bun:test'
import { assertLayer, chooseFile } from './choose_file.ts'
import { problemOf } from './web_standin.ts'

const cases: [name: string, paths: string[], format: string, file: string | undefined, expected: string][] = [
  ['the only shapefile', ['/a/x.dbf', '/a/x.SHP'], 'shapefile', undefined, '/a/x.SHP'],
  ['the only shapefile although another is named', ['/a/x.shp'], 'shapefile', 'y.shp', '/a/x.shp'],
  ['a shapefile by its name in another case', ['/a/X.shp', '/a/y.Shp'], 'shapefile', 'Y.SHP', '/a/y.Shp'],
  ['a shapefile by its path', ['/a/x.shp', '/b/x.shp'], 'shapefile', 'b/x.shp', '/b/x.shp'],
  ['a shapefile under its retired name', ['/a/x.shp'], 'shapefile-polygon', undefined, '/a/x.shp'],
  ['a shapefile for an empty format', ['/a/x.shp'], '', undefined, '/a/x.shp'],
  ['a GeoJSON of several', ['/a/x.json', '/a/y.geojson'], 'geojson', 'y.geojson', '/a/y.geojson'],
  ['the first CSV', ['/a/n.txt', '/a/x.CSV', '/a/y.csv'], 'csv', undefined, '/a/x.CSV'],
  ['the first file where no CSV is', ['/a/cache.opt'], 'csv', undefined, '/a/cache.opt'],
  ['a text file by its name', ['/a/x.csv', '/a/Data.TXT'], 'csv', 'data.txt', '/a/Data.TXT'],
  [
    'a geodatabase by a file in it',
    ['/a/x.gdb/a1.gdbtable', '/a/x.gdb/a2.gdbtable'],
    'gdb',
    undefined,
    '/a/x.gdb',
  ],
  ['a geopackage', ['/a/x.gpkg', '/a/readme'], 'GPKG', undefined, '/a/x.gpkg'],
  ['a KML by its name', ['/a/x.kml', '/a/y.kml'], 'xml', 'y.kml', '/a/y.kml'],
  ['a GML before an XML', ['/a/a.xml', '/a/x.GML'], 'xml', undefined, '/a/x.GML'],
]

describe('chooseFile', () => {
  for (const [name, paths, format, file, expected] of cases) {
    test(`chooses ${name}`, () => expect(chooseFile(paths, format, file, false)).toBe(expected))
  }

  test('chooses the CSV of an ESRI download for any format', () => {
    expect(chooseFile(['/a/cache.csv'], 'shapefile', 'x.shp', true)).toBe('/a/cache.csv')
  })

  test('names the files that there are', async () => {
    const choose = async () => chooseFile(['/t/data/a/x.shp', '/t/data/y.shp'], 'shapefile', 'z.shp', false)
    expect(choose()).rejects.toThrow('no shapefile "z.shp" to choose among a/x.shp, data/y.shp')
    expect(await problemOf(choose())).toBe('no-such-file')
  })

  test('names the formats that are known', async () => {
    const choose = async () => chooseFile(['/a/x.dwg'], 'dwg', undefined, false)
    expect(choose()).rejects.toThrow('"dwg", known are shapefile')
    expect(await problemOf(choose())).toBe('unknown-format')
  })
})

describe('assertLayer', () => {
  for (const layer of [undefined, 0, 'city', 'City']) {
    test(`lets ${JSON.stringify(layer)} pass for the one layer of a shapefile`, () => {
      expect(() => assertLayer('/a/City.SHP', layer)).not.toThrow()
    })
  }
  for (const layer of [7, 1, '0', 'roads']) {
    test(`refuses ${JSON.stringify(layer)}, and names what there is`, async () => {
      expect(() => assertLayer('/a/city.shp', layer)).toThrow(
        `no ${JSON.stringify(layer)}; there is 0, called city`,
      )
      expect(await problemOf(Promise.try(() => assertLayer('/a/city.shp', layer)))).toBe('no-such-layer')
    })
  }

  test('leaves formats with several layers to their readers', () => {
    expect(() => assertLayer('/a/city.gdb', 'roads')).not.toThrow()
  })
})
