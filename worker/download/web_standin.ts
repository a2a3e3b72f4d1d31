/**
 * Somebody else's web server, for tests: it answers as the test says, and remembers what it was asked.
 *
 * Real HTTP on a port of this machine.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Progress } from '../../shared/run.ts'
import { inTemp } from '../system/temp.ts'
import type { DownloadOptions } from './cache.ts'

export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  /** Of the query and of a form together. */
  readonly params: URLSearchParams
}

export interface Standin {
  /** `http://127.0.0.1:40123` */
  readonly url: string
  readonly port: number
  readonly asked: Asked[]
  close(): Promise<void>
}

export type Behave = (asked: Asked, response: ServerResponse, times: number) => void

/** Start a server; `times` counts the requests, from 1. */
export async function standin(behave: Behave, host = '127.0.0.1', port = 0): Promise<Standin> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const url = new URL(request.url ?? '/', 'http://standin')
    const params = new URLSearchParams([
      ...url.searchParams,
      ...new URLSearchParams(Buffer.concat(chunks).toString()),
    ])
    const one: Asked = {
      method: request.method ?? '',
      path: url.pathname + url.search,
      headers: request.headers,
      params,
    }
    asked.push(one)
    behave(one, response, asked.length)
  })
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  const address = server.address() as AddressInfo
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The data of most tests, 25 bytes. */
export const CSV = 'number,street\n12,Main St\n'

/** A server that always sends a CSV. */
export function csv(body: string | Buffer = CSV, headers: Record<string, string> = {}): Behave {
  const length = String(Buffer.byteLength(body))
  return (_asked, response) =>
    void response
      .writeHead(200, { 'content-type': 'text/csv', 'content-length': length, ...headers })
      .end(body)
}

/** What a download is given in a test, and what it said. */
export interface Given extends DownloadOptions {
  readonly told: Progress[]
  readonly lines: string[]
}

/** Do something with a server and a folder; both are gone afterwards. Nobody waits long here. */
export async function withStandin<T>(
  behave: Behave,
  deed: (server: Standin, given: Given) => Promise<T>,
): Promise<T> {
  const server = await standin(behave)
  try {
    return await inTemp('download', (folder) => deed(server, given(folder)))
  } finally {
    await server.close()
  }
}

/** Options of a download with short patience. */
export function given(folder: string, others: Partial<DownloadOptions> = {}): Given {
  const told: Progress[] = []
  const lines: string[] = []
  return {
    folder,
    told,
    lines,
    tell: (progress) => void told.push(progress),
    log: (line) => void lines.push(line),
    signal: new AbortController().signal,
    allowPrivate: true,
    patience: { connectMs: 2_000, idleMs: 2_000, delayMs: () => 1 },
    ...others,
  }
}

/** The code of the problem that something ends with; throws when it does not end with one. */
export async function problemOf(deed: Promise<unknown>): Promise<string> {
  try {
    await deed
  } catch (error) {
    const { problem } = error as { problem?: { code: string } }
    if (problem === undefined) throw error
    return problem.code
  }
  throw new Error('expected a problem, but all went well')
}
