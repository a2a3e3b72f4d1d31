import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { folderStorage } from './folder_storage.ts'
import { s3Storage } from './s3.ts'
import { openStorage, type Storage } from './storage.ts'

const TEXT = { type: 'text/plain' }

let folder: string
let server: FauxqsServer
const storages: Record<string, Storage> = {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-storage-'))
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  server.createBucket('machine')
  storages['a folder'] = folderStorage({
    folder: join(folder, 'kept'),
    publicUrl: 'https://oa.example/files',
  })
  storages['S3'] = s3Storage({
    bucket: 'machine',
    region: 'us-east-1',
    endpoint: server.address,
    publicUrl: 'https://oa.example/files',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

async function read(body: Readable): Promise<Buffer> {
  return Buffer.concat(await body.toArray())
}

async function* pieces(content: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes)
}

for (const name of ['a folder', 'S3']) {
  describe(`storage in ${name}`, () => {
    test('gives back what was put, and tells its size, MD5 and address', async () => {
      const file = await write('hello.txt', 'hello\n')

      const stored = await storages[name]!.put('runs/1/output.txt', file, TEXT)
      const found = await storages[name]!.get('runs/1/output.txt')

      expect(stored).toEqual({
        key: 'runs/1/output.txt',
        bytes: 6,
        md5: 'b1946ac92492d2347c6235b4d2611184',
        sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03',
        url: 'https://oa.example/files/runs/1/output.txt',
      })
      expect(found?.bytes).toBe(6)
      expect((await read(found!.body)).toString()).toBe('hello\n')
    })

    test('keeps an empty file', async () => {
      const stored = await storages[name]!.put('runs/1/empty.txt', await write('empty', ''), TEXT)
      const found = await storages[name]!.get('runs/1/empty.txt')

      expect(stored.bytes).toBe(0)
      expect(stored.md5).toBe('d41d8cd98f00b204e9800998ecf8427e')
      expect((await read(found!.body)).length).toBe(0)
    })

    test('keeps a large file whole', async () => {
      const content = Buffer.alloc(20 * 1024 * 1024 + 1, 'one row after another\n')
      const file = await write('large', content)

      const stored = await storages[name]!.put('runs/1/large.bin', file, TEXT)
      const found = await storages[name]!.get('runs/1/large.bin')

      expect(stored.bytes).toBe(20_971_521)
      expect(stored.md5).toBe('ed3f0e390542d489ebc0a7d1f438ffb9')
      expect(content.equals(await read(found!.body))).toBe(true)
    })

    test('replaces what the key held', async () => {
      await storages[name]!.put('state.txt', await write('a', 'older and longer'), TEXT)
      await storages[name]!.put('state.txt', await write('b', 'newer'), TEXT)

      const found = await storages[name]!.get('state.txt')

      expect((await read(found!.body)).toString()).toBe('newer')
    })

    test('knows nothing of a key that was never put', async () => {
      expect(await storages[name]!.get('runs/404/output.txt')).toBeUndefined()
      expect(await storages[name]!.get('runs')).toBeUndefined()
    })

    test('escapes the address of a key, but not its slashes', async () => {
      const key = 'runs/1/Bürger & Straße #1?.zip'

      const stored = await storages[name]!.put(key, await write('zip', 'zip'), TEXT)

      const url = 'https://oa.example/files/runs/1/B%C3%BCrger%20%26%20Stra%C3%9Fe%20%231%3F.zip'
      expect(stored.url).toBe(url)
      expect(storages[name]!.url(key)).toBe(url)
      expect((await read((await storages[name]!.get(key))!.body)).toString()).toBe('zip')
    })

    for (const key of [
      '',
      '/etc/passwd',
      '../out',
      'runs/../../out',
      'runs//1',
      'runs/1/',
      'runs/.hidden',
      'a\\b',
      'a\0b',
    ]) {
      test(`refuses the key ${JSON.stringify(key)}`, async () => {
        const file = await write('any', 'any')

        await expect(storages[name]!.put(key, file, TEXT)).rejects.toThrow(TypeError)
        await expect(storages[name]!.get(key)).rejects.toThrow(TypeError)
        expect(() => storages[name]!.url(key)).toThrow(TypeError)
      })
    }

    test('keeps what comes as a stream of any size', async () => {
      const content = Buffer.alloc(17 * 1024 * 1024 + 1, 'one piece after another\n')

      const stored = await storages[name]!.putStream('tiles/1/a.bin', pieces(content, 1_000_003), TEXT)
      const found = await storages[name]!.get('tiles/1/a.bin')

      expect([stored.bytes, stored.sha256]).toEqual([
        17_825_793,
        new Bun.CryptoHasher('sha256').update(content).digest('hex'),
      ])
      expect(content.equals(await read(found!.body))).toBe(true)
    })

    test('keeps nothing of a stream that fails', async () => {
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield* pieces(Buffer.alloc(20 * 1024 * 1024, 'x'), 1_000_000)
        throw new Error('the run broke off')
      }

      await expect(storages[name]!.putStream('tiles/1/half.bin', failing(), TEXT)).rejects.toThrow(
        'the run broke off',
      )
      expect(await storages[name]!.get('tiles/1/half.bin')).toBeUndefined()
    })

    test('fails when the file is not there, and keeps nothing', async () => {
      await expect(storages[name]!.put('runs/1/gone.txt', join(folder, 'gone'), TEXT)).rejects.toThrow(
        'ENOENT',
      )
      expect(await storages[name]!.get('runs/1/gone.txt')).toBeUndefined()
    })
  })
}

describe('folderStorage', () => {
  test('leaves nothing unfinished beside what it keeps', async () => {
    const kept = join(folder, 'tidy')
    const storage = folderStorage({ folder: kept, publicUrl: '' })

    await storage.put('runs/1/a.txt', await write('a', 'a'), TEXT)
    await storage.put('runs/1/b.txt', join(folder, 'gone'), TEXT).catch(() => {})

    expect(await readdir(join(kept, 'runs/1'))).toEqual(['a.txt'])
  })

  test('keeps one of two files whole when both are put under a key at once', async () => {
    const storage = folderStorage({ folder: join(folder, 'race'), publicUrl: '' })
    const ones = await write('ones', '1'.repeat(3_000_000))
    const twos = await write('twos', '2'.repeat(3_000_000))

    await Promise.all([storage.put('a', ones, TEXT), storage.put('a', twos, TEXT)])

    const content = (await read((await storage.get('a'))!.body)).toString()
    expect(['1'.repeat(3_000_000), '2'.repeat(3_000_000)]).toContain(content)
  })
})

describe('openStorage', () => {
  const choice = { awsRegion: 'eu-west-1', storageDir: 'kept', machineBaseUrl: 'http://localhost:8000' }

  test('is a folder that the edge serves when no bucket is named', () => {
    expect(openStorage(choice).url('runs/1/a')).toBe('http://localhost:8000/runs/1/a')
  })

  const buckets: [name: string, extra: object, url: string][] = [
    ['at Amazon', {}, 'https://s3.amazonaws.com/data/runs/1/a'],
    ['behind another name', { awsS3PublicUrl: 'https://oa.example' }, 'https://oa.example/runs/1/a'],
    ['on a server of its own', { awsEndpointUrlS3: 'http://s3:8333' }, 'http://s3:8333/data/runs/1/a'],
  ]
  for (const [name, extra, url] of buckets) {
    test(`is a bucket ${name}`, () => {
      expect(openStorage({ ...choice, awsS3Bucket: 'data', ...extra }).url('runs/1/a')).toBe(url)
    })
  }
})
