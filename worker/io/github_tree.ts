/**
 * All files of a commit, and what differs between two such lists: for what a compare is too short for.
 *
 * GitHub gives a whole tree in one answer up to 100,000 entries or 7 MB. Beyond that it is walked folder by folder.
 */
import { list, object, text } from './github_answer.ts'
import { GitHubError } from './github_call.ts'
import type { ChangedFile } from './github_read.ts'

/** Folders asked for at once, when a tree has to be walked. */
const FOLDERS_AT_ONCE = 8

/** Ask for a tree, with all that is below it or without. */
type AskTree = (sha: string, recursive: boolean) => Promise<unknown>

/** Path → blob sha of every file at a commit (or branch); links are files too. */
export function wholeTree(ask: AskTree): (ref: string) => Promise<Map<string, string>> {
  async function walk(sha: string, prefix: string): Promise<[string, string][]> {
    const whole = object(await ask(sha, true))
    if (whole['truncated'] !== true) return blobsOf(whole, prefix)

    const folder = object(await ask(sha, false))
    // One folder of more than 100,000 files: no part of it may pass for the whole.
    if (folder['truncated'] === true)
      throw new GitHubError(`the folder ${prefix} is larger than GitHub lists`, 200)
    const entries = list(folder, 'tree')
    const found = blobsOf({ tree: entries }, prefix)
    const folders = entries.filter(({ type }) => type === 'tree')
    for (let at = 0; at < folders.length; at += FOLDERS_AT_ONCE) {
      const some = folders.slice(at, at + FOLDERS_AT_ONCE)
      const inside = await Promise.all(
        some.map((folder) => walk(text(folder, 'sha'), `${prefix}${text(folder, 'path')}/`)),
      )
      found.push(...inside.flat())
    }
    return found
  }

  return async (ref) => new Map(await walk(ref, ''))
}

function blobsOf(answer: Readonly<Record<string, unknown>>, prefix: string): [string, string][] {
  return list(answer, 'tree')
    .filter(({ type }) => type === 'blob')
    .map((entry) => [`${prefix}${text(entry, 'path')}`, text(entry, 'sha')])
}

/**
 * What a comparison would list, from two whole trees. A file that went and one that came with the same bytes are a
 * rename; one that was changed on its way is a removal and an addition here.
 */
export function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ChangedFile[] {
  const gone = new Map<string, string[]>()
  for (const [path, sha] of before) if (!after.has(path)) gone.set(sha, [...(gone.get(sha) ?? []), path])

  const changed = [...after].flatMap(([path, sha]): ChangedFile[] => {
    const old = before.get(path)
    if (old === sha) return []
    if (old !== undefined) return [{ path, sha, status: 'modified' }]
    const previousPath = gone.get(sha)?.shift()
    return [previousPath === undefined ? { path, sha, status: 'added' } : renamed(path, sha, previousPath)]
  })
  const removed = [...gone].flatMap(([sha, paths]) =>
    paths.map((path): ChangedFile => ({ path, sha, status: 'removed' })),
  )
  return [...changed, ...removed]
}

function renamed(path: string, sha: string, previousPath: string): ChangedFile {
  return { path, sha, status: 'renamed', previousPath }
}
