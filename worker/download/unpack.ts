/**
 * Unpack: from a cache to the files that a format can be read from.
 *
 * Table: compression → function. Where the source names no compression, or another one than the file
 * has, the file itself is believed and the log says so.
 *
 * Source: processing.md §6.1; §13 #6.
 */
import { copyFile, link, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SourceError } from '../../shared/problem.ts'
import { type ArchiveLimits, LIMITS } from './archive_limits.ts'
import type { Cache, StepOptions } from './cache.ts'
import { gunzip } from './gunzip.ts'
import { headOf, kindOf } from './sniff.ts'
import { unzip } from './unzip.ts'

export interface UnpackOptions extends StepOptions {
  readonly limits?: Partial<ArchiveLimits>
}

const COMPRESSIONS = ['zip', 'gzip'] as const
type Compression = (typeof COMPRESSIONS)[number]

/**
 * Unpack a cache into the folder `data` of the run's folder.
 *
 * @param compression  as the source writes it, in any case; undefined or empty where it names none
 * @param file  `conform.file`: of a zip only this is unpacked, with what belongs to it
 * @returns paths of all files, and of all folders that are geodatabases, in alphabetical order
 */
export async function unpack(
  cache: Cache,
  compression: string | undefined,
  file: string | undefined,
  options: UnpackOptions,
): Promise<readonly string[]> {
  const named = nameOf(compression)
  if (cache.isEsri) return [cache.path]

  const kind = kindOf(await headOf(cache.path))
  const found = kind === 'zip' || kind === 'gzip' ? kind : undefined
  if (named !== found) options.log(disagreement(named, found))

  const target = join(options.folder, 'data')
  await mkdir(target, { recursive: true })
  const limits = { ...LIMITS, ...options.limits }
  // Without its signature a zip may still open: some begin with a program that unpacks them.
  if (found === 'zip' || (found === undefined && named === 'zip')) {
    return unzip({ archive: cache.path, target, file, limits }, options)
  }
  if (found === 'gzip') {
    return [await gunzip(cache.path, join(target, innerName(cache)), { ...options, limits })]
  }
  return [named === 'gzip' ? await withoutGz(cache, target) : cache.path]
}

function nameOf(compression: string | undefined): Compression | undefined {
  const lower = (compression ?? '').trim().toLowerCase()
  if (lower === '') return undefined
  const known = COMPRESSIONS.find((name) => name === lower)
  if (known !== undefined) return known
  throw new SourceError('unknown-compression', `"${compression}", known are ${COMPRESSIONS.join(' and ')}`)
}

function disagreement(named: string | undefined, found: string | undefined): string {
  if (named === undefined) return `the source names no compression, but the data is ${found}: unpacking it`
  return `the source says ${named}, but the data is ${found ?? 'not packed'}: going by the data`
}

/** What was unpacked on its way already keeps its inner name. */
async function withoutGz(cache: Cache, target: string): Promise<string> {
  if (!/\.gz$/i.test(cache.extension)) return cache.path
  const inner = join(target, innerName(cache))
  await link(cache.path, inner).catch(() => copyFile(cache.path, inner))
  return inner
}

/** `cache.csv` of what came as `.csv.gz`. */
function innerName({ extension }: Cache): string {
  return `cache${extension.replace(/\.gz$/i, '')}`
}
