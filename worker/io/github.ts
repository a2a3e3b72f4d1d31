/**
 * GitHub: what changed, what a file says, and what we say of a commit. Our words outwards, theirs inwards.
 *
 * Every call has a time limit. Being told to wait is an answer, not a sleep: whoever called decides what
 * to do meanwhile.
 */
import { Octokit } from '@octokit/core'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import manifest from '../../package.json' with { type: 'json' }
import type { RepositoryName } from '../../shared/event.ts'
import { DESCRIPTION_LENGTH_MAX } from '../../shared/status.ts'

/** GitHub answers within seconds, or not at all. */
const CALL_MS_MAX = 20_000

/** The compare of two commits lists no more files than this. */
const COMPARED_FILES_MAX = 300

/** How long to wait when GitHub says to, and does not say how long. */
const WAIT_SECONDS = 60

/** These mean that the repository or the commit is gone, or hidden for good. */
const GONE = [404, 410, 451]

/** A file that differs between two commits. */
export interface ChangedFile {
  readonly path: string
  readonly status: 'added' | 'modified' | 'removed' | 'renamed'
  /** Git blob sha in the newer commit; of a removed file, in the older. */
  readonly sha: string
  /** Where it was before; for renamed files only. */
  readonly previousPath?: string
}

/** What is said of a commit. */
export interface CommitStatus {
  readonly state: 'pending' | 'success' | 'failure' | 'error'
  /** Cut to what GitHub takes. */
  readonly description: string
  readonly targetUrl: string
  readonly context: string
}

/** What became of a post. */
export type PostOutcome =
  | { readonly kind: 'said' }
  | { readonly kind: 'wait'; readonly seconds: number; readonly why: string }
  /** Not this one; for ever when the commit is gone. */
  | { readonly kind: 'refused'; readonly why: string; readonly forEver: boolean }

export interface GitHub {
  /** Files that differ between the merge base of two commits (or branches) and the newer one, however many. */
  compare(
    repository: RepositoryName,
    base: string,
    head: string,
  ): Promise<{ mergeBase: string; files: ChangedFile[] }>
  /** A file at a commit: its bytes in base64, and its blob sha. Undefined when there is none. */
  readFile(
    repository: RepositoryName,
    path: string,
    ref: string,
  ): Promise<{ readonly content_b64: string; readonly sha: string } | undefined>
  /** Say something of a commit. Throws when GitHub fails or cannot be reached. */
  postStatus(repository: RepositoryName, sha: string, status: CommitStatus): Promise<PostOutcome>
}

export interface GitHubOptions {
  readonly token: string | undefined
  /** `https://api.github.com`, or the address of a GitHub Enterprise or a stand-in. */
  readonly apiUrl: string
  readonly fetch?: typeof globalThis.fetch
}

const Client = Octokit.plugin(retry, throttling)

/** GitHub under an address, for whoever a token belongs to. */
export function github({ token, apiUrl, fetch = globalThis.fetch }: GitHubOptions): GitHub {
  const client = new Client({
    baseUrl: apiUrl,
    userAgent: `openaddresses-machine/${manifest.version}`,
    ...(token === undefined ? {} : { auth: token }),
    request: { fetch: limited(fetch) },
    retry: { retries: 2 },
    throttle: { onRateLimit: () => false, onSecondaryRateLimit: () => false },
    log: { debug() {}, info() {}, warn() {}, error() {} },
  })

  async function get<Answer>(route: string, parameters: Record<string, unknown>): Promise<Answer> {
    try {
      const { data } = await client.request(`GET ${route}`, parameters)
      return data as Answer
    } catch (error) {
      throw explained(error, route)
    }
  }

  async function tree({ owner, name: repo }: RepositoryName, ref: string): Promise<Map<string, string>> {
    const { tree, truncated } = await get<{ tree: TreeEntry[]; truncated: boolean }>(
      '/repos/{owner}/{repo}/git/trees/{ref}',
      { owner, repo, ref, recursive: '1' },
    )
    if (truncated)
      throw new Error(`the tree of ${owner}/${repo} at ${ref} is larger than GitHub lists in one answer`)
    return new Map(tree.filter(({ type }) => type === 'blob').map(({ path, sha }) => [path, sha]))
  }

  return {
    async compare(repository, base, head) {
      const { owner, name: repo } = repository
      const compared = await get<Comparison>('/repos/{owner}/{repo}/compare/{basehead}', {
        owner,
        repo,
        basehead: `${base}...${head}`,
      })
      const mergeBase = compared.merge_base_commit.sha
      const files = (compared.files ?? []).map(readChange)
      if (files.length < COMPARED_FILES_MAX) return { mergeBase, files }
      return { mergeBase, files: difference(await tree(repository, mergeBase), await tree(repository, head)) }
    },

    async readFile({ owner, name: repo }, path, ref) {
      try {
        const { content, encoding, sha } = await get<FileContent>('/repos/{owner}/{repo}/contents/{+path}', {
          owner,
          repo,
          path: encodePath(path),
          ref,
        })
        if (encoding === 'base64') return { content_b64: content.replaceAll('\n', ''), sha }
        // Files over 1 MB come without their content here, and with it as a blob.
        const blob = await get<FileContent>('/repos/{owner}/{repo}/git/blobs/{sha}', { owner, repo, sha })
        return { content_b64: blob.content.replaceAll('\n', ''), sha }
      } catch (error) {
        if (statusOf((error as Error).cause) === 404) return undefined
        throw error
      }
    },

    async postStatus({ owner, name: repo }, sha, { state, description, targetUrl, context }) {
      try {
        await client.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
          owner,
          repo,
          sha,
          state,
          description: [...description].slice(0, DESCRIPTION_LENGTH_MAX).join(''),
          target_url: targetUrl,
          context,
          // The outbox tries again, with the truth of then.
          request: { retries: 0 },
        })
        return { kind: 'said' }
      } catch (error) {
        return outcomeOf(error)
      }
    },
  }
}

interface Comparison {
  readonly merge_base_commit: { readonly sha: string }
  readonly files?: readonly {
    readonly filename: string
    readonly status: string
    readonly sha: string
    readonly previous_filename?: string
  }[]
}

interface TreeEntry {
  readonly path: string
  readonly type: string
  readonly sha: string
}

interface FileContent {
  readonly content: string
  readonly encoding: string
  readonly sha: string
}

function readChange({
  filename,
  status,
  sha,
  previous_filename,
}: NonNullable<Comparison['files']>[number]): ChangedFile {
  const known = status === 'added' || status === 'removed' || status === 'renamed' ? status : 'modified'
  return {
    path: filename,
    status: known,
    sha,
    ...(previous_filename === undefined ? {} : { previousPath: previous_filename }),
  }
}

/** What a comparison would list, from two whole trees; a rename is a removal and an addition here. */
function difference(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ChangedFile[] {
  const changed = [...after].flatMap(([path, sha]): ChangedFile[] => {
    const old = before.get(path)
    if (old === sha) return []
    return [{ path, sha, status: old === undefined ? 'added' : 'modified' }]
  })
  const removed = [...before].flatMap(([path, sha]): ChangedFile[] =>
    after.has(path) ? [] : [{ path, sha, status: 'removed' }],
  )
  return [...changed, ...removed]
}

/** Slashes stay, everything else is escaped: source paths have umlauts, blanks and hashes. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

/** A fetch that gives up. */
function limited(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const ask = (url: Parameters<typeof fetch>[0], init?: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(CALL_MS_MAX) })
  return ask as typeof globalThis.fetch
}

/** What a failed post means for the next one. Throws what is only passing. */
function outcomeOf(error: unknown): PostOutcome {
  const status = statusOf(error)
  const why = `GitHub answered ${status}: ${messageOf(error)}`
  const wait = waitSeconds(error)
  if (wait !== undefined) return { kind: 'wait', seconds: wait, why }
  if (status === 422) return { kind: 'refused', why, forEver: false }
  if (status !== undefined && GONE.includes(status)) return { kind: 'refused', why, forEver: true }
  throw explained(error, 'POST statuses')
}

/** How long GitHub asks to wait; undefined when it does not. */
function waitSeconds(error: unknown): number | undefined {
  const status = statusOf(error)
  if (status !== 403 && status !== 429) return undefined
  const headers =
    (error as { response?: { headers?: Record<string, string | undefined> } }).response?.headers ?? {}
  const after = Number(headers['retry-after'])
  if (after > 0) return after
  const reset = Number(headers['x-ratelimit-reset'])
  if (headers['x-ratelimit-remaining'] === '0' && reset > 0)
    return Math.max(1, Math.ceil(reset - Date.now() / 1000))
  return status === 429 || /rate limit|abuse/i.test(messageOf(error)) ? WAIT_SECONDS : undefined
}

function explained(error: unknown, route: string): Error {
  const status = statusOf(error)
  const what = status === undefined ? messageOf(error) : `${status} ${messageOf(error)}`
  return new Error(`GitHub, ${route}: ${what}`, { cause: error })
}

function statusOf(error: unknown): number | undefined {
  const status = (error as { status?: unknown } | undefined)?.status
  return typeof status === 'number' ? status : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
