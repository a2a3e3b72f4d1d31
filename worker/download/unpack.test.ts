import { describe, expect, test } from 'bun:test'
import { createWriteStream, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'
import { inTemp } from '../system/temp.ts'
import type { Cache } from './cache.ts'
import { unpack } from './unpack.ts'
import { type Given, given, problemOf } from './web_standin.ts'

/** Names and contents of a zip. */
type Members = Readonly<Record<string, string | Buffer>>

async function zipped(members: Members, compress = true): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(members))
    zip.addBuffer(Buffer.from(content), name, { compress })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Unpack some bytes; paths come back relative to the folder `data`. */
async function unpacked(
  bytes: Buffer,
  { extension = '.zip', compression, file, limits }: Partial<Asked> = {},
): Promise<Result> {
  return inTemp('unpack', async (folder) => {
    const path = join(folder, `cache${extension}`)
    writeFileSync(path, bytes)
    const cache: Cache = { path, bytes: bytes.length, fingerprint: '', extension, isEsri: false }
    const options: Given = given(folder)
    const paths = await unpack(cache, compression, file, {
      ...options,
      ...(limits === undefined ? {} : { limits }),
    })
    const data = join(folder, 'data')
    return {
      names: paths.map((found) => relative(data, found)),
      texts: paths.map((found) => (statSync(found).isDirectory() ? '' : readFileSync(found, 'utf8'))),
      left: readdirSync(data).sort(),
      lines: options.lines,
    }
  })
}

interface Asked {
  readonly extension: string
  readonly compression: string | undefined
  readonly file: string | undefined
  readonly limits: Parameters<typeof unpack>[3]['limits']
}

interface Result {
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly left: readonly string[]
  readonly lines: readonly string[]
}

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

  test('several in one folder each get a folder', async () => {
    const a = await zipped({ 'x.shp': 'a' })
    const b = await zipped({ 'x.shp': 'b' })
    const { names, texts } = await unpacked(await zipped({ 'a.zip': a, 'b.zip': b }))
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
    expect(await problemOf(unpacked(zip))).toBe('archive-broken')
  })
})

describe('hostile archives', () => {
  /** A zip with a name that yazl would not write: the letters of a harmless one are exchanged. */
  async function renamed(from: string, to: string): Promise<Buffer> {
    const zip = await zipped({ [from]: 'x' }, false)
    return Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1')
  }

  const names: [name: string, from: string, to: string][] = [
    ['climbs out of the folder', 'aa/bb/evil.csv', '../../evil.csv'],
    ['climbs out further down', 'aa/bb/evil.csv', 'aa/../../e.csv'],
    ['is absolute', 'aaaa/evil.csv', '/tmp/evil.csv'],
    ['is absolute on Windows', 'aaaa/evil.csv', 'C:/aa/evil.cs'],
    ['climbs out by back-slashes', 'aa/bb/evil.csv', '..\\..\\evil.csv'],
  ]
  for (const [name, from, to] of names) {
    test(`a name that ${name}`, async () => {
      expect(await problemOf(renamed(from, to).then((zip) => unpacked(zip)))).toBe('archive-broken')
      expect(existsSync('/tmp/evil.csv')).toBe(false)
    })
  }

  test('a link is left out', async () => {
    const { names, lines } = await inTemp('link', async (folder) => {
      const zip = new ZipFile()
      zip.addBuffer(Buffer.from('/etc/passwd'), 'link.csv', { mode: 0o120777 })
      zip.addBuffer(Buffer.from('a'), 'a.csv')
      zip.end()
      const path = join(folder, 'x.zip')
      await pipeline(zip.outputStream, createWriteStream(path))
      return unpacked(readFileSync(path), { compression: 'zip' })
    })
    expect(names).toEqual(['a.csv'])
    expect(lines).toEqual(['left out link.csv, a link'])
  })

  test('a bomb is not set off', async () => {
    const zeros = Buffer.alloc(4_000_000)
    const limits = { ratioFromBytes: 1_000_000 }
    expect(await problemOf(zipped({ 'a.csv': zeros }).then((zip) => unpacked(zip, { limits })))).toBe(
      'archive-broken',
    )
    expect(await problemOf(unpacked(gzipSync(zeros), { extension: '.gz', limits }))).toBe('archive-broken')
  })

  test('more than may be unpacked is not, also when it lies in archives inside', async () => {
    const part = await zipped({ 'a.csv': 'x'.repeat(600) }, false)
    const zip = await zipped({ 'a.zip': part, 'b.zip': part }, false)
    const limits = { bytesMax: 2_500 }
    expect(await problemOf(unpacked(zip, { limits }))).toBe('archive-broken')
    expect(await problemOf(unpacked(gzipSync('x'.repeat(3_000)), { extension: '.gz', limits }))).toBe(
      'archive-broken',
    )
  })

  test('too many files are not unpacked', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.csv`, 'x']))
    const asked = zipped(many).then((zip) => unpacked(zip, { limits: { filesMax: 10 } }))
    expect(await problemOf(asked)).toBe('archive-broken')
  })

  test('a size that is a lie is found out', async () => {
    const zip = await zipped({ 'a.csv': 'x'.repeat(1_000) })
    const directory = zip.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    zip.writeUInt32LE(10, directory + 24)
    expect(await problemOf(unpacked(zip))).toBe('archive-broken')
  })

  test('a damaged member is found out by its checksum', async () => {
    const zip = await zipped({ 'a.csv': 'hello' }, false)
    zip[zip.indexOf('hello')] = 'j'.charCodeAt(0)
    expect(unpacked(zip)).rejects.toThrow('"a.csv" is damaged')
    expect(await problemOf(unpacked(zip))).toBe('archive-broken')
  })

  test('a password is asked for in vain', async () => {
    const zip = await zipped({ 'a.csv': 'hello' })
    const directory = zip.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    zip.writeUInt16LE(zip.readUInt16LE(directory + 8) | 1, directory + 8)
    expect(unpacked(zip)).rejects.toThrow('"a.csv" needs a password')
    expect(await problemOf(unpacked(zip))).toBe('archive-broken')
  })

  test('a packing that is not known is named', async () => {
    const zip = await zipped({ 'a.csv': 'hello' }, false)
    const directory = zip.lastIndexOf('PK\x01\x02', undefined, 'latin1')
    zip.writeUInt16LE(9, directory + 10)
    expect(unpacked(zip)).rejects.toThrow('"a.csv" is packed by method 9')
    expect(await problemOf(unpacked(zip))).toBe('archive-broken')
  })

  const cut: [name: string, bytes: () => Promise<Buffer>, extension: string][] = [
    ['zip', async () => (await zipped({ 'a.csv': 'x'.repeat(1_000) })).subarray(0, 60), '.zip'],
    ['gzip', async () => gzipSync(Buffer.from('x'.repeat(1_000))).subarray(0, 20), '.gz'],
  ]
  for (const [name, bytes, extension] of cut) {
    test(`half a ${name} is broken`, async () => {
      expect(await problemOf(bytes().then((half) => unpacked(half, { extension })))).toBe('archive-broken')
    })
  }
})
