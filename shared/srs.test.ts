import { describe, expect, test } from 'bun:test'
import { srsFault } from './srs.ts'

describe('srsFault', () => {
  const good: [srs: string, format: string][] = [
    ['EPSG:2154', 'shapefile'],
    ['epsg:2154', 'gdb'],
    [' EPSG:4326 ', 'csv'],
    ['2180', 'csv'],
    ['2180', 'CSV'],
    ['ESRI:102003', 'gpkg'],
    ['OGC:CRS84', 'xml'],
    ['PROJCS["Lambert",GEOGCS["RGF93"]]', 'shapefile'],
  ]
  for (const [srs, format] of good) {
    test(`finds nothing wrong with ${srs} for ${format}`, () => expect(srsFault(srs, format)).toBeUndefined())
  }

  const bad: [srs: string, format: string, fault: string][] = [
    ['2180', 'shapefile', '"2180" needs its authority: "EPSG:2180"'],
    ['2180', '', '"2180" needs its authority: "EPSG:2180"'],
    ['Lambert 93', 'csv', '"Lambert 93" is not a code such as "EPSG:2154"'],
    ['', 'csv', '"" is not a code such as "EPSG:2154"'],
    ['EPSG:', 'gdb', '"EPSG:" is not a code such as "EPSG:2154"'],
  ]
  for (const [srs, format, fault] of bad) {
    test(`refuses "${srs}" for ${format || 'an empty format'}`, () =>
      expect(srsFault(srs, format)).toBe(fault))
  }
})
