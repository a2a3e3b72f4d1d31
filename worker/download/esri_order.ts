/** Downloads of ESRI layers, for tests: ordered from a stand-in, and looked at. */
import { expect } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { EsriManners } from './cache.ts'
import { download } from './download.ts'
import { esriLayer, type StandinLayer, type StandinRow } from './esri_standin.ts'
import { type Asked, given, type Standin, withStandin } from './web_standin.ts'

/** The layer can be asked by offset. */
export const PAGED = { supportsPagination: true }
/** The layer can be asked for the range of its ids. */
export const COUNTED = { supportsStatistics: true }

/** What came of a download. */
export interface Outcome {
  readonly rows: number | undefined
  readonly text: string
  readonly lines: readonly string[]
  readonly asked: readonly Asked[]
}

/** How to download. */
export interface Order {
  readonly columns?: readonly string[] | null
  readonly lat?: string
  readonly lon?: string
  readonly esri?: EsriManners
  readonly headers?: Record<string, string>
  /** Behind the server's address. */
  readonly path?: string
  readonly idleMs?: number
}

/** Download a layer from a stand-in. */
export function downloaded(layer: StandinLayer, order: Order = {}): Promise<Outcome> {
  return withStandin(esriLayer(layer), (server, { folder }) => from(server, folder, order))
}

/** Download a layer from this server. */
export async function from(
  server: Standin,
  folder: string,
  { path = '/0', idleMs = 2_000, ...order }: Order,
): Promise<Outcome> {
  const patience = { connectMs: 2_000, idleMs, delayMs: () => 1 }
  const options = given(folder, { columns: ['NAME'], patience, ...order })
  const cache = await download('ESRI', server.url + path, options)
  const text = readFileSync(cache.path, 'utf8')
  expect(cache).toMatchObject({ bytes: Buffer.byteLength(text), extension: '.csv', isEsri: true })
  return { rows: cache.rows, text, lines: options.lines, asked: server.asked }
}

/** Names of the rows, in their order. */
export function names({ text }: Outcome): string[] {
  return text
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[0]!)
}

/** The names of `somePoints`. */
export function expected(rows: readonly StandinRow[]): string[] {
  return rows.map(({ id }) => `row ${id}`)
}
