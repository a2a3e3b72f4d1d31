/**
 * Limits of archives: a stranger's archive may not fill the disk, or take for ever.
 *
 * Honest data packs 50 to 1, a geodatabase full of zeros perhaps 200 to 1; the most that deflate can
 * do is 1,032 to 1, and only bombs do.
 */
import { SourceError } from '../../shared/problem.ts'

export interface ArchiveLimits {
  /** Unpacked, of all archives inside each other together. */
  readonly bytesMax: number
  /** Unpacked bytes for one packed byte … */
  readonly ratioMax: number
  /** … which counts only beyond this size. */
  readonly ratioFromBytes: number
  readonly filesMax: number
  /** Archives inside archives; the outermost is the first. */
  readonly depthMax: number
}

export const LIMITS: ArchiveLimits = {
  bytesMax: 200 * 1024 ** 3,
  ratioMax: 400,
  ratioFromBytes: 256 * 1024 ** 2,
  filesMax: 100_000,
  depthMax: 4,
}

export interface Unpacked {
  readonly bytes: number
  readonly packedBytes: number
}

/** @throws {SourceError} `archive-bomb` when this is more than an archive of data would hold */
export function assertSane({ bytes, packedBytes }: Unpacked, limits: ArchiveLimits): void {
  if (bytes > limits.bytesMax) {
    throw new SourceError('archive-bomb', `it holds more than ${limits.bytesMax} bytes`)
  }
  if (bytes > limits.ratioFromBytes && bytes > packedBytes * limits.ratioMax) {
    throw new SourceError('archive-bomb', `${packedBytes} bytes would become more than ${bytes}`)
  }
}
