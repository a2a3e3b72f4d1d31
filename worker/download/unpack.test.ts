import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { unpacked, zipped } from './archive_standin.ts'
import type { Cache } from './cache.ts'
import { unpack } from './unpack.ts'
import { given, problemOf } from './web_standin.ts'

describe('unpack', () => {
  test('a zip gives all its files in alphabetical order, without what macOS adds', async () => {
    const zip = await zipped({ 'b.csv': 'b', 'a/c.txt': 'c', '__MACOSX/._b.csv': 'x', 'a/._c.txt': 'x' })
    const { names, texts, lines } = await unpacked(zip, { compression: 'ZIP' })

    expect(names).toEqual(['a/c.txt', 'b.csv'])
    expect(texts).toEqual(['c', 'b'])
    expect(lines).toEqual([])
  })

  test('of a geodatabase the folder comes along', async () => {
    const zip = await zipped({ 'x/City.GDB/a1.gdbtable': '1', 'x/City.GDB/a2.gdbtable': '2' })
    const { names } = await unpacked(zip, { compression: 'zip' })
    expect(names).toEqual(['x/City.GDB', 'x/City.GDB/a1.gdbtable', 'x/City.GDB/a2.gdbtable'])
  })

  test('a gzip loses its last three characters', async () => {
    const { names, texts } = await unpacked(gzipSync('a,b\n'), { extension: '.csv.gz', compression: 'gzip' })
    expect(names).toEqual(['cache.csv'])
    expect(texts).toEqual(['a,b\n'])
  })

  test('a gzip of several members is read to its end', async () => {
    const bytes = Buffer.concat([gzipSync('a,b\n'), gzipSync('1,2\n')])
    expect((await unpacked(bytes, { extension: '.gz', compression: 'gzip' })).texts).toEqual(['a,b\n1,2\n'])
  })

  test('a gzip without a name is named by its content', async () => {
    const bytes = gzipSync('{"type":"FeatureCollection"}')
    expect((await unpacked(bytes, { extension: '.gz', compression: 'gzip' })).names).toEqual(['cache.json'])
  })

  test('what is not packed stays where it is', async () => {
    const { names, lines } = await unpacked(Buffer.from('a,b\n'), { extension: '.csv' })
    expect(names).toEqual(['../cache.csv'])
    expect(lines).toEqual([])
  })

  test('the cache of an ESRI download is never unpacked', async () => {
    const cache: Cache = { path: '/x/cache.csv', bytes: 1, fingerprint: '', extension: '.csv', isEsri: true }
    expect(await unpack(cache, 'zip', 'a.shp', given('/x'))).toEqual(['/x/cache.csv'])
  })

  test('an unknown compression is named, and those that are known', async () => {
    const asked = unpacked(Buffer.from('x'), { compression: '7z' })
    expect(asked).rejects.toThrow('"7z", known are zip and gzip')
    expect(await problemOf(asked)).toBe('unknown-compression')
  })
})

describe('where the tag and the data disagree, the data is believed', () => {
  test('a zip without a tag is unpacked', async () => {
    const { names, lines } = await unpacked(await zipped({ 'a.shp': '1' }))
    expect(names).toEqual(['a.shp'])
    expect(lines).toEqual(['the source names no compression, but the data is zip: unpacking it'])
  })

  test('a gzip without a tag is unpacked', async () => {
    expect((await unpacked(gzipSync('a'), { extension: '.csv.gz' })).names).toEqual(['cache.csv'])
  })

  test('a zip that is called gzip is unpacked', async () => {
    const { names, lines } = await unpacked(await zipped({ 'a.csv': '1' }), { compression: 'gzip' })
    expect(names).toEqual(['a.csv'])
    expect(lines).toEqual(['the source says gzip, but the data is zip: going by the data'])
  })

  test('a gzip that was unpacked on its way is taken as it is', async () => {
    const bytes = Buffer.from('{"type":"FeatureCollection"}')
    const { names, texts } = await unpacked(bytes, { extension: '.geojson.gz', compression: 'gzip' })
    expect(names).toEqual(['cache.geojson'])
    expect(texts).toEqual(['{"type":"FeatureCollection"}'])
  })

  test('what is called zip and is none is broken', async () => {
    expect(await problemOf(unpacked(Buffer.from('a,b\n'), { compression: 'zip' }))).toBe('archive-broken')
  })
})

describe('file', () => {
  const members = {
    'Data/City.shp': '1',
    'Data/City.shx': '2',
    'Data/City.dbf': '3',
    'Data/City.PRJ': '4',
    'Data/City.cpg': '5',
    'Data/Other.shp': '6',
    'readme.txt': '7',
  }
  const cases: [file: string, names: string[]][] = [
    ['Data/City.shp', ['Data/City.PRJ', 'Data/City.cpg', 'Data/City.dbf', 'Data/City.shp', 'Data/City.shx']],
    ['data/city.SHP', ['Data/City.PRJ', 'Data/City.cpg', 'Data/City.dbf', 'Data/City.shp', 'Data/City.shx']],
    ['other.shp', ['Data/Other.shp']],
    ['./readme.txt', ['readme.txt']],
    ['Data\\Other.shp', ['Data/Other.shp']],
  ]
  for (const [file, names] of cases) {
    test(`${file} unpacks ${names.length}`, async () => {
      expect((await unpacked(await zipped(members), { compression: 'zip', file })).names).toEqual(names)
    })
  }

  test('a name that is not there tells those that are', async () => {
    const asked = zipped(members).then((zip) => unpacked(zip, { compression: 'zip', file: 'Town.shp' }))
    expect(asked).rejects.toThrow('"Town.shp"; there are Data/City.shp, Data/City.shx, Data/City.dbf')
    expect(await problemOf(asked)).toBe('no-such-file')
  })

  test('an archive without files says so', async () => {
    const asked = zipped({}).then((zip) => unpacked(zip, { compression: 'zip' }))
    expect(asked).rejects.toThrow('the archive is empty')
    expect(await problemOf(asked)).toBe('no-such-file')
  })
})

describe('archives inside archives', () => {
  test('are unpacked where they lie, and are gone then', async () => {
    const inner = await zipped({ 'x.shp': '1', 'x.dbf': '2' })
    const { names, left } = await unpacked(await zipped({ 'in/inner.ZIP': inner, 'readme.txt': '3' }))
    expect(names).toEqual(['in/x.dbf', 'in/x.shp', 'readme.txt'])
    expect(left).toEqual(['in', 'readme.txt'])
  })

  test('several in one folder are a choice that "file" has to make', async () => {
    const a = await zipped({ 'x.csv': 'a' })
    const both = await zipped({ 'in/a.zip': a, 'in/b.zip': a })
    const asked = unpacked(both)
    expect(asked).rejects.toThrow('"file" does not say which of the archives inside: a.zip, b.zip')
    expect(await problemOf(asked)).toBe('no-such-file')
    expect((await unpacked(await zipped({ 'a/a.zip': a, 'b/b.zip': a }))).names).toEqual([
      'a/x.csv',
      'b/x.csv',
    ])
  })

  test('several in one folder each get a folder where the file is looked for in them', async () => {
    const a = await zipped({ 'x.shp': 'a' })
    const b = await zipped({ 'x.shp': 'b' })
    const { names, texts } = await unpacked(await zipped({ 'a.zip': a, 'b.zip': b }), { file: 'x.shp' })
    expect(names).toEqual(['a/x.shp', 'b/x.shp'])
    expect(texts).toEqual(['a', 'b'])
  })

  test('are looked into for a file that is not outside', async () => {
    const a = await zipped({ 'x.csv': 'a' })
    const b = await zipped({ 'y.csv': 'b', 'z.csv': 'c' })
    const { names } = await unpacked(await zipped({ 'a.zip': a, 'b.zip': b, 'n.txt': '' }), { file: 'y.csv' })
    expect(names).toEqual(['b/y.csv'])
  })

  test('that are named are unpacked whole', async () => {
    const a = await zipped({ 'x.csv': 'a' })
    const b = await zipped({ 'y.csv': 'b', 'z.csv': 'c' })
    const { names } = await unpacked(await zipped({ 'a.zip': a, 'b.zip': b }), { file: 'B.zip' })
    expect(names).toEqual(['y.csv', 'z.csv'])
  })

  test('may not lie in each other without end', async () => {
    let zip = await zipped({ 'x.csv': 'a' })
    for (let depth = 0; depth < 5; depth++) zip = await zipped({ 'inner.zip': zip })
    expect(await problemOf(unpacked(zip))).toBe('archive-too-deep')
  })
})
