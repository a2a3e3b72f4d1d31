/** Git, as the GitHub stand-in asks it: what a repository holds, read out of a real one. */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../worker/system/spawn.ts'
import type { Repository } from './github_hub.ts'

/** Nothing that is configured on this computer changes what git does here. */
const ENVIRONMENT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C.UTF-8' }

/** What stands before the parent of a first commit. */
export const NO_SHA = '0'.repeat(40)

/** A commit as git knows it. */
export interface Commit {
  readonly sha: string
  readonly tree: string
  readonly parents: readonly string[]
  readonly author: { readonly name: string; readonly email: string; readonly date: string }
  readonly committer: { readonly name: string; readonly email: string; readonly date: string }
  readonly message: string
}

/** A file that differs between two commits. */
export interface Change {
  /** Under its new name. */
  readonly path: string
  readonly previous: string | undefined
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'changed'
  /** Blob; that of the old file where it was removed. */
  readonly sha: string
  readonly additions: number
  readonly deletions: number
}

/** One entry of a tree. */
export interface Entry {
  readonly path: string
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
  /** Bytes of a blob. */
  readonly size: number | undefined
}

/** Run git in a repository's folder; what it wrote, without the last line break. */
export async function git(
  dir: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  return await run('git', ['-c', 'core.quotePath=false', ...args], {
    cwd: dir,
    env: { ...ENVIRONMENT, ...env },
  })
}

/** The commit that a branch, tag, `refs/…` or (short) sha means in this repository; undefined when none. */
export async function resolve(repository: Repository, ref: string): Promise<string | undefined> {
  const tags = repository.heads.replace(/heads$/, 'tags')
  const full = ref.startsWith('refs/') ? [ref.replace(/^refs\/heads/, repository.heads)] : []
  const asSha = /^[0-9a-f]{7,40}$/.test(ref) ? [ref] : []
  const names = [...full, `${repository.heads}/${ref.replace(/^heads\//, '')}`, `${tags}/${ref}`, ...asSha]
  for (const name of names) {
    const found = await git(repository.dir, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(
      () => undefined,
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** All branches, by name. */
export async function branches(repository: Repository): Promise<{ name: string; sha: string }[]> {
  const format = '--format=%(objectname) %(refname)'
  const text = await git(repository.dir, ['for-each-ref', format, `${repository.heads}/`])
  return lines(text).map((line) => ({
    sha: line.slice(0, 40),
    name: line.slice(41 + repository.heads.length + 1),
  }))
}

/** The last commit that both have; undefined for unrelated histories. */
export async function mergeBase(dir: string, base: string, head: string): Promise<string | undefined> {
  return await git(dir, ['merge-base', base, head]).catch(() => undefined)
}

/** Commits in a range such as `base..head` or of one sha with `-1`, oldest first. */
export async function log(dir: string, range: readonly string[]): Promise<Commit[]> {
  const format = '--format=%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B'
  const text = await git(dir, ['log', '-z', '--reverse', '--topo-order', format, ...range])
  return text
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const [sha, tree, parents, an, ae, ad, cn, ce, cd, message] = record.split('\x1f')
      return {
        sha: sha!,
        tree: tree!,
        parents: parents === '' ? [] : parents!.split(' '),
        author: { name: an!, email: ae!, date: utc(ad!) },
        committer: { name: cn!, email: ce!, date: utc(cd!) },
        message: message!.trimEnd(),
      }
    })
}

/** What differs between two trees or commits, with renames found as GitHub finds them. */
export async function diff(dir: string, from: string, to: string): Promise<Change[]> {
  const options = ['--raw', '--numstat', '-z', '--no-abbrev', '--find-renames=50%']
  const tokens = (await git(dir, ['diff', ...options, from, to])).split('\0')
  const changes: Omit<Change, 'additions' | 'deletions'>[] = []
  const counts = new Map<string, { additions: number; deletions: number }>()
  for (let i = 0; i < tokens.length - 1; i++) {
    const token = tokens[i]!
    if (token.startsWith(':')) {
      const [oldMode, newMode, oldSha, newSha, letter] = token.slice(1).split(' ')
      const previous = letter!.startsWith('R') ? tokens[++i] : undefined
      const status = statusOf(letter!, oldSha === newSha && oldMode !== newMode)
      changes.push({ path: tokens[++i]!, previous, status, sha: letter === 'D' ? oldSha! : newSha! })
    } else {
      // Binary files have hyphens instead of numbers; a renamed one has its two names behind it.
      const [additions, deletions, path] = token.split('\t')
      const name = path === '' ? tokens[i + 2]! : path!
      if (path === '') i += 2
      counts.set(name, { additions: Number(additions) || 0, deletions: Number(deletions) || 0 })
    }
  }
  return changes.map((change) => ({ additions: 0, deletions: 0, ...change, ...counts.get(change.path) }))
}

/** The entries of a tree, commit, or `commit:folder`. */
export async function tree(dir: string, treeish: string, recursive = false): Promise<Entry[]> {
  const text = await git(dir, ['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), treeish])
  return text
    .split('\0')
    .filter((record) => record !== '')
    .map((record) => {
      const [head, path] = [record.slice(0, record.indexOf('\t')), record.slice(record.indexOf('\t') + 1)]
      const [mode, type, sha, size] = head.split(/ +/)
      return {
        path,
        mode: mode!,
        type: type as Entry['type'],
        sha: sha!,
        size: size === '-' ? undefined : Number(size),
      }
    })
}

/** The bytes of a blob; undefined when there is no such blob. */
export async function blob(dir: string, sha: string): Promise<Buffer | undefined> {
  // Unpacked into a file, because a pipe of lines would not keep the bytes.
  const name = await git(dir, ['unpack-file', sha]).catch(() => undefined)
  if (name === undefined) return undefined
  const path = join(dir, name)
  try {
    return await readFile(path)
  } finally {
    await rm(path, { force: true })
  }
}

function statusOf(letter: string, isModeOnly: boolean): Change['status'] {
  if (letter === 'A') return 'added'
  if (letter === 'D') return 'removed'
  if (letter.startsWith('R')) return 'renamed'
  return letter === 'T' || isModeOnly ? 'changed' : 'modified'
}

function utc(date: string): string {
  return `${new Date(date).toISOString().slice(0, 19)}Z`
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
