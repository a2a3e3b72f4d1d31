/**
 * A cache: the data of one source as it was downloaded, before anything is done to it.
 *
 * These are the words of this room: what a download is asked, and what it leaves on the disk.
 */
import type { Progress } from '../../shared/run.ts'
import type { Fence } from './guard.ts'
import type { Patience } from './retry.ts'
import { UNCHANGED, type Validators } from './validators.ts'

/** The data as downloaded. */
export interface Cache {
  readonly path: string
  readonly bytes: number
  /** MD5 of the file, in hex; the seed of every row's hash. */
  readonly fingerprint: string
  /** `.zip`, `.csv`, `.csv.gz`; `''` where nothing tells what it is. */
  readonly extension: string
  /** Then it is a CSV with the column `oa:geom`, whatever the conform calls its format. */
  readonly isEsri: boolean
  /** Rows written, where this room counts them: ESRI only. */
  readonly rows?: number
  /** By what the server will know it again; absent where it named nothing. */
  readonly validators?: Validators | undefined
}

/** What comes of a download: the data, or that it is what it was before. */
export type Downloaded = Cache | typeof UNCHANGED

/** What was downloaded, for those who had nothing to compare it with. */
export function whole(downloaded: Downloaded): Cache {
  if (downloaded !== UNCHANGED) return downloaded
  throw new Error('unchanged, and nobody said since when')
}

/** The name of a cache on the disk, `cache.zip`; of two extensions the last, as the original named it. */
export function cacheName(extension: string): string {
  return `cache${/\.[^.]*$/.exec(extension)?.[0] ?? ''}`
}

/** How to treat an ESRI server; every field has a default. */
export interface EsriManners {
  /** Pages asked for at once while all goes well. */
  readonly parallel?: number
  /** Rows asked for at once, at most; the server's own limit holds too. */
  readonly pageRowsMax?: number
  /** Wait this long after each page, out of politeness. */
  readonly pauseMs?: number
  /** Ask in this way first, whatever the server says it can do. */
  readonly strategy?: 'offset' | 'statistics' | 'ids' | 'envelopes'
  /** Take fewer rows than the server counted, saying so, instead of refusing them. */
  readonly acceptShort?: boolean
}

/** What every step of this room is given. */
export interface StepOptions {
  /** Files are written here; it exists, and is the run's own. */
  readonly folder: string
  readonly tell: (progress: Progress) => void
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

export interface DownloadOptions extends StepOptions, Fence {
  /** ESRI: the columns to keep, which are those that the conform refers to; null or absent keeps all. */
  readonly columns?: readonly string[] | null
  /** ESRI: the column with the latitude, for features without a geometry. */
  readonly lat?: string
  readonly lon?: string
  /** `request.headers` of the source. */
  readonly headers?: Readonly<Record<string, string>>
  readonly patience?: Partial<Patience>
  readonly esri?: EsriManners
  /** Of an earlier download of the same address, with the same columns: is it still that, nothing is fetched. */
  readonly earlier?: Validators
}
