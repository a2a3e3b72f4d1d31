import { describe, expect, test } from 'bun:test'
import { readFiles } from './read_all.ts'
import { CELLS, cells, NAME, POINT, SHAPES, shape } from './shapefile_cases.ts'
import { shapefile, WGS84_PRJ } from './write_shapefile.ts'

const SHAPEFILE = { format: 'shapefile' }
const PRJ = { 'a.prj': WGS84_PRJ }

describe('readShapefile', () => {
  for (const [name, one, expected] of SHAPES) {
    test(`reads ${name}`, async () => {
      const files = shapefile({ columns: [NAME], rows: [['x']], shapes: [one] })

      expect((await readFiles({ ...files, ...PRJ }, SHAPEFILE)).features).toEqual([
        { row: { name: 'x' }, geometry: expected },
      ])
    })
  }

  for (const [column, texts, expected] of CELLS) {
    test(`reads ${column.type}${column.width}.${column.decimals ?? 0} cells ${JSON.stringify(texts)}`, async () => {
      const { features } = await readFiles({ ...cells(column, texts), ...PRJ }, SHAPEFILE)

      expect(features.map(({ row }) => row[column.name])).toEqual(expected)
    })
  }

  test('leaves deleted rows out, and gives shapes without a row empty cells', async () => {
    const rows = [['a'], ['b', 'deleted'], ['c']]
    const files = shapefile({ columns: [NAME], rows, shapes: [POINT, POINT, POINT, POINT] })

    expect((await readFiles({ ...files, ...PRJ }, SHAPEFILE)).features.map(({ row }) => row)).toEqual([
      { name: 'a' },
      { name: 'c' },
      { name: '' },
    ])
  })

  test('keeps and counts a row whose shape is broken', async () => {
    const files = shapefile({
      columns: [NAME],
      rows: [['a'], ['b']],
      shapes: [shape(3, ['1 2, 3 4']), POINT],
    })
    // The line says that it has a thousand points.
    files['a.shp']?.writeInt32LE(1000, 100 + 8 + 40)
    const { features, bad } = await readFiles({ ...files, ...PRJ }, SHAPEFILE)

    expect(features.map(({ geometry }) => geometry?.type)).toEqual([undefined, 'Point'])
    expect(bad).toEqual(['has a shape that cannot be read'])
  })

  test('ends where a record without an index has no size', async () => {
    const { 'a.shp': shp = Buffer.of(), 'a.dbf': dbf = Buffer.of() } = cells(NAME, ['x', 'y'])
    shp.writeInt32BE(-4, 100 + 28 + 4)

    expect((await readFiles({ 'a.shp': shp, 'a.dbf': dbf, ...PRJ }, SHAPEFILE)).features).toHaveLength(1)
  })

  test('finds its files whatever their case, and does without an index', async () => {
    const { 'a.shp': shp, 'a.dbf': dbf } = cells(NAME, ['x'])
    const files = { 'A.SHP': shp as Buffer, 'a.Dbf': dbf as Buffer, 'A.Prj': WGS84_PRJ }

    expect((await readFiles(files, SHAPEFILE)).features.map(({ row }) => row)).toEqual([{ name: 'x' }])
  })

  const encodings: [
    name: string,
    bytes: number[],
    languageByte: number,
    cpg: string | undefined,
    declared: string | undefined,
    expected: string,
  ][] = [
    ['nobody says anything', [0xe9], 0, undefined, undefined, 'é'],
    ['the source says it', [0xcf], 0, undefined, 'CP1251', 'П'],
    ['the language byte says it', [0x82], 0x01, undefined, 'utf-8', 'é'],
    ['the .cpg says it', [0xc3, 0xa9], 0x01, 'UTF-8', 'latin1', 'é'],
    ['the .cpg has a number', [0xe9], 0, '1253', undefined, 'ι'],
    ['the .cpg has an ISO number', [0xb1], 0, '88593', undefined, 'ħ'],
    ['the .cpg is empty', [0xe9], 0x57, '', undefined, 'é'],
    ['the column cut a character in two', [0x61, 0xc3], 0, 'UTF-8', undefined, 'a'],
  ]
  for (const [name, bytes, languageByte, cpg, declared, expected] of encodings) {
    test(`reads texts where ${name}`, async () => {
      const files = {
        ...cells(NAME, [Buffer.from(bytes)], languageByte),
        ...PRJ,
        ...(cpg === undefined ? {} : { 'a.cpg': cpg }),
      }
      const conform = declared === undefined ? SHAPEFILE : { ...SHAPEFILE, encoding: declared }

      expect((await readFiles(files, conform)).features[0]?.row).toEqual({ name: expected })
    })
  }

  test('refuses texts that are not in the encoding', async () => {
    const files = { ...cells(NAME, [Buffer.from([0xe9, 0x61])]), ...PRJ, 'a.cpg': 'UTF-8' }

    await expect(readFiles(files, SHAPEFILE)).rejects.toThrow('The text is not in the declared encoding')
  })

  test('takes x for the easting, whatever the order of the axes', async () => {
    const files = shapefile({
      columns: [NAME],
      rows: [['x']],
      shapes: [shape(1, ['362247.37 362733.55'])],
    })
    const { features } = await readFiles(files, { ...SHAPEFILE, srs: 'EPSG:2180' })

    const [lon, lat] = features[0]?.geometry?.type === 'Point' ? features[0].geometry.coordinates : []
    expect(lon).toBeCloseTo(17.0313289586, 8)
    expect(lat).toBeCloseTo(51.1147938717, 8)
  })

  test('refuses a shapefile of which nobody says where it is, and one that is none', async () => {
    await expect(readFiles(cells(NAME, ['x']), SHAPEFILE)).rejects.toThrow(
      'has no .prj and the conform no srs',
    )
    await expect(readFiles({ 'a.shp': 'hello' }, SHAPEFILE)).rejects.toThrow('the .shp is not a shapefile')
  })
})
