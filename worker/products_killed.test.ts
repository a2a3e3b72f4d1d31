/** Products on a real S3 protocol, made by real processes that are killed at any moment. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FauxqsServer, startFauxqs } from 'fauxqs'
import { machine, ranMachine } from '../test/crew.ts'
import { giveRuns } from '../test/current_runs.ts'
import { type TestDatabase, testDatabase } from '../test/postgres.ts'
import { s3Storage } from './io/s3.ts'
import type { Storage } from './io/storage.ts'
import { addresses } from './products/write_run.ts'

let db: TestDatabase
let server: FauxqsServer
let gate: Server
/** Where the commands put what is passing: others who run beside us have theirs. */
let temp: string
let storage: Storage
/** Requests that have come to the storage, and what is done at each. */
let asked = 0
let onAsked: () => void = () => {}

beforeAll(async () => {
  temp = await mkdtemp(join(tmpdir(), 'products-killed-'))
  db = await testDatabase()
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false })
  server.createBucket('oa')
  gate = createServer(pass)
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
  storage = s3Storage({
    bucket: 'oa',
    region: 'us-east-1',
    endpoint: server.address,
    publicUrl: `${endpoint()}/oa`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})

afterAll(async () => {
  gate.closeAllConnections()
  gate.close()
  await db.drop()
  await server.stop()
  await rm(temp, { recursive: true })
})

/** Stand before the storage and count. */
function pass(question: IncomingMessage, answer: ServerResponse): void {
  asked += 1
  onAsked()
  const { hostname, port } = new URL(server.address)
  const { method, url: path, headers } = question
  const through = request({ hostname, port, method, path, headers })
  through.on('response', (response) => {
    answer.writeHead(response.statusCode!, response.headers)
    response.pipe(answer)
  })
  // The one who asked may have been killed.
  through.on('error', () => answer.destroy())
  question.on('error', () => through.destroy()).pipe(through)
}

function endpoint(): string {
  return `http://127.0.0.1:${(gate.address() as AddressInfo).port}`
}

function env(): Record<string, string> {
  return {
    DATABASE_URL: db.url,
    AWS_S3_BUCKET: 'oa',
    AWS_ENDPOINT_URL_S3: endpoint(),
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    TMPDIR: temp,
  }
}

/** Two sources whose files are remade with each generation: so many rows each. */
async function generation(rows: number): Promise<void> {
  await giveRuns(db.sql, storage, [
    { path: 'sources/us/ca/oakland.json', features: addresses(rows, { lon: -122.3, lat: 37.8 }) },
    { path: 'sources/no/oslo.json', features: addresses(rows, { lon: 10.7, lat: 59.9 }) },
  ])
}

/** What the world sees: the rows of each file, once everything about it was found to be true. */
async function seen(product: string): Promise<Record<string, number>> {
  const [manifest] = await db.sql<{ url: string; document: string }[]>`
    select url, document from manifests where is_current`
  const files = await db.sql<
    { name: string; key: string; bytes: number; sha256: string; rows: number; url: string }[]
  >`
    select name, key, bytes::int, sha256, coalesce(rows, 0)::int as rows, url
    from products where is_current and product = ${product} order by name`
  const listed = JSON.parse(manifest!.document)
  for (const { name, key, sha256, url, rows } of files) {
    const content = Buffer.concat(await (await storage.get(key))!.body.toArray())
    expect(createHash('sha256').update(content).digest('hex')).toBe(sha256)
    if (product === 'collections') {
      const told = listed.collections.find((one: { name: string }) => one.name === name)
      expect([told.url, told.sha256, told.rows ?? 0]).toEqual([url, sha256, rows])
    }
  }
  if (product === 'tiles')
    expect([listed.tiles.tiles, listed.tiles.index.url]).toEqual([files.length - 1, files.at(-1)!.url])
  const pointer = JSON.parse(
    Buffer.concat(await (await storage.get('manifests/latest.json'))!.body.toArray()).toString(),
  )
  expect((await storage.get(pointer.url.slice(`${endpoint()}/oa/`.length)))?.bytes).toBeGreaterThan(0)
  return Object.fromEntries(files.map(({ name, rows }) => [name, rows]))
}

/** @returns how many requests it took */
async function publishes(command: string): Promise<number> {
  const before = asked
  const { code, lines } = await ranMachine([command], { env: env() })
  if (code !== 0) throw new Error(lines.join('\n'))
  return asked - before
}

/** Start a command, and kill it when so many requests have come to the storage. */
async function killedAfter(command: string, requests: number): Promise<NodeJS.Signals | null> {
  const last = asked + requests
  const member = machine([command], { env: env() })
  onAsked = () => {
    if (asked === last) member.kill('SIGKILL')
  }
  const { signal } = await member.ended
  onAsked = () => {}
  return signal
}

const products: [command: string, product: string][] = [
  ['collect-extracts', 'collections'],
  ['index-tiles', 'tiles'],
]
for (const [command, product] of products) {
  test(`machine ${command}, killed at three random moments, leaves the old or the new, and ends well when it is run again`, async () => {
    await generation(60)
    const requests = await publishes(command)
    const old = await seen(product)
    const grown = Object.fromEntries(Object.entries(old).map(([name, rows]) => [name, rows * 1.5]))

    await generation(90)
    for (const third of [0, 1, 2]) {
      const moment = 1 + Math.floor(((third + Math.random()) / 3) * (requests - 1))
      const signal = await killedAfter(command, moment)

      // Which of the two it is, one row of it says; then all of it has to be that.
      const now = await seen(product)
      const isOld = now['openaddr-collected-europe.zip'] === 60 || now['tiles.json'] === 120
      expect({ moment, ...now }).toEqual({ moment, ...(isOld ? old : grown) })
      if (signal === null) expect(isOld).toBe(false)
    }

    await publishes(command)
    expect(await seen(product)).toEqual(grown)
    expect((await readdir(temp)).filter((name) => name.startsWith(`machine-${command}-`))).toEqual([])
  }, 60_000)
}
