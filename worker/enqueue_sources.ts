/**
 * `enqueue-sources`: a repository → a set.
 *
 * One commit, its tree and its files in a handful of calls, and one transaction that holds the whole manifest or none of
 * it. From then on the set goes by itself: the drip of `dequeue` releases it bit by bit, and it ends with its last run.
 * A file that cannot be read as a source is a failed run of the set, never the end of it.
 */
import { createHash } from 'node:crypto'
import { makeSet, readClock, readKnownSeconds, readRunningSet, type SetSource } from '../shared/db/sets.ts'
import type { Sql } from '../shared/db/sql.ts'
import type { RepositoryName } from '../shared/event.ts'
import { entriesOf, inOrderOfRelease } from '../shared/set.ts'
import { isSourcePath } from '../shared/source.ts'
import type { GitHub } from './io/github.ts'
import type { Archive, Files } from './io/github_archive.ts'

/** What a tarball lacks is asked for file by file; a repository that keeps its sources out of tarballs is not ours. */
const SINGLE_READS_MAX = 200

/** What enqueueing needs. */
export interface Enqueueing {
  readonly sql: Sql
  readonly github: Pick<GitHub, 'repository' | 'commit' | 'tree' | 'readFile'>
  readonly archive: Archive
  /** Hears what is being done. */
  readonly tell: (deed: string) => void
}

/** What is to be enqueued. */
export interface EnqueueOptions {
  readonly repository: RepositoryName
  /** A branch; the default branch when undefined. */
  readonly ref?: string | undefined
  /** Also beside a set of the same repository that still goes. */
  readonly anyway: boolean
  /** Run what has a recent good result, too. */
  readonly rerun: boolean
  /** Look, but make no set. */
  readonly dryRun: boolean
}

/** What became of it. */
export interface Enqueued {
  readonly outcome: 'enqueued' | 'looked' | 'not twice'
  /** The set that was made; of `not twice`, the one that still goes. */
  readonly set: number | null
  readonly owner: string
  readonly repository: string
  readonly commit: string | null
  readonly files: number
  readonly sources: number
  /** Files that cannot be read as a source. */
  readonly broken: number
}

/**
 * Make a set of all sources of a branch.
 *
 * @throws {Error} when there is no such repository or branch, or no source in it
 */
export async function enqueueSources(enqueueing: Enqueueing, options: EnqueueOptions): Promise<Enqueued> {
  const { sql, github, tell } = enqueueing
  const { anyway, rerun, dryRun, ref } = options
  const readAt = await readClock(sql)
  const facts = await github.repository(options.repository)
  const asked = `${options.repository.owner}/${options.repository.name}`
  if (facts === undefined)
    throw new Error(`there is no repository ${asked}, or the GITHUB_TOKEN may not see it`)
  const { owner, name: repository, defaultBranch } = facts
  const nothing = { owner, repository, commit: null, files: 0, sources: 0, broken: 0 }

  const running = await readRunningSet(sql, owner, repository)
  if (running !== undefined && !anyway && !dryRun) return { ...nothing, outcome: 'not twice', set: running }

  const branch = ref?.replace(/^refs\/heads\//, '') ?? defaultBranch
  const commitSha = await github.commit(facts, branch)
  if (commitSha === undefined) throw new Error(`there is no branch ${branch} in ${owner}/${repository}`)
  tell(`reading ${owner}/${repository} at ${commitSha.slice(0, 7)}`)
  const files = await readFiles(enqueueing, facts, commitSha)
  if (files.length === 0) throw new Error(`there is no source in ${owner}/${repository} at ${commitSha}`)

  tell(`putting ${files.length} files in order`)
  const listed = files.flatMap((file) => sourcesOf(file, { commitSha, rerun }))
  const seconds = await readKnownSeconds(sql, listed)
  const sources = inOrderOfRelease(
    listed.map((source, at) => ({ ...source, expected_seconds: seconds[at] ?? null })),
  )
  const broken = sources.filter((source) => 'problem' in source).length
  const found = {
    ...nothing,
    commit: commitSha,
    files: files.length,
    sources: sources.length - broken,
    broken,
  }
  if (dryRun) return { ...found, outcome: 'looked', set: null }

  tell(`writing the manifest of ${sources.length} data sources`)
  const isMerged = branch === defaultBranch
  const set = { owner, repository, ref: isMerged ? null : branch, commitSha, isMerged, readAt, sources }
  const made = await makeSet(sql, set, { anyway })
  if ('running' in made) return { ...nothing, outcome: 'not twice', set: made.running }
  return { ...found, outcome: 'enqueued', set: made.id }
}

/** A file below `sources/`; its bytes, or why there are none. */
export interface SourceFile {
  readonly path: string
  /** Git blob sha. */
  readonly sha: string
  readonly bytes: Uint8Array | string
}

/** Every source file of a commit. The tree says which there are, the tarball what is in them. */
async function readFiles(
  { github, archive, tell }: Enqueueing,
  repository: RepositoryName,
  commitSha: string,
): Promise<SourceFile[]> {
  const [tree, packed] = await Promise.all([
    github.tree(repository, commitSha),
    archive.read(repository, commitSha, {
      isWanted: isSourcePath,
      tell: (bytes) => tell(`reading files: ${(bytes / 1e6).toFixed(1)} MB`),
    }),
  ])
  const paths = [...tree].filter(([path]) => isSourcePath(path))
  // Links are not in the tarball as files, and an attribute of the repository may keep a file out or change it.
  const missing = paths.filter(([path, sha]) => !isSame(packed, path, sha))
  if (missing.length > SINGLE_READS_MAX)
    throw new Error(
      `${missing.length} of ${paths.length} sources at ${commitSha} are not in the tarball as they are in the tree`,
    )
  const read = new Map<string, Uint8Array | string>()
  for (const [path] of missing) {
    const file = await github.readFile(repository, path, commitSha)
    read.set(path, file === undefined ? 'it is a link, or a folder' : Buffer.from(file.content_b64, 'base64'))
  }
  return paths.map(([path, sha]) => ({ path, sha, bytes: read.get(path) ?? packedFile(packed, path) }))
}

function isSame(packed: Files, path: string, sha: string): boolean {
  if (!packed.has(path)) return false
  const bytes = packed.get(path)
  return bytes === undefined || blobSha(bytes) === sha
}

function packedFile(packed: Files, path: string): Uint8Array | string {
  return packed.get(path) ?? 'it is larger than a source may be'
}

/** What git calls these bytes. */
export function blobSha(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
}

/** The data sources of one file; what is wrong with it where it is not a source. */
export function sourcesOf(
  { path, sha, bytes }: SourceFile,
  { commitSha, rerun }: { readonly commitSha: string; readonly rerun: boolean },
): SetSource[] {
  const at = { source_path: path, source_id: sha, expected_seconds: null }
  const entries = typeof bytes === 'string' ? bytes : entriesOf(bytes)
  if (typeof entries === 'string' || typeof bytes === 'string')
    return [{ ...at, layer: '', name: '', problem: 'source-invalid', detail: `${entries}` }]

  const content_b64 = Buffer.from(bytes).toString('base64')
  return entries.map(({ layer, name }) => ({
    ...at,
    layer,
    name,
    task: {
      job_id: null,
      name: path,
      layer,
      layersource: name,
      file_id: sha,
      commit_sha: commitSha,
      content_b64,
      render_preview: false,
      rerun,
    },
  }))
}
