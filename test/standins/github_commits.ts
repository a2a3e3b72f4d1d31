/** Histories for the GitHub stand-in: commits, branches, forks and merges, made with git itself. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { git, resolve } from './github_git.ts'
import type { Hub, Repository } from './github_hub.ts'

/** A file's new content; a link; another repository's commit; null when it is removed. */
export type FileChange =
  | string
  | Uint8Array
  | { readonly link: string }
  | { readonly submodule: string }
  | null

/** What a commit changes, path by path. */
export type Files = Readonly<Record<string, FileChange>>

export interface CommitOptions {
  /** The repository's default branch without it. A new branch starts from `from`. */
  readonly branch?: string
  readonly files: Files
  /** Branch or sha to build on: the branch itself without it, or the default branch where it is new. */
  readonly from?: string
  readonly message?: string
  /** Login of the author. */
  readonly author?: string
}

/** So many paths are handed to git at once. */
const PATHS_MAX = 400

/** The first commit's time. Each later one is a minute after the other, so that shas are always the same. */
const FIRST_COMMIT_SECONDS = Date.UTC(2026, 0, 1) / 1000

const ticks = new Map<string, number>()

/** Make an empty bare repository in a new temporary folder. */
export async function makeBare(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'machine-github-'))
  await git(dir, ['init', '--quiet', '--bare', '--initial-branch=main', '.'])
  return dir
}

/**
 * Commit to a branch, as a push of one commit does.
 *
 * @returns the new commit
 */
export async function commit(hub: Hub, repository: Repository, options: CommitOptions): Promise<string> {
  const { branch = repository.defaultBranch, files, message = 'Change', author = repository.owner } = options
  const start = options.from ?? ((await resolve(repository, branch)) === undefined ? undefined : branch)
  const parent =
    (await resolve(repository, start ?? repository.defaultBranch)) ??
    (repository.parent && (await resolve(repository.parent, start ?? repository.defaultBranch)))
  const { dir } = repository
  const work = await mkdtemp(join(tmpdir(), 'machine-work-'))
  const place = { GIT_DIR: dir, GIT_WORK_TREE: work, GIT_INDEX_FILE: join(work, '.index') }
  try {
    if (parent !== undefined) await git(work, ['read-tree', parent], place)
    await stage(work, files, place)
    const tree = await git(work, ['write-tree'], place)
    const sha = await commitTree(dir, {
      tree,
      parents: parent === undefined ? [] : [parent],
      message,
      author,
    })
    await moveBranch(hub, repository, branch, sha)
    return sha
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Merge a commit into a branch with a merge commit. Fails where git cannot merge by itself. */
export async function merge(
  hub: Hub,
  repository: Repository,
  { branch, sha, message, author }: { branch: string; sha: string; message: string; author: string },
): Promise<string> {
  const { dir } = repository
  const tip = await resolve(repository, branch)
  if (tip === undefined) throw new Error(`merge: no branch ${branch}`)
  const [tree] = (await git(dir, ['merge-tree', '--write-tree', tip, sha])).split('\n')
  const merged = await commitTree(dir, { tree: tree!, parents: [tip, sha], message, author })
  await moveBranch(hub, repository, branch, merged)
  return merged
}

/** Point a branch at a commit, new or old: a forced push. Open pull requests from it follow. */
export async function moveBranch(
  hub: Hub,
  repository: Repository,
  branch: string,
  sha: string,
): Promise<void> {
  await git(repository.dir, ['update-ref', `${repository.heads}/${branch}`, sha])
  for (const pull of hub.pulls) {
    if (pull.state === 'closed' || pull.head.repository !== repository || pull.head.branch !== branch)
      continue
    pull.head.sha = sha
    pull.base.sha = (await resolve(pull.base.repository, pull.base.branch)) ?? pull.base.sha
    await git(repository.dir, ['update-ref', `refs/pull/${pull.number}/head`, sha])
  }
}

/** Delete a branch; its commits stay. */
export async function deleteBranch(repository: Repository, branch: string): Promise<void> {
  await git(repository.dir, ['update-ref', '-d', `${repository.heads}/${branch}`])
}

async function commitTree(
  dir: string,
  given: { tree: string; parents: readonly string[]; message: string; author: string },
): Promise<string> {
  const tick = ticks.get(dir) ?? 0
  ticks.set(dir, tick + 1)
  const date = `${FIRST_COMMIT_SECONDS + tick * 60} +0000`
  const email = `${given.author}@users.noreply.github.com`
  const person = {
    GIT_AUTHOR_NAME: given.author,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: given.author,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  }
  const parents = given.parents.flatMap((parent) => ['-p', parent])
  return await git(dir, ['commit-tree', given.tree, ...parents, '-m', given.message], person)
}

async function stage(work: string, files: Files, place: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(files)
  const removed = entries.filter(([, change]) => change === null).map(([path]) => path)
  const written: string[] = []
  for (const [path, change] of entries) {
    if (change === null) continue
    if (isObject(change) && 'submodule' in change) {
      await git(work, ['update-index', '--add', '--cacheinfo', `160000,${change.submodule},${path}`], place)
      continue
    }
    await mkdir(dirname(join(work, path)), { recursive: true })
    if (isObject(change)) await symlink(change.link, join(work, path))
    else await writeFile(join(work, path), change)
    written.push(path)
  }
  // Removed first: a folder may have become a file, or a file a folder.
  for (const some of portions(removed))
    await git(work, ['update-index', '--force-remove', '--', ...some], place)
  for (const some of portions(written)) await git(work, ['update-index', '--add', '--', ...some], place)
}

function isObject(change: FileChange): change is { readonly link: string } | { readonly submodule: string } {
  return typeof change === 'object' && change !== null && !(change instanceof Uint8Array)
}

function portions(paths: readonly string[]): string[][] {
  const count = Math.ceil(paths.length / PATHS_MAX)
  return Array.from({ length: count }, (_, i) => paths.slice(i * PATHS_MAX, (i + 1) * PATHS_MAX))
}
