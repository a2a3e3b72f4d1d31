/**
 * GitHub: what changed, what a file says, and what we say of a commit. Our words outwards, theirs inwards.
 *
 * Every call has a time limit. Being told to wait is an answer, not a sleep: whoever called decides what
 * to do meanwhile.
 *
 * Source: https://docs.github.com/en/rest
 */
import type { RepositoryName } from '../../shared/event.ts'
import { isObject, type JsonObject } from '../../shared/source.ts'
import { DESCRIPTION_LENGTH_MAX } from '../../shared/status.ts'
import { type Call, caller, GitHubError, type GitHubOptions, GitHubWait } from './github_call.ts'

/** The compare of two commits lists no more files than this, on any number of pages. */
const COMPARED_FILES_MAX = 300

/** These mean that the repository or the commit is gone, or hidden for good. */
const GONE: readonly (number | undefined)[] = [404, 410, 451]

/** A file that differs between two commits. */
export interface ChangedFile {
  readonly path: string
  readonly status: 'added' | 'modified' | 'removed' | 'renamed'
  /** Git blob sha in the newer commit; of a removed file, in the older. */
  readonly sha: string
  /** Where it was before; for renamed files only. */
  readonly previousPath?: string
}

/** What lies between two commits. */
export interface Comparison {
  /** The last commit that both have. */
  readonly mergeBase: string
  /** What differs between that and the newer one. */
  readonly files: ChangedFile[]
}

/** A file at a commit. */
export interface FileAtCommit {
  readonly content_b64: string
  /** Git blob sha. */
  readonly sha: string
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

/** All throw a `GitHubWait` when there were too many calls, and a `GitHubError` when GitHub fails or is away. */
export interface GitHub {
  /** Files that differ between the merge base of two commits (or branches) and the newer one, however many. */
  compare(repository: RepositoryName, base: string, head: string): Promise<Comparison>
  /** A file at a commit (or branch). Undefined when there is none at that path. */
  readFile(repository: RepositoryName, path: string, ref: string): Promise<FileAtCommit | undefined>
  /** All files at a commit (or branch): path → blob sha. */
  tree(repository: RepositoryName, ref: string): Promise<Map<string, string>>
  /** The sha of a branch, tag or shortened sha. Undefined when there is no such commit. */
  commit(repository: RepositoryName, ref: string): Promise<string | undefined>
  /** The name of the branch that counts. */
  defaultBranch(repository: RepositoryName): Promise<string>
  /** Whether a commit is on the default branch by now. */
  isMerged(repository: RepositoryName, sha: string): Promise<boolean>
  /** Say something of a commit. Too many calls, or a commit that takes no more, are outcomes here. */
  postStatus(repository: RepositoryName, sha: string, status: CommitStatus): Promise<PostOutcome>
}

/** GitHub under an address, for whoever a token belongs to. */
export function github(options: GitHubOptions): GitHub {
  const call = caller(options)

  /** Ask for something below a repository. */
  async function get(
    { owner, name: repo }: RepositoryName,
    path: string,
    parameters: Record<string, unknown> = {},
  ): Promise<unknown> {
    return await call(`GET /repos/{owner}/{repo}${path}`, { owner, repo, ...parameters })
  }

  async function tree(repository: RepositoryName, ref: string): Promise<Map<string, string>> {
    const answer = object(await get(repository, '/git/trees/{ref}', { ref, recursive: '1' }))
    // GitHub lists 100,000 entries or 7 MB: a hundred times the catalogue of sources.
    if (answer['truncated'] === true)
      throw new GitHubError(`the tree of ${ref} is larger than GitHub lists`, 200)
    const blobs = list(answer, 'tree').filter((entry) => entry['type'] === 'blob')
    return new Map(blobs.map((entry) => [text(entry, 'path'), text(entry, 'sha')]))
  }

  async function defaultBranch(repository: RepositoryName): Promise<string> {
    return text(object(await get(repository, '')), 'default_branch')
  }

  return {
    tree,
    defaultBranch,

    async compare(repository, base, head) {
      // The files come with the first page of commits, and of the commits none is needed.
      const compared = await get(repository, '/compare/{basehead}', {
        basehead: `${base}...${head}`,
        per_page: 1,
      })
      const { merge_base_commit: ancestor } = object(compared)
      const mergeBase = text(object(ancestor), 'sha')
      const files = list(object(compared), 'files').map(readChange)
      if (files.length < COMPARED_FILES_MAX) return { mergeBase, files }
      return { mergeBase, files: difference(await tree(repository, mergeBase), await tree(repository, head)) }
    },

    async readFile(repository, path, ref) {
      if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined
      const answer = await absentAsUndefined(get(repository, '/contents/{path}', { path, ref }))
      // A folder is answered with a list; links and submodules have types of their own.
      if (!isObject(answer) || answer['type'] !== 'file') return undefined
      const sha = text(answer, 'sha')
      if (answer['encoding'] === 'base64') return { content_b64: unwrapped(answer), sha }
      // Files over 1 MB come without their content here, and with it as a blob.
      return { content_b64: unwrapped(object(await get(repository, '/git/blobs/{sha}', { sha }))), sha }
    },

    async commit(repository, ref) {
      const answer = await absentAsUndefined(get(repository, '/commits/{ref}', { ref, per_page: 1 }))
      return answer === undefined ? undefined : text(object(answer), 'sha')
    },

    async isMerged(repository, sha) {
      const basehead = `${await defaultBranch(repository)}...${sha}`
      const { status } = object(await get(repository, '/compare/{basehead}', { basehead, per_page: 1 }))
      return status === 'behind' || status === 'identical'
    },

    postStatus: (repository, sha, status) => postStatus(call, { repository, sha, status }),
  }
}

async function postStatus(
  call: Call,
  given: { readonly repository: RepositoryName; readonly sha: string; readonly status: CommitStatus },
): Promise<PostOutcome> {
  const { owner, name: repo } = given.repository
  const { state, description, targetUrl, context } = given.status
  try {
    const answer = await call('POST /repos/{owner}/{repo}/statuses/{sha}', {
      owner,
      repo,
      sha: given.sha,
      state,
      description: cut(description),
      target_url: targetUrl,
      context,
    })
    // A redirect that turned the post into a read would be answered well, and nothing would be said.
    if (!isObject(answer) || answer['state'] !== state)
      throw new GitHubError('GitHub did not take the status', 200)
    return { kind: 'said' }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** What a failed post means for the next one. Throws what is only passing. */
function outcomeOf(error: unknown): PostOutcome {
  if (!(error instanceof GitHubError)) throw error
  const { status, message: why } = error
  if (error instanceof GitHubWait) return { kind: 'wait', seconds: error.seconds, why }
  if (status === 422) return { kind: 'refused', why, forEver: false }
  if (GONE.includes(status)) return { kind: 'refused', why, forEver: true }
  throw error
}

/** GitHub counts code points; half a pair would be none. */
function cut(description: string): string {
  const points = [...description]
  if (points.length <= DESCRIPTION_LENGTH_MAX) return description
  return `${points.slice(0, DESCRIPTION_LENGTH_MAX - 1).join('')}…`
}

function readChange(file: JsonObject): ChangedFile {
  const { status, previous_filename: previous } = file
  const known = status === 'added' || status === 'removed' || status === 'renamed' ? status : 'modified'
  const at = { path: text(file, 'filename'), status: known, sha: text(file, 'sha') } as const
  return typeof previous === 'string' ? { ...at, previousPath: previous } : at
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

/** 404 is how GitHub says that there is none; 422, that a sha is none of its own. */
async function absentAsUndefined(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GitHubError && (error.status === 404 || error.status === 422)) return undefined
    throw error
  }
}

/** Base64 comes in lines. */
function unwrapped(file: JsonObject): string {
  return text(file, 'content').replaceAll('\n', '')
}

function object(answer: unknown): JsonObject {
  if (isObject(answer)) return answer
  throw new GitHubError(`expected an object from GitHub, got ${typeof answer}`, 200)
}

function list(answer: JsonObject, key: string): JsonObject[] {
  const value = answer[key]
  if (Array.isArray(value)) return value.map(object)
  throw new GitHubError(`expected a list ${key} from GitHub, got ${typeof value}`, 200)
}

function text(answer: JsonObject, key: string): string {
  const value = answer[key]
  if (typeof value === 'string') return value
  throw new GitHubError(`expected a text ${key} from GitHub, got ${typeof value}`, 200)
}
