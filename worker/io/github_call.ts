/**
 * How GitHub is called: within a time limit, again where that may help, and never asleep for long.
 *
 * Octokit's plugins try a read again after a server error, and keep to the pace that GitHub asks for.
 * Being told to wait is an answer, not a sleep: it reaches whoever called, as a `GitHubWait`.
 */
import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import manifest from '../../package.json' with { type: 'json' }

/** GitHub answers within seconds, or not at all. */
const CALL_MS_MAX = 20_000

/** A read is tried again so often, after 1 and 4 seconds. */
const RETRIES = 2

/** How long to wait when GitHub says to, and does not say how long. */
const WAIT_SECONDS = 60

/** An error page of a proxy says nothing more after this much. */
const SAID_CHARS_MAX = 300

/** Asking the same again gives the same, or makes it worse (429). */
const NEVER_AGAIN = [400, 401, 403, 404, 409, 410, 422, 429, 451]

export interface GitHubOptions {
  readonly token: string | undefined
  /** `https://api.github.com`, or the address of a GitHub Enterprise or a stand-in. */
  readonly apiUrl: string
  readonly fetch?: typeof globalThis.fetch
  /** Time limit of one try; for tests. */
  readonly callMs?: number
}

/** GitHub did not do what was asked; `status` is undefined when it could not be reached. */
export class GitHubError extends Error {
  override readonly name: string = 'GitHubError'
  readonly status: number | undefined

  constructor(message: string, status: number | undefined, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** GitHub asks to come back later: too many calls. */
export class GitHubWait extends GitHubError {
  override readonly name = 'GitHubWait'
  readonly seconds: number

  constructor(message: string, status: number, { seconds, ...options }: ErrorOptions & { seconds: number }) {
    super(message, status, options)
    this.seconds = seconds
  }
}

/** Make one call; `route` is such as `GET /repos/{owner}/{repo}`. Gives what stands in the answer. */
export type Call = (route: string, parameters: Record<string, unknown>) => Promise<unknown>

const Client = Octokit.plugin(retry, throttling)

/**
 * A caller for whoever the token belongs to.
 *
 * @throws {GitHubWait} from each call, when GitHub says that there were too many
 * @throws {GitHubError} from each call that does not end well
 */
export function caller({
  token,
  apiUrl,
  fetch = globalThis.fetch,
  callMs = CALL_MS_MAX,
}: GitHubOptions): Call {
  const client = new Client({
    baseUrl: apiUrl,
    userAgent: `openaddresses-machine/${manifest.version}`,
    ...(token === undefined ? {} : { auth: token }),
    request: { fetch: limited(fetch, callMs) },
    retry: { retries: RETRIES, doNotRetry: NEVER_AGAIN },
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })

  return async (route, parameters) => {
    // What is said is said again by the outbox, with the truth of then. The plugin counts its tries in this object: one
    // that all calls shared would make each later one wait longer. And it must not name a number where tries are
    // wanted, or answers that no second try changes are tried again as well.
    const request = route.startsWith('GET ') ? {} : { retries: 0 }
    try {
      const { data } = await client.request(route, { ...parameters, request })
      return data
    } catch (error) {
      throw explained(error, route)
    }
  }
}

/**
 * A fetch that gives up, and that gives back a whole answer or none: Octokit takes an answer that breaks
 * off for an empty one.
 */
function limited(fetch: typeof globalThis.fetch, ms: number): typeof globalThis.fetch {
  async function ask(url: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
    try {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ms) })
      const { status, headers } = answer
      const body = await answer.arrayBuffer()
      return new Response(body.byteLength === 0 ? null : body, { status, headers })
    } catch (error) {
      const isLate = error instanceof Error && error.name === 'TimeoutError'
      throw isLate ? new Error(`no answer within ${ms} ms`, { cause: error }) : error
    }
  }
  return ask as typeof globalThis.fetch
}

function explained(error: unknown, route: string): GitHubError {
  // Octokit says 500 of a server that it could not reach, too.
  const hasAnswered = responseOf(error) !== undefined
  const status = hasAnswered ? (error as { status: number }).status : undefined
  const all = error instanceof Error ? error.message : String(error)
  const said = all.replaceAll(/\s+/g, ' ').trim().slice(0, SAID_CHARS_MAX)
  const [method] = route.split(' ')
  const { url = route } = (error as { request?: { url?: string } }).request ?? {}
  const message = `${method} ${url}: ${status === undefined ? said : `${status} ${said}`}`
  const seconds = waitSeconds(error, status)
  if (status === undefined || seconds === undefined) return new GitHubError(message, status, { cause: error })
  return new GitHubWait(message, status, { seconds, cause: error })
}

/** How long GitHub asks to wait; undefined when it does not. */
function waitSeconds(error: unknown, status: number | undefined): number | undefined {
  if (status !== 403 && status !== 429) return undefined
  const headers = responseOf(error)?.headers ?? {}
  const after = Number(headers['retry-after'])
  if (after > 0) return Math.ceil(after)
  const reset = Number(headers['x-ratelimit-reset'])
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0) {
    return Math.max(1, Math.ceil(reset - Date.now() / 1000))
  }
  // A 403 alone means that the token may not do this, which no waiting changes.
  const isLimit = status === 429 || /rate limit|abuse/i.test(error instanceof Error ? error.message : '')
  return isLimit ? WAIT_SECONDS : undefined
}

function responseOf(error: unknown): { headers: Record<string, string | undefined> } | undefined {
  return (error as { response?: { headers: Record<string, string | undefined> } }).response
}
