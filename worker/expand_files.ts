/**
 * Files that differ → data sources that run, verdicts at once, and notes.
 *
 * A file is read at the head, and where it was there before at the merge base too, so that only what really differs
 * runs. What is no plain file (a link, a submodule) is left alone, with a note.
 */
import { createHash } from 'node:crypto'
import type { JobToExpand, SourceAt } from '../shared/db/expanding.ts'
import type { ChangedSourceFile, ExpandedSource, JobFinding } from '../shared/db/jobs.ts'
import { isSourceBy, type Rules } from '../shared/repositories.ts'
import { type SourceChange, sourceChange, sourceNames } from '../shared/source_change.ts'
import type { AtPath, ChangedFile, Comparison, GitHubReading } from './io/github_read.ts'

/** Files asked for at once. */
const READS_AT_ONCE = 8

/** What is left alone, in words. */
const NO_FILES = { symlink: 'a symbolic link', submodule: 'a submodule', folder: 'a folder' } as const

/** What became of the files of a job. */
export interface FilesRead {
  readonly sources: readonly ExpandedSource[]
  readonly files: readonly ChangedSourceFile[]
  readonly findings: readonly JobFinding[]
  readonly notes: readonly string[]
  /** Every data source that the files have now, and those that they have no more. */
  readonly known: readonly SourceAt[]
  readonly gone: readonly { readonly path: string; readonly layer: string; readonly name: string }[]
}

interface Given {
  readonly job: JobToExpand
  readonly rules: Rules
  readonly changes: Comparison
}

/** Read every source file that differs. */
export async function readFiles(github: GitHubReading, given: Given): Promise<FilesRead> {
  const touched = given.changes.files.flatMap((file) => asSource(given.rules, file))
  const read: FilesRead[] = []
  for (let at = 0; at < touched.length; at += READS_AT_ONCE) {
    const some = touched.slice(at, at + READS_AT_ONCE)
    read.push(...(await Promise.all(some.map((file) => readOne(github, given, file)))))
  }
  return {
    sources: read.flatMap(({ sources }) => sources),
    files: read.flatMap(({ files }) => files),
    findings: read.flatMap(({ findings }) => findings),
    notes: read.flatMap(({ notes }) => notes),
    known: read.flatMap(({ known }) => known),
    gone: read.flatMap(({ gone }) => gone),
  }
}

/** A change as it looks to who sees sources only: what moves out of them is removed, what moves in is added. */
function asSource(rules: Rules, file: ChangedFile): ChangedFile[] {
  const isSource = isSourceBy(rules, file.path)
  if (file.status !== 'renamed' || file.previousPath === undefined) return isSource ? [file] : []
  const wasSource = isSourceBy(rules, file.previousPath)
  if (isSource && wasSource) return [file]
  const { path, sha, previousPath } = file
  if (isSource) return [{ path, sha, status: 'added' }]
  return wasSource ? [{ path: previousPath, sha, status: 'removed' }] : []
}

async function readOne(github: GitHubReading, given: Given, file: ChangedFile): Promise<FilesRead> {
  if (file.status === 'removed') return removed(file)
  const found = await lookAtHead(github, given.job, file)
  if (found.kind !== 'file') return leftAlone(file, NO_FILES[found.kind])
  const bytes = Buffer.from(found.content_b64, 'base64')
  // GitHub answers a link with the file that it leads to, whose bytes are not those of the link.
  if (blobSha(bytes, file.sha.length) !== file.sha) return leftAlone(file, NO_FILES.symlink)

  const before = await bytesBefore(github, given, file)
  // Under another path it is another data source: its outputs are named after that.
  const change = sourceChange(file.status === 'renamed' ? undefined : before, bytes)
  return asFound(given.job, file, { change, before, content_b64: found.content_b64 })
}

/** What is at the path in the commit that is judged. */
async function lookAtHead(github: GitHubReading, job: JobToExpand, { path }: ChangedFile): Promise<AtPath> {
  const { repository, headRepository, commitSha } = job
  const isFork = headRepository.owner !== repository.owner || headRepository.name !== repository.name
  const found =
    (isFork ? await github.look(headRepository, path, commitSha) : undefined) ??
    // A fork may be gone by now; its commits are kept where the pull request is.
    (await github.look(repository, path, commitSha))
  if (found !== undefined) return found
  // It was in the comparison: to pass over it would be a lie, and to wait may help.
  throw new Error(`GitHub lists ${path} at ${commitSha.slice(0, 7)}, but does not have it`)
}

async function bytesBefore(
  github: GitHubReading,
  { job, changes }: Given,
  { status, path, previousPath = path, isOtherKind }: ChangedFile,
): Promise<Uint8Array | undefined> {
  if (status === 'added' || changes.mergeBase === undefined) return undefined
  if (isOtherKind && !(await github.isPlainFile(job.repository, path, changes.mergeBase))) return undefined
  const old = await github.look(job.repository, previousPath, changes.mergeBase)
  return old?.kind === 'file' ? Buffer.from(old.content_b64, 'base64') : undefined
}

interface Content {
  readonly change: SourceChange
  readonly before: Uint8Array | undefined
  readonly content_b64: string
}

function asFound(job: JobToExpand, file: ChangedFile, { change, before, content_b64 }: Content): FilesRead {
  const { path, sha, previousPath } = file
  const at = { source_path: path, source_id: sha }
  const failing = new Map(change.fails.map((fail) => [`${fail.layer}/${fail.name}`, fail]))
  const running = new Set(change.runs.map(({ layer, name }) => `${layer}/${name}`))
  const more = previousPath === undefined ? {} : { renamed_from: previousPath }
  const good = change.now
    .filter(({ layer, name }) => running.has(`${layer}/${name}`))
    .map(
      ({ layer, name }): ExpandedSource => ({
        ...at,
        ...more,
        layer,
        name,
        task: {
          set_id: null,
          name: path,
          layer,
          layersource: name,
          file_id: sha,
          commit_sha: job.commitSha,
          content_b64,
          render_preview: true,
          rerun: job.rerun,
        },
      }),
    )
  const bad = [...failing.values()].map(
    ({ layer, name, code, detail }): ExpandedSource => ({ ...at, layer, name, problem: code, detail }),
  )
  const gone = file.status === 'renamed' ? goneByMoving(before, change) : change.gone
  const note = noteOf(file, { gone, isUnchanged: good.length + bad.length === 0 })
  const isUnchanged = file.status === 'modified' && good.length + bad.length === 0
  return {
    sources: [...bad.filter(({ layer }) => layer === ''), ...inOrder(change, [...good, ...bad])],
    files: [
      {
        path,
        change: isUnchanged ? 'unchanged' : file.status,
        previous_path: file.status === 'renamed' ? (previousPath ?? null) : null,
        source_id: sha,
        data_sources: good.length + bad.length,
        note,
      },
    ],
    findings: change.findings.map(({ column, ...finding }) => ({ path, ...finding, col: column })),
    notes: note === null ? [] : [note],
    known: failing.has('/') ? [] : change.now.map(({ layer, name }) => ({ ...at, layer, name })),
    gone: gone.map(({ layer, name }) => ({ path, layer, name })),
  }
}

/** In the order of the file; the file itself has no place in it. */
function inOrder(change: SourceChange, sources: readonly ExpandedSource[]): ExpandedSource[] {
  const order = new Map(change.now.map(({ layer, name }, i) => [`${layer}/${name}`, i]))
  const place = ({ layer, name }: ExpandedSource) => order.get(`${layer}/${name}`) ?? order.size
  return sources.filter(({ layer }) => layer !== '').sort((one, other) => place(one) - place(other))
}

/** What a renamed file had before and has no more. */
function goneByMoving(before: Uint8Array | undefined, change: SourceChange): SourceChange['gone'] {
  if (before === undefined || change.fails.some(({ layer }) => layer === '')) return []
  const now = new Set(change.now.map(({ layer, name }) => `${layer}/${name}`))
  return sourceNames(before).filter(({ layer, name }) => !now.has(`${layer}/${name}`))
}

function noteOf(
  { path, status, previousPath }: ChangedFile,
  { gone, isUnchanged }: { readonly gone: SourceChange['gone']; readonly isUnchanged: boolean },
): string | null {
  const left = gone.map(({ layer, name }) => `${layer}/${name}`).join(', ')
  if (status === 'renamed') return `${path} was ${previousPath}: its history goes along`
  if (gone.length > 0) return `${path} has no ${left} any more: when this is merged, its data goes`
  return isUnchanged ? `${path} differs in nothing that its data sources depend on` : null
}

function removed({ path, sha }: ChangedFile): FilesRead {
  const note = `${path} is removed: when this is merged, its data goes`
  const file = {
    path,
    change: 'removed',
    previous_path: null,
    source_id: sha,
    data_sources: 0,
    note,
  } as const
  return { sources: [], files: [file], findings: [], notes: [note], known: [], gone: [] }
}

function leftAlone({ path, sha }: ChangedFile, what: string): FilesRead {
  const note = `${path} is ${what}, and no source: it was left alone`
  const file = {
    path,
    change: 'ignored',
    previous_path: null,
    source_id: sha,
    data_sources: 0,
    note,
  } as const
  return { sources: [], files: [file], findings: [], notes: [note], known: [], gone: [] }
}

/** What git calls these bytes, by SHA-1 or, in repositories that chose it, SHA-256. */
function blobSha(bytes: Uint8Array, length: number): string {
  return createHash(length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex')
}
