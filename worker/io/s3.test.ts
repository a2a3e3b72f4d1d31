import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { type S3Choice, s3Storage } from './s3.ts'
import type { Storage } from './storage.ts'

/** What the gate does with a request instead of letting it through; undefined lets it through. */
type Mischief = (asked: IncomingMessage, answer: ServerResponse) => true | undefined

let folder: string
let server: FauxqsServer
let gate: Server
let mischief: Mischief
let asked: string[]
let headers: Record<string, IncomingMessage['headers']>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-s3-'))
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  server.createBucket('machine')
})

beforeEach(async () => {
  mischief = () => undefined
  asked = []
  headers = {}
  gate = createServer(pass)
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
})

afterEach(() => {
  gate.closeAllConnections()
  gate.close()
})

afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Stand before the S3 server: write down who asks what, and do mischief. */
function pass(question: IncomingMessage, answer: ServerResponse): void {
  const { searchParams } = new URL(question.url!, 'http://gate')
  const about = ['uploads', 'uploadId', 'partNumber'].filter((name) => searchParams.has(name)).join(' ')
  const line = `${question.method} ${about}`.trim()
  asked.push(line)
  headers[line] = question.headers
  if (mischief(question, answer)) return
  const { hostname, port } = new URL(server.address)
  const through = request({
    hostname,
    port,
    method: question.method,
    path: question.url,
    headers: question.headers,
  })
  through.on('response', (response) => {
    answer.writeHead(response.statusCode!, response.headers)
    response.pipe(answer)
  })
  question.pipe(through)
}

function storage(options: Partial<S3Choice> = {}): Storage {
  return s3Storage({
    bucket: 'machine',
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${(gate.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    tries: 2,
    silenceMs: 20_000,
    ...options,
  })
}

async function write(name: string, bytes: number): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, Buffer.alloc(bytes, 'x'))
  return file
}

function refuse(status: number, answer: ServerResponse): true {
  answer.writeHead(status, { 'content-type': 'application/xml', connection: 'close' })
  answer.end(`<Error><Code>Status${status}</Code><Message>no</Message></Error>`)
  return true
}

describe('s3Storage', () => {
  test('tells type, encoding, and that a run is never written again', async () => {
    await storage().put('runs/7/out.geojson.gz', await write('small', 10), {
      type: 'application/geo+json',
      encoding: 'gzip',
    })

    expect(asked).toEqual(['PUT', 'HEAD'])
    expect(headers['PUT']).toMatchObject({
      'content-type': 'application/geo+json',
      'content-encoding': 'gzip',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-length': '10',
    })
  })

  test('says nothing of caches outside runs, unless told to', async () => {
    const file = await write('small', 10)

    await storage().put('state.txt', file, { type: 'text/plain' })
    expect(headers['PUT']!['cache-control']).toBeUndefined()

    await storage().put('state.txt', file, { type: 'text/plain', cacheControl: 'max-age=60' })
    expect(headers['PUT']!['cache-control']).toBe('max-age=60')
  })

  test('sends a large file in parts, with the same headers', async () => {
    await storage().put('runs/7/large.zip', await write('large', 20_000_000), { type: 'application/zip' })

    expect(asked.toSorted()).toEqual([
      'HEAD',
      'POST uploadId',
      'POST uploads',
      'PUT uploadId partNumber',
      'PUT uploadId partNumber',
      'PUT uploadId partNumber',
    ])
    expect(headers['POST uploads']).toMatchObject({
      'content-type': 'application/zip',
      'cache-control': 'public, max-age=31536000, immutable',
    })
  })

  test('tries again after a server error', async () => {
    mischief = (_, answer) => (asked.length === 1 ? refuse(503, answer) : undefined)

    const stored = await storage().put('runs/7/again.txt', await write('small', 10), { type: 'text/plain' })

    expect(stored.bytes).toBe(10)
    expect(asked).toEqual(['PUT', 'PUT', 'HEAD'])
  })

  test('takes back the parts of an upload that failed', async () => {
    mischief = ({ url }, answer) => (url!.includes('partNumber=2') ? refuse(500, answer) : undefined)

    const put = storage().put('runs/7/half.zip', await write('large', 20_000_000), {
      type: 'application/zip',
    })

    await expect(put).rejects.toThrow('put runs/7/half.zip into bucket machine: Status500: no')
    expect(asked.at(-1)).toBe('DELETE uploadId')
    expect(await storage().get('runs/7/half.zip')).toBeUndefined()
  })

  test('does not believe a server that kept less than was sent', async () => {
    mischief = ({ method }, answer) => {
      if (method !== 'HEAD') return
      answer.writeHead(200, { 'content-length': '3' }).end()
      return true
    }

    const put = storage().put('runs/7/less.txt', await write('small', 10), { type: 'text/plain' })

    await expect(put).rejects.toThrow('put runs/7/less.txt into bucket machine: Error: sent 10 bytes, kept 3')
  })

  test('does not believe a server that kept other bytes of the same number, in one piece or in parts', async () => {
    mischief = (asked, answer) => {
      if (asked.method !== 'HEAD') return undefined
      const isLarge = asked.url?.includes('large')
      const etag = `"${'0'.repeat(32)}${isLarge ? '-2' : ''}"`
      answer.writeHead(200, { 'content-length': isLarge ? 9_000_000 : 10, etag }).end()
      return true
    }

    for (const [name, bytes] of [
      ['small.txt', 10],
      ['large.bin', 9_000_000],
    ] as const) {
      const put = storage().put(`runs/7/${name}`, await write(name, bytes), { type: 'text/plain' })
      await expect(put).rejects.toThrow(/sent content [0-9a-f]{32}(-2)?, kept "0{32}(-2)?"/)
    }
  })

  test('says which bucket refuses', async () => {
    mischief = (_, answer) => refuse(403, answer)

    await expect(storage().get('runs/7/a')).rejects.toThrow('get runs/7/a from bucket machine: Status403: no')
    const put = storage().put('runs/7/a', await write('small', 10), { type: 'text/plain' })
    await expect(put).rejects.toThrow('put runs/7/a into bucket machine: Status403: no')
  })

  test('gives up a server that takes a file and says nothing', async () => {
    mischief = () => true

    const put = storage({ silenceMs: 400 }).put('runs/7/stuck.txt', await write('small', 10), {
      type: 'text/plain',
    })

    await expect(put).rejects.toThrow('TimeoutError')
    expect(asked).toEqual(['PUT', 'PUT'])
  })

  const endings: [name: string, end: (answer: ServerResponse) => void][] = [
    ['stops in the middle of a file', () => {}],
    ['hangs up in the middle of a file', (answer) => answer.destroy()],
  ]
  for (const [name, end] of endings) {
    test(`fails the reader when the server ${name}`, async () => {
      mischief = (_, answer) => {
        answer.writeHead(200, { 'content-length': '100' })
        answer.write('only this', () => setTimeout(() => end(answer), 50))
        return true
      }

      const found = await storage({ silenceMs: 400 }).get('runs/7/a')

      expect(found?.bytes).toBe(100)
      await expect(found!.body.toArray()).rejects.toThrow()
    })
  }
})
