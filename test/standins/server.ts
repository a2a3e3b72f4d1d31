/**
 * What every stand-in stands on: a real HTTP server on 127.0.0.1 that can also behave badly on the wire.
 *
 * A stand-in plays somebody else's server (GitHub, ESRI, a city's download page) over real HTTP, so
 * that what is tested is the real client with its time-outs, retries and streams. It answers a plain
 * `Asked` with a plain `Answer`; several can be mounted on one port.
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Asked {
  readonly method: string
  /** Still percent-encoded, from where the stand-in is mounted. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Aborted when the one who asks has gone, or the server closes. */
  readonly signal: AbortSignal
}

/** What goes back. */
export interface Answer {
  /** 200 without it. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON; instead of `body`. */
  readonly json?: unknown
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array>
  /** The connection breaks at the end of the body, or before the head where there is no body. */
  readonly cut?: boolean
}

/** What a stand-in is at heart. */
export type Respond = (asked: Asked) => Answer | Promise<Answer>

export interface ServerOptions {
  /** 0, or none, for any that is free. */
  readonly port?: number
  /** 127.0.0.1 without it. In a container it is 0.0.0.0. */
  readonly host?: string
  /** What others call this server, where that is not its own address. No slash at the end. */
  readonly baseUrl?: string
}

/** A server that listens. */
export interface Server {
  /** Its base address, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Ends it at once, and whatever hangs on it. */
  close(): Promise<void>
}

/** Listen, and answer every request by `respond`. An error of `respond` is answered 500 with its text. */
export async function listen(respond: Respond, options: ServerOptions = {}): Promise<Server> {
  const { port = 0, host = '127.0.0.1', baseUrl } = options
  const closing = new AbortController()
  const server = createServer((request, response) => {
    answer(request, response, { respond, closing: closing.signal }).catch(() => response.destroy())
  })
  server.listen(port, host)
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  return {
    url: baseUrl ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${taken}`,
    port: taken,
    async close() {
      closing.abort()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

/** Several stand-ins under one address, each under its own beginning of the path; the first that fits answers. */
export function mount(doors: readonly (readonly [prefix: string, respond: Respond])[]): Respond {
  return (asked) => {
    for (const [prefix, respond] of doors) {
      const rest = asked.path.slice(prefix.length)
      const isHere = asked.path.startsWith(prefix) && (rest === '' || rest.startsWith('/'))
      if (isHere) return respond({ ...asked, path: rest === '' ? '/' : rest })
    }
    return {
      status: 404,
      body: `Nobody answers at ${asked.path}\n`,
      headers: { 'content-type': 'text/plain' },
    }
  }
}

/** The body of a request as JSON; undefined where it is none. */
export function readJson(asked: Asked): unknown {
  try {
    return JSON.parse(asked.body.toString('utf8'))
  } catch {
    return undefined
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { respond, closing }: { respond: Respond; closing: AbortSignal },
): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  response.once('close', leave)
  closing.addEventListener('abort', leave, { once: true })
  try {
    const url = new URL(request.url ?? '/', 'http://standin')
    const asked: Asked = {
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: await readBody(request),
      signal: gone.signal,
    }
    const given = await Promise.resolve(asked)
      .then(respond)
      .catch((error: unknown): Answer => ({ status: 500, body: `The stand-in failed: ${error}\n` }))
    await send(response, given, asked)
  } finally {
    closing.removeEventListener('abort', leave)
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function send(response: ServerResponse, given: Answer, asked: Asked): Promise<void> {
  const { status = 200, headers = {}, json, cut = false } = given
  if (cut && given.body === undefined && json === undefined) {
    response.destroy()
    return
  }
  const body = json === undefined ? (given.body ?? '') : JSON.stringify(json)
  const type = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }
  const isWhole = typeof body === 'string' || body instanceof Uint8Array
  const length =
    isWhole && status !== 204 && status !== 304 ? { 'content-length': `${Buffer.byteLength(body)}` } : {}
  response.writeHead(status, { ...type, ...length, ...headers })
  if (asked.method === 'HEAD') {
    response.end()
    return
  }
  for await (const chunk of isWhole ? [body] : body) {
    if (asked.signal.aborted) return
    // The signal aborts when the reader has gone, who then will never drain it.
    if (!response.write(chunk)) await once(response, 'drain', { signal: asked.signal }).catch(() => {})
  }
  if (cut) {
    // What was written shall arrive before the connection breaks.
    await new Promise((resolve) => setTimeout(resolve, 20))
    response.destroy()
  } else {
    response.end()
  }
}
