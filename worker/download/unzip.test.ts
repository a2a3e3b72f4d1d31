import { describe, expect, test } from 'bun:test'
import { createWriteStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gzipSync } from 'node:zlib'
import { ZipFile } from 'yazl'
import { inTemp } from '../system/temp.ts'
import { unpacked, zipped } from './archive_standin.ts'
import { problemOf } from './web_standin.ts'

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
      expect(await problemOf(renamed(from, to).then((zip) => unpacked(zip)))).toBe('archive-unsafe')
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
      'archive-bomb',
    )
    expect(await problemOf(unpacked(gzipSync(zeros), { extension: '.gz', limits }))).toBe('archive-bomb')
  })

  test('more than may be unpacked is not, also when it lies in archives inside', async () => {
    const part = await zipped({ 'a.csv': 'x'.repeat(600) }, false)
    const zip = await zipped({ 'a/a.zip': part, 'b/b.zip': part }, false)
    const limits = { bytesMax: 2_500 }
    expect(await problemOf(unpacked(zip, { limits }))).toBe('archive-bomb')
    expect(await problemOf(unpacked(gzipSync('x'.repeat(3_000)), { extension: '.gz', limits }))).toBe(
      'archive-bomb',
    )
  })

  test('too many files are not unpacked', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`${index}.csv`, 'x']))
    const asked = zipped(many).then((zip) => unpacked(zip, { limits: { filesMax: 10 } }))
    expect(await problemOf(asked)).toBe('archive-bomb')
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
