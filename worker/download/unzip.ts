/**
 * Zip: the members that are wanted, and of archives inside the archive as well.
 *
 * Nothing leaves the target folder, links are not made, and what is unpacked is bounded before the
 * first byte: by the sizes in the directory, to which the reader then holds each member.
 *
 * Source: processing.md §6.1.
 */
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { SourceError } from '../../shared/problem.ts'
import { type ArchiveLimits, assertSane } from './archive_limits.ts'
import type { StepOptions } from './cache.ts'
import { assertRoom } from './disk.ts'
import { every } from './progress.ts'
import { extractMember } from './unzip_member.ts'
import { isJunk, selectMembers, wantedNames } from './zip_members.ts'

export interface UnzipRequest {
  readonly archive: string
  /** An existing folder. */
  readonly target: string
  /** `conform.file`; undefined for everything. */
  readonly file: string | undefined
  readonly limits: ArchiveLimits
}

/** One archive of those that lie inside each other. */
interface Level {
  readonly archive: string
  readonly target: string
  readonly names: readonly string[] | undefined
  readonly depth: number
}

/** Unpacked so far, by all levels together. */
interface Total {
  bytes: number
  files: number
  /** Size of the outermost archive. */
  readonly packedBytes: number
  /** What was seen and not wanted, for the message. */
  readonly unwanted: string[]
}

/** The Unix file type of a symbolic link, in the upper half of a member's attributes. */
const LINK = 0o120000
const FILE_TYPE = 0o170000

/** So many names fit into a message. */
const NAMES_SHOWN = 20

/** What the reader says of a name that leads out of the folder. */
const UNSAFE = /^(?:absolute path|invalid relative path|invalid characters in fileName)/

/**
 * Unpack a zip.
 *
 * @returns paths of all files and of all `.gdb` folders, in alphabetical order
 * @throws {SourceError} one of the `archive-…`, or `no-such-file` with the names that there are
 */
export async function unzip(request: UnzipRequest, options: StepOptions): Promise<readonly string[]> {
  const { archive, target, file, limits } = request
  const { size } = await stat(archive)
  const total: Total = { bytes: 0, files: 0, packedBytes: size, unwanted: [] }
  const files = await level({ archive, target, names: wantedNames(file), depth: 1 }, total, {
    ...options,
    limits,
  })
  if (files.length === 0) throw new SourceError('no-such-file', missing(file, total.unwanted))
  return withGeodatabases(files, target)
}

type Options = StepOptions & { readonly limits: ArchiveLimits }

async function level(at: Level, total: Total, options: Options): Promise<string[]> {
  if (at.depth > options.limits.depthMax) {
    throw new SourceError(
      'archive-too-deep',
      `more than ${options.limits.depthMax} archives lie inside each other`,
    )
  }
  const zip = await opened(at.archive)
  try {
    const members = await listed(zip, options)
    const chosen = choose(members, at.names, total)
    await makeRoom(chosen, total, options)
    const paths = await extractAll(zip, chosen, { at, total, options })
    return await unpackInner(paths, { at, total, options })
  } finally {
    zip.close()
  }
}

async function opened(archive: string): Promise<ZipFile> {
  return await yauzl.openPromise(archive, { autoClose: false }).catch((error: unknown) => {
    throw broken(archive, error)
  })
}

/** All members that are data. A name that leads out of the folder is refused here by the reader. */
async function listed(zip: ZipFile, { limits, log }: Options): Promise<Map<string, Entry>> {
  if (zip.entryCount > limits.filesMax) {
    throw new SourceError('archive-bomb', `it holds ${zip.entryCount} files, more than ${limits.filesMax}`)
  }
  const members = new Map<string, Entry>()
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || isJunk(entry.fileName)) continue
      if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === LINK)
        log(`left out ${entry.fileName}, a link`)
      else members.set(entry.fileName, entry)
    }
  } catch (error) {
    throw broken('the archive', error)
  }
  return members
}

/** The wanted members; where there are none, the archives inside, one of which may have them. */
function choose(members: Map<string, Entry>, names: Level['names'], total: Total): Entry[] {
  const paths = [...members.keys()]
  const wanted = selectMembers(paths, names)
  if (wanted.length === 0) total.unwanted.push(...paths)
  const chosen = wanted.length > 0 ? wanted : paths.filter(isZip)
  return chosen.map((path) => members.get(path)!)
}

async function makeRoom(chosen: readonly Entry[], total: Total, { limits, folder }: Options): Promise<void> {
  const bytes = chosen.reduce((sum, entry) => sum + entry.uncompressedSize, 0)
  total.bytes += bytes
  total.files += chosen.length
  assertSane(total, limits)
  if (total.files > limits.filesMax) {
    throw new SourceError('archive-bomb', `it holds more than ${limits.filesMax} files`)
  }
  await assertRoom(folder, bytes, 'the unpacked data')
}

interface Work {
  readonly at: Level
  readonly total: Total
  readonly options: Options
}

async function extractAll(zip: ZipFile, chosen: readonly Entry[], { at, options }: Work): Promise<string[]> {
  const paths: string[] = []
  let bytes = 0
  const tell = every(() => options.tell({ stage: 'unpack', bytes }))
  for (const entry of chosen) {
    const path = join(at.target, entry.fileName)
    if (!path.startsWith(at.target + sep)) {
      throw new SourceError('archive-unsafe', `the file "${entry.fileName}" would lie outside`)
    }
    await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
      throw broken(entry.fileName, error)
    })
    await extractMember(zip, entry, { path, signal: options.signal })
    paths.push(path)
    bytes += entry.uncompressedSize
    tell.now()
  }
  tell.last()
  return paths
}

/** Archives inside are unpacked where they lie; of several in one folder each gets a folder of its own. */
async function unpackInner(paths: readonly string[], { at, total, options }: Work): Promise<string[]> {
  const archives = paths.filter(isZip)
  if (at.names === undefined) assertNoChoice(archives)
  const files = paths.filter((path) => !isZip(path))
  for (const archive of archives) {
    const folder = dirname(archive)
    const isAlone = archives.every((other) => other === archive || dirname(other) !== folder)
    const target = isAlone ? folder : join(folder, basename(archive).slice(0, -'.zip'.length))
    const packed = `${archive}.packed`
    await rename(archive, packed)
    await mkdir(target, { recursive: true })
    options.log(`unpacking ${relative(options.folder, archive)}, an archive inside the archive`)
    const names = selectsItself(archive, at) ? undefined : at.names
    files.push(...(await level({ archive: packed, target, names, depth: at.depth + 1 }, total, options)))
    await rm(packed)
  }
  return files
}

/** @throws {SourceError} `no-such-file`, when it would be chance which of several archives is read */
function assertNoChoice(archives: readonly string[]): void {
  const twin = archives.find((one) =>
    archives.some((other) => other !== one && dirname(other) === dirname(one)),
  )
  if (twin === undefined) return
  const names = archives.filter((one) => dirname(one) === dirname(twin)).map((one) => basename(one))
  throw new SourceError(
    'no-such-file',
    `"file" does not say which of the archives inside: ${names.join(', ')}`,
  )
}

/** Whether `file` names this very archive: then all of it is wanted. */
function selectsItself(archive: string, { target, names }: Level): boolean {
  const inside = relative(target, archive).split(sep).join('/')
  return names?.some((name) => name.endsWith('.zip')) === true && selectMembers([inside], names).length > 0
}

function isZip(path: string): boolean {
  return /\.zip$/i.test(path)
}

function withGeodatabases(files: readonly string[], target: string): readonly string[] {
  const folders = files.flatMap((path) => {
    const inside = relative(target, path).split(sep)
    const depth = inside.slice(0, -1).findIndex((part) => /\.gdb$/i.test(part))
    return depth === -1 ? [] : [join(target, ...inside.slice(0, depth + 1))]
  })
  return [...new Set([...files, ...folders])].sort()
}

function missing(file: string | undefined, names: readonly string[]): string {
  if (names.length === 0) return 'the archive is empty'
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
  return `"${file}"; there are ${shown}${more}`
}

function broken(what: string, error: unknown): SourceError {
  const message = error instanceof Error ? error.message : String(error)
  const code = UNSAFE.test(message) ? 'archive-unsafe' : 'archive-broken'
  return new SourceError(code, `${basename(what)}: ${message}`, { cause: error })
}
