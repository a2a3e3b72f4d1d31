/**
 * An ESRI server, spoken to: metadata and queries in, JSON objects or problems out.
 *
 * Servers tell their errors in many ways: by status, as an `error` with status 200 (with or without
 * `details`), as `status: error`, as a page of HTML. Here all of them become problems.
 *
 * Source: ArcGIS REST API, "Query (Map Service/Layer)"; processing.md §5.2; demands 82, 83.
 */
import { type ProblemCode, SourceError } from '../../shared/problem.ts'
import type { DownloadOptions } from './cache.ts'
import { isObject, type JsonObject, parseJson, unmarked } from './esri_json.ts'
import { type Connections, request } from './request.ts'
import { statusError } from './request_errors.ts'
import { mayPass, type Patience, Refusal } from './retry.ts'
import { kindOf } from './sniff.ts'

export type Params = Readonly<Record<string, string>>

/** One question to `…/query`. */
export interface Query {
  readonly method: 'GET' | 'POST'
  readonly params: Params
}

export interface EsriServer {
  /** What the layer says of itself. */
  metadata(): Promise<JsonObject>
  query(query: Query, signal?: AbortSignal): Promise<JsonObject>
  /** Bytes received so far. */
  bytes(): number
}

/** The condition that every row fulfils. */
const EVERYTHING = '1=1'

/** A page larger than this is no page. */
const ANSWER_BYTES_MAX = 512 * 1024 ** 2

/** Codes inside an `error` object, which are like those of HTTP, with two of ESRI's own. */
const ERROR_CODES: Readonly<Record<number, ProblemCode>> = {
  401: 'download-blocked',
  403: 'download-blocked',
  404: 'download-not-found',
  498: 'token-required',
  499: 'token-required',
}

/** Servers that answer so to a POST are asked by GET from then on. */
const NO_POST = new Set([405, 411, 501])

/** Problems that another question would not change. */
const HOPELESS: readonly ProblemCode[] = [
  'download-blocked',
  'download-not-found',
  'download-forbidden-address',
  'token-required',
  'disk-full',
]

/** Whether asking this server in another way makes no sense. */
export function isHopeless(error: unknown): boolean {
  if (!(error instanceof SourceError)) return true
  const isPassing = error.cause instanceof Refusal && error.cause.isTransient
  return HOPELESS.includes(error.problem.code) && !isPassing
}

/** Speak to the server of a layer. */
export function esriServer(
  address: string,
  options: DownloadOptions & { readonly patience: Patience; readonly connections: Connections },
): EsriServer {
  const { layer, where } = ownCondition(layerUrl(address))
  let isPostRefused = false
  let received = 0

  async function ask(url: URL, { method, params }: Query, signal = options.signal): Promise<JsonObject> {
    const isPost = method === 'POST' && !isPostRefused
    const query = new URLSearchParams({ ...params, f: 'json' })
    const target = new URL(url)
    if (!isPost) for (const [name, value] of query) target.searchParams.set(name, value)
    const answer = await request(target.href, {
      fence: options,
      patience: options.patience,
      signal,
      log: options.log,
      connections: options.connections,
      method: isPost ? 'POST' : 'GET',
      headers: { 'Accept-Encoding': 'gzip, deflate', ...options.headers },
      ...(isPost ? { body: query.toString() } : {}),
    })
    if (isPost && NO_POST.has(answer.status)) {
      answer.drop()
      isPostRefused = true
      options.log(`the server takes no POST (status ${answer.status}): asking by GET`)
      return ask(url, { method, params }, signal)
    }
    const body = await read(answer.body)
    received += body.length
    const failed = statusError(answer.status, answer.headers, url)
    const text = body.toString('utf8')
    // The server's own words say more than the status, where it has some.
    const told = errorIn(tolerantly(text))
    if (failed !== undefined) throw told === undefined ? failed : problem(told, failed)
    return checked(text, url)
  }

  return {
    metadata: () => ask(layer, { method: 'GET', params: {} }),
    query: ({ method, params }, signal) => {
      const url = new URL(`${layer.pathname}/query${layer.search}`, layer)
      return ask(url, { method, params: joined(params, where) }, signal)
    },
    bytes: () => received,
  }
}

/** The layer's address without what a person left behind in it: a slash at the end, `f=html`, `/query`. */
export function layerUrl(address: string): URL {
  if (!URL.canParse(address)) throw new SourceError('download-failed', `"${address}" is not an address`)
  const url = new URL(address)
  url.searchParams.delete('f')
  url.pathname = url.pathname.replace(/(?:\/query)?\/*$/i, '')
  url.hash = ''
  return url
}

/** A condition in the address of the layer, which is asked for with every question. */
function ownCondition(url: URL): { readonly layer: URL; readonly where: string | null } {
  const layer = new URL(url)
  const where = layer.searchParams.get('where')?.trim() || null
  layer.searchParams.delete('where')
  return { layer, where: where === EVERYTHING ? null : where }
}

/** Both conditions at once: neither overrides the other (demand 77). */
function joined(params: Params, own: string | null): Params {
  if (own === null) return params
  const { where = EVERYTHING } = params
  return { ...params, where: where === EVERYTHING ? own : `(${own}) AND (${where})` }
}

async function read(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > ANSWER_BYTES_MAX) {
      throw new SourceError('download-too-large', `an answer of more than ${ANSWER_BYTES_MAX} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

function tolerantly(text: string): unknown {
  // Only errors are looked for, and they are short.
  if (text.length > 20_000) return undefined
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** The JSON object that an answer is. */
function checked(text: string, url: URL): JsonObject {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    throw notJson(text, url, error)
  }
  const told = errorIn(json)
  if (told !== undefined) throw problem(told)
  if (!isObject(json)) throw notJson(text, url, undefined)
  return json
}

function notJson(text: string, url: URL, error: unknown): SourceError {
  const start = text.slice(0, 2_000)
  const isPage = kindOf(Buffer.from(start)) === 'html'
  const words = start
    .replace(/<(script|style)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
  const isBlocked = /request rejected|access denied|forbidden|blocked|captcha/i.test(words)
  const code = isPage && isBlocked ? 'download-blocked' : 'download-not-data'
  const cause = new Refusal(error instanceof Error ? error.message : 'not JSON', true)
  const what = isPage ? 'a page of HTML' : 'something that is no JSON'
  return new SourceError(code, `${what} came from ${url.host}: "${words}"`, { cause })
}

interface ServerError {
  readonly code: number | undefined
  readonly words: string
}

/** The error that an answer is, whatever its shape; undefined for one that is none. */
function errorIn(json: unknown): ServerError | undefined {
  if (!isObject(json)) return undefined
  const { error, status, messages, code } = json
  if (typeof error === 'string') return { code: undefined, words: error }
  if (isObject(error))
    return { code: codeOf(error['code']), words: wordsOf([error['message'], error['details']]) }
  return status === 'error' ? { code: codeOf(code), words: wordsOf([messages]) } : undefined
}

function problem({ code, words }: ServerError, because?: SourceError): SourceError {
  const isToken = /token required|invalid token/i.test(words)
  const known = isToken ? 'token-required' : ERROR_CODES[code ?? 0]
  const fallback =
    because?.problem.code ?? (isInvalidUrl(code, words) ? 'download-not-found' : 'download-failed')
  // 400 and the like: this question will not be answered, however often it is put.
  const isTransient = known === undefined && (because === undefined ? (code ?? 0) >= 500 : mayPass(because))
  const wait = because?.cause instanceof Refusal ? because.cause.retryAfterMs : undefined
  const number = code === undefined ? '' : ` (${code})`
  return new SourceError(known ?? fallback, `the server says: ${words || 'nothing more'}${number}`, {
    cause: new Refusal(words, isTransient, wait),
  })
}

function isInvalidUrl(code: number | undefined, words: string): boolean {
  return code === 400 && /invalid url/i.test(words)
}

function codeOf(value: unknown): number | undefined {
  const number = Number(unmarked(value))
  return value === null || value === undefined || Number.isNaN(number) ? undefined : number
}

function wordsOf(parts: readonly unknown[]): string {
  return parts
    .flat()
    .filter((part): part is string => typeof part === 'string' && part.trim() !== '')
    .join(' ')
}
