/**
 * GitHub, read: what changed, what a file says, what pull requests and branches there are, who may do what.
 *
 * Nothing here decides; what is absent is `undefined`, and what GitHub does not tell is an error.
 *
 * Source: https://docs.github.com/en/rest
 */
import type { RepositoryName } from '../../shared/event.ts'
import { isObject, type JsonObject } from '../../shared/source.ts'
import { absentAsUndefined, list, object, text } from './github_answer.ts'
import { type Call, GitHubError } from './github_call.ts'
import { nameOf, type Pull, type PullComment, readComment, readPull } from './github_pulls.ts'
import { difference, wholeTree } from './github_tree.ts'

/** The compare of two commits lists no more files than this, on any number of pages. */
const COMPARED_FILES_MAX = 300

/** The files of a pull request are listed up to this number, over all pages. */
const PULL_FILES_MAX = 3_000

/** The largest page that GitHub gives. */
const PAGE_SIZE = 100

/** No list that is asked for here is longer: 20,000 branches, or open pull requests. */
const PAGES_MAX = 200

/** A file that differs between two commits. */
export interface ChangedFile {
  readonly path: string
  readonly status: 'added' | 'modified' | 'removed' | 'renamed'
  /** Git blob sha in the newer commit; of a removed file, in the older. */
  readonly sha: string
  /** Where it was before; for renamed files only. */
  readonly previousPath?: string
  /** Its kind or its mode changed: a link became a file, or the other way, or it may be executed now. */
  readonly isOtherKind?: boolean
}

/** What lies between two commits. */
export interface Comparison {
  /** The last commit that both have; undefined when their histories have nothing in common. */
  readonly mergeBase: string | undefined
  /** Whether the newer one has nothing that the older has not: it is merged already. */
  readonly isBehind: boolean
  /** What differs between that and the newer one. */
  readonly files: ChangedFile[]
}

/** A file at a commit. */
export interface FileAtCommit {
  readonly content_b64: string
  /** Git blob sha. */
  readonly sha: string
}

/** What is at a path: a file, or something that a source cannot be. */
export type AtPath =
  | ({ readonly kind: 'file' } & FileAtCommit)
  | { readonly kind: 'symlink' | 'submodule' | 'folder' }

/** What a repository says of itself. */
export interface RepositoryFacts extends RepositoryName {
  readonly id: number
  readonly defaultBranch: string
}

/** All throw a `GitHubWait` when there were too many calls, and a `GitHubError` when GitHub fails or is away. */
export interface GitHubReading {
  /**
   * Files that differ between the merge base of two commits (or branches) and the newer one, however many.
   *
   * @param pull  the pull request that this is: with it renames are found among more than 300 files, too
   */
  compare(repository: RepositoryName, base: string, head: string, pull?: Pull): Promise<Comparison>
  /** A file at a commit (or branch). Undefined when there is none at that path. */
  readFile(repository: RepositoryName, path: string, ref: string): Promise<FileAtCommit | undefined>
  /** Whatever is at a path. A link to a file is answered with that file, whose sha is then not the one of the link. */
  look(repository: RepositoryName, path: string, ref: string): Promise<AtPath | undefined>
  /** Whether there is a plain file at a path; a link is none, wherever it leads. */
  isPlainFile(repository: RepositoryName, path: string, ref: string): Promise<boolean>
  /** All files at a commit (or branch): path → blob sha. */
  tree(repository: RepositoryName, ref: string): Promise<Map<string, string>>
  /** The sha of a branch, tag or shortened sha. Undefined when there is no such commit. */
  commit(repository: RepositoryName, ref: string): Promise<string | undefined>
  /** The name of the branch that counts. */
  defaultBranch(repository: RepositoryName): Promise<string>
  /** What the repository is called now. Undefined when it is gone, or hidden. */
  repository(repository: RepositoryName): Promise<RepositoryFacts | undefined>
  /** Whether a commit is on the default branch by now. */
  isMerged(repository: RepositoryName, sha: string): Promise<boolean>
  /** Commits that are on one side only: in `head`, not in `base`; the first hundred. */
  commitsBetween(repository: RepositoryName, base: string, head: string): Promise<string[]>
  /** A pull request. Undefined when there is none of that number, or no such repository any more. */
  pull(repository: RepositoryName, number: number): Promise<Pull | undefined>
  /** All that are open, newest change first. */
  openPulls(repository: RepositoryName): Promise<Pull[]>
  /** Comments on pull requests that were written, or edited, since a time; oldest first. */
  commentsSince(repository: RepositoryName, since: Date): Promise<PullComment[]>
  /** Every branch with its tip. */
  branches(repository: RepositoryName): Promise<Map<string, string>>
  /** `admin`, `maintain`, `write`, `triage`, `read` or `none`. Throws where the token may not ask. */
  permission(repository: RepositoryName, login: string): Promise<string>
}

/** The reading half of GitHub, by a caller. */
export function reading(call: Call): GitHubReading {
  /** Ask for something below a repository. */
  async function get(
    { owner, name: repo }: RepositoryName,
    path: string,
    parameters: Record<string, unknown> = {},
  ): Promise<unknown> {
    return await call(`GET /repos/{owner}/{repo}${path}`, { owner, repo, ...parameters })
  }

  /** Every entry of a list that comes in pages, `max` at most. */
  async function all(
    repository: RepositoryName,
    path: string,
    { max = PAGES_MAX * PAGE_SIZE, ...parameters }: Record<string, unknown> & { max?: number },
  ): Promise<JsonObject[]> {
    const found: JsonObject[] = []
    for (let page = 1; found.length < max; page++) {
      const some = list(await get(repository, path, { ...parameters, per_page: PAGE_SIZE, page }))
      found.push(...some)
      if (some.length < PAGE_SIZE) break
    }
    return found
  }

  const treeOf = (repository: RepositoryName, ref: string) =>
    wholeTree((sha, recursive) =>
      get(repository, '/git/trees/{sha}', { sha, ...(recursive ? { recursive: '1' } : {}) }),
    )(ref)

  async function repository(name: RepositoryName): Promise<RepositoryFacts | undefined> {
    const answer = await absentAsUndefined(get(name, ''))
    if (answer === undefined) return undefined
    const facts = object(answer)
    return { ...nameOf(facts), id: Number(facts['id']), defaultBranch: text(facts, 'default_branch') }
  }

  async function defaultBranch(name: RepositoryName): Promise<string> {
    return text(object(await get(name, '')), 'default_branch')
  }

  async function look(where: RepositoryName, path: string, ref: string): Promise<AtPath | undefined> {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined
    const answer = await absentAsUndefined(get(where, '/contents/{path}', { path, ref }))
    if (answer === undefined) return undefined
    // A folder is answered with a list.
    if (!isObject(answer)) return { kind: 'folder' }
    if (answer['type'] === 'symlink' || answer['type'] === 'submodule') return { kind: answer['type'] }
    const sha = text(answer, 'sha')
    // Files over 1 MB come without their content here, and with it as a blob.
    const whole =
      answer['encoding'] === 'base64' ? answer : object(await get(where, '/git/blobs/{sha}', { sha }))
    // Base64 comes in lines.
    return { kind: 'file', content_b64: text(whole, 'content').replaceAll('\n', ''), sha }
  }

  return {
    tree: treeOf,
    defaultBranch,
    repository,
    look,

    async compare(where, base, head, pull) {
      const compared = await commonAncestor(
        // The files come with the first page of commits, and of the commits none is needed.
        get(where, '/compare/{basehead}', { basehead: `${base}...${head}`, per_page: 1 }),
      )
      // Nothing in common: everything that the head has and the base has not is new.
      if (compared === undefined)
        return {
          mergeBase: undefined,
          isBehind: false,
          files: difference(await treeOf(where, base), await treeOf(where, head)),
        }

      const mergeBase = text(object(compared['merge_base_commit']), 'sha')
      const isBehind = isContained(compared)
      const files = list(compared, 'files')
      if (files.length < COMPARED_FILES_MAX) return { mergeBase, isBehind, files: files.map(readChange) }

      const { number, changedFiles = Number.POSITIVE_INFINITY } = pull ?? {}
      if (number !== undefined && changedFiles <= PULL_FILES_MAX) {
        const listed = await all(where, '/pulls/{number}/files', { number, max: PULL_FILES_MAX })
        return { mergeBase, isBehind, files: listed.map(readChange) }
      }
      const [before, after] = [await treeOf(where, mergeBase), await treeOf(where, head)]
      return { mergeBase, isBehind, files: difference(before, after) }
    },

    async readFile(where, path, ref) {
      const found = await look(where, path, ref)
      if (found?.kind !== 'file') return undefined
      return { content_b64: found.content_b64, sha: found.sha }
    },

    async isPlainFile(where, path, ref) {
      // A link itself is seen in the list of its folder only.
      const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')))
      const answer = await absentAsUndefined(get(where, '/contents/{path}', { path: folder, ref }))
      if (!Array.isArray(answer)) return false
      return list(answer).some((entry) => entry['path'] === path && entry['type'] === 'file')
    },

    async commit(where, ref) {
      const answer = await absentAsUndefined(get(where, '/commits/{ref}', { ref, per_page: 1 }))
      return answer === undefined ? undefined : text(object(answer), 'sha')
    },

    async isMerged(where, sha) {
      const basehead = `${await defaultBranch(where)}...${sha}`
      const compared = await commonAncestor(get(where, '/compare/{basehead}', { basehead, per_page: 1 }))
      return compared !== undefined && isContained(compared)
    },

    async commitsBetween(where, base, head) {
      const basehead = `${base}...${head}`
      const asked = get(where, '/compare/{basehead}', { basehead, per_page: PAGE_SIZE })
      const compared = await absentAsUndefined(asked)
      return compared === undefined ? [] : list(compared, 'commits').map((commit) => text(commit, 'sha'))
    },

    async pull(where, number) {
      const answer = await absentAsUndefined(get(where, '/pulls/{number}', { number }))
      return answer === undefined ? undefined : readPull(object(answer))
    },

    async openPulls(where) {
      const how = { state: 'open', sort: 'updated', direction: 'desc' }
      return (await all(where, '/pulls', how)).map(readPull)
    },

    async commentsSince(where, since) {
      const how = { since: since.toISOString(), sort: 'updated', direction: 'asc' }
      return (await all(where, '/issues/comments', how)).flatMap(readComment)
    },

    async branches(where) {
      const found = await all(where, '/branches', {})
      return new Map(
        found.map((branch) => [text(branch, 'name'), text(object(branch['commit']), 'sha')] as const),
      )
    },

    async permission(where, username) {
      const asked = get(where, '/collaborators/{username}/permission', { username })
      const answer = await absentAsUndefined(asked)
      if (answer === undefined) return 'none'
      const { role_name: role, permission } = object(answer)
      // Roles that an organisation made have names of their own; then the old word is the one that says what they may.
      const known = ['admin', 'maintain', 'write', 'triage', 'read', 'none']
      return typeof role === 'string' && known.includes(role) ? role : `${permission ?? 'none'}`
    },
  }
}

/** A compare; undefined where the two have no common ancestor, which GitHub says as 404 too. */
async function commonAncestor(asked: Promise<unknown>): Promise<JsonObject | undefined> {
  try {
    return object(await asked)
  } catch (error) {
    const isUnrelated = error instanceof GitHubError && /no common ancestor/i.test(error.message)
    if (isUnrelated) return undefined
    throw error
  }
}

/** Whether the second of two that were compared has nothing of its own. */
function isContained({ status }: JsonObject): boolean {
  return status === 'behind' || status === 'identical'
}

function readChange(file: JsonObject): ChangedFile {
  const { status, previous_filename: previous } = file
  const known = status === 'added' || status === 'removed' || status === 'renamed' ? status : 'modified'
  const at = { path: text(file, 'filename'), sha: text(file, 'sha') }
  // A copy is a new file here: what it is a copy of stays where it is.
  if (status === 'copied') return { ...at, status: 'added' }
  if (status === 'changed') return { ...at, status: 'modified', isOtherKind: true }
  if (known !== 'renamed') return { ...at, status: known }
  return { ...at, status: 'renamed', previousPath: `${previous ?? at.path}` }
}
