/**
 * One request over HTTP: its redirects followed, its time-outs kept, its body decoded.
 *
 * Built on node:http, because only there a connection can be pinned to the addresses that the guard
 * has looked at; `fetch` would resolve the name once more. What a status means is told by
 * `statusError`; what is tried again is decided by the caller.
 */
import http from 'node:http'
import https from 'node:https'
import type { Readable } from 'node:stream'
import { SourceError } from '../../shared/problem.ts'
import { USER_AGENT } from './agent.ts'
import { decoded } from './decode.ts'
import { type Fence, pinnedTo, visitable } from './guard.ts'
import { isUntrusted, ranOutOfTime, shown, worldError } from './request_errors.ts'
import type { Patience } from './retry.ts'

export interface Connections {
  readonly http: http.Agent
  readonly https: https.Agent
  /** For hosts whose certificate cannot be verified. */
  readonly unverified: https.Agent
  /** Those hosts, as they become known. */
  readonly untrusted: Set<string>
}

export interface RequestOptions {
  readonly fence: Fence
  readonly patience: Patience
  readonly signal: AbortSignal
  readonly log: (line: string) => void
  /** Kept open between requests; the caller closes them. */
  readonly connections?: Connections
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Where the redirects led. */
  readonly url: URL
  /** Content encoding undone. A failure on the way is a `SourceError`. */
  readonly body: AsyncIterable<Uint8Array>
  /** Do without the body. */
  drop(): void
}

/** What browsers allow. */
const REDIRECTS_MAX = 20

/** Not for a source to set: they belong to the connection. */
const OURS = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te'])

/** Not handed on to another host. */
const SECRETS = ['authorization', 'cookie', 'proxy-authorization']

/** Ask, and follow where the server sends us; the guard looks at every hop. */
export async function request(address: string, options: RequestOptions): Promise<Answer> {
  let url = parse(address)
  let asked = options
  for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
    const answer = await askOnce(url, asked)
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.location : undefined
    if (location === undefined) return answer

    answer.drop()
    const next = parse(location, url)
    asked = redirected(asked, answer.status, next.host !== url.host)
    url = next
  }
  throw new SourceError('download-failed', `${shown(address)} redirects without end`)
}

/** Connections that are kept open; `close` them at the end. */
export function keepAlive(): Connections & { close(): void } {
  const agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
    unverified: new https.Agent({ keepAlive: true, rejectUnauthorized: false }),
  }
  return {
    ...agents,
    untrusted: new Set(),
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

function parse(address: string, base?: URL): URL {
  if (!URL.canParse(address, base)) throw new SourceError('download-failed', `"${address}" is not an address`)
  const url = new URL(address, base)
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  throw new SourceError('download-forbidden-address', `${shown(url.href)} is not an http or https address`)
}

/** A POST stays one: servers that move from http to https answer 301, and a query would be lost. */
function redirected(asked: RequestOptions, status: number, isElsewhere: boolean): RequestOptions {
  const { body, method, ...rest } = asked
  const kept = isElsewhere
    ? Object.fromEntries(
        Object.entries(asked.headers ?? {}).filter(([name]) => !SECRETS.includes(name.toLowerCase())),
      )
    : (asked.headers ?? {})
  const isGet = status === 303 || method === undefined || body === undefined
  return { ...rest, headers: kept, ...(isGet ? {} : { method, body }) }
}

/** A certificate that cannot be verified is told and then taken, as the original did: many are out of order. */
async function askOnce(url: URL, options: RequestOptions): Promise<Answer> {
  if (options.connections?.untrusted.has(url.host)) return connect(url, options, false)
  try {
    return await connect(url, options, true)
  } catch (error) {
    if (!isUntrusted(error)) throw error
    const { message } = error.cause as Error
    options.log(`the certificate of ${url.host} cannot be verified, going on without: ${message}`)
    options.connections?.untrusted.add(url.host)
    return connect(url, options, false)
  }
}

async function connect(url: URL, options: RequestOptions, isVerified: boolean): Promise<Answer> {
  const { patience, signal, connections, method = 'GET', body } = options
  const lookup = pinnedTo(await visitable(url, options.fence))
  signal.throwIfAborted()

  const isSecure = url.protocol === 'https:'
  const secure = isVerified ? connections?.https : connections?.unverified
  const agent = isSecure ? secure : connections?.http
  const sent = (isSecure ? https : http).request(url, {
    method,
    headers: headersOf(options),
    lookup,
    signal,
    ...(isVerified ? {} : { rejectUnauthorized: false }),
    ...(agent === undefined ? {} : { agent }),
  })
  let late: SourceError | undefined
  const failure = (error: unknown): unknown =>
    signal.aborted ? signal.reason : (late ?? worldError(error, url))
  const giveUp = (what: string, ms: number): void => {
    late = ranOutOfTime(url, what, ms)
    sent.destroy(late)
  }

  sent.setTimeout(patience.idleMs, () => giveUp('sent nothing', patience.idleMs))
  const connecting = setTimeout(() => giveUp('took no connection', patience.connectMs), patience.connectMs)
  sent.once('socket', (socket) => {
    if (!socket.connecting) clearTimeout(connecting)
    else socket.once('connect', () => clearTimeout(connecting))
  })
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      sent.on('error', reject)
      sent.once('response', resolve)
      sent.end(body)
    })
    return answerOf(response, url, failure)
  } catch (error) {
    throw failure(error)
  } finally {
    clearTimeout(connecting)
  }
}

function headersOf({ headers = {}, body }: RequestOptions): Record<string, string | number> {
  const theirs = Object.entries(headers).filter(([name]) => !OURS.has(name.toLowerCase()))
  const names = new Set(theirs.map(([name]) => name.toLowerCase()))
  const ours: [string, string | number][] = [
    ['User-Agent', USER_AGENT],
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ...(body === undefined
      ? []
      : ([
          ['Content-Type', 'application/x-www-form-urlencoded'],
          ['Content-Length', Buffer.byteLength(body)],
        ] as [string, string | number][])),
  ]
  return Object.fromEntries([...ours.filter(([name]) => !names.has(name.toLowerCase())), ...theirs])
}

function answerOf(response: http.IncomingMessage, url: URL, failure: (error: unknown) => unknown): Answer {
  const stream: Readable = decoded(response)
  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield* stream as AsyncIterable<Uint8Array>
    } catch (error) {
      throw failure(error)
    } finally {
      response.destroy()
    }
  }
  // Errors of a body that nobody reads must not end the process.
  stream.on('error', () => {})
  const drop = (): void => void response.destroy()
  return { status: response.statusCode ?? 0, headers: response.headers, url, body: body(), drop }
}
