import { describe, expect, test } from 'bun:test'
import { readFiles } from './read_all.ts'

const CSV = { format: 'csv', lon: 'x', lat: 'y' }

describe('readCsv', () => {
  test('takes the place out of the row', async () => {
    expect((await readFiles({ 'a.csv': 'n,x,y\n1,1.5,2.5\n' }, CSV)).features).toEqual([
      { row: { n: '1' }, geometry: { type: 'Point', coordinates: [1.5, 2.5] } },
    ])
  })

  test('keeps rows without a place, and counts those whose place is no number', async () => {
    const text = 'n,x,y\n1,,2\n2,abc,2\n3,"1,5"," 2 "\n4,1e1,.5\n5,nan,1\n'
    const { features, bad } = await readFiles({ 'a.csv': text }, CSV)

    expect(features.map(({ geometry }) => geometry?.type === 'Point' && geometry.coordinates)).toEqual([
      false,
      false,
      [1.5, 2],
      [10, 0.5],
      false,
    ])
    expect(bad).toEqual(['has a coordinate that is not a number', 'has a coordinate that is not a number'])
  })

  test('fills short rows, and drops and counts long ones', async () => {
    const { features, bad } = await readFiles({ 'a.csv': 'x,y,n,s\n1,2,5\n1,2,5,6,7\n' }, CSV)

    expect(features.map(({ row }) => row)).toEqual([{ n: '5', s: '' }])
    expect(bad).toEqual(['has more cells than there are columns'])
  })

  test('counts every row under a header with twins', async () => {
    const { features, bad } = await readFiles({ 'a.csv': 'x,y,n,n\n1,2,3,4\n' }, CSV)

    expect(features).toEqual([])
    expect(bad).toEqual(['is dropped because a column name stands twice in the header'])
  })

  test('names columns by number where there is no header', async () => {
    const conform = { format: 'csv', headers: -1, lon: 'COLUMN2', lat: 'COLUMN3' }

    expect((await readFiles({ 'a.csv': '7,1,2\n8,3,4' }, conform)).features.map(({ row }) => row)).toEqual([
      { COLUMN1: '7' },
      { COLUMN1: '8' },
    ])
  })

  test('takes WKT from the column of our ESRI client', async () => {
    const text =
      'n,oa:geom\n1,"POLYGON ((0 0, 0 4, 4 4, 0 0))"\n2,POINT (nan nan)\n3,\n4,POINT (1\n5,POINT (NaN NaN)\n'
    const { features, bad } = await readFiles({ 'a.csv': text }, {}, { isEsri: true })

    expect(features.map(({ geometry }) => geometry?.type)).toEqual([
      'Polygon',
      undefined,
      undefined,
      undefined,
      'Point',
    ])
    expect(features[4]?.geometry).toEqual({ type: 'Point', coordinates: [] })
    expect(features.map(({ row }) => row)).toEqual([
      { n: '1' },
      { n: '2' },
      { n: '3' },
      { n: '4' },
      { n: '5' },
    ])
    expect(bad).toEqual([
      'has a coordinate that is not a number',
      'has a geometry that cannot be read (not-a-number)',
      'has a coordinate that is not a number',
    ])
  })

  test('says that a byte order mark hides the first column', async () => {
    const { log } = await readFiles({ 'a.csv': '\ufeffn,x,y\n1,1,2\n' }, CSV)

    expect(log).toEqual([
      'the first column name begins with a byte order mark; encoding "utf-8-sig" would remove it',
    ])
  })

  test('gives batches, so that a file of any size passes', async () => {
    const text = `n,x,y\n${'1,2,3\n'.repeat(2_500)}`

    expect((await readFiles({ 'a.csv': text }, CSV)).features).toHaveLength(2_500)
  })

  test('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))

    await expect(readFiles({ 'a.csv': 'x,y\n1,2\n' }, CSV, { signal })).rejects.toThrow('enough')
  })

  const refused: [name: string, text: string, tags: object, message: string][] = [
    [
      'a missing column, naming those there are',
      'a,b\n1,2\n',
      {},
      'The data has no such column: no x, y; there are a, b',
    ],
    ['an empty file', '', {}, 'the file is empty'],
    ['no lon', 'x,y\n', { lon: undefined }, 'a CSV needs the tags conform.lon and conform.lat'],
    ['a delimiter of two', 'x||y\n', { csvsplit: '||' }, 'csvsplit must be one character, not "||"'],
    ['skiplines alone', 'x,y\n', { skiplines: 2 }, 'headers and skiplines must be equal, not absent and 2'],
    [
      'an unknown srs',
      'x,y\n1,2\n',
      { srs: 'EPSG:999999' },
      'The coordinates do not fit the coordinate system: EPSG:999999',
    ],
    ['no srs at all', 'x,y\n1,2\n', { srs: 'Gauss' }, '"Gauss" is not a code such as "EPSG:2154"'],
  ]
  for (const [name, text, tags, message] of refused) {
    test(`refuses ${name}`, async () => {
      await expect(readFiles({ 'a.csv': text }, { ...CSV, ...tags })).rejects.toThrow(message)
    })
  }
})
