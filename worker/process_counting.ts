/**
 * Counting: what was downloaded against what was read of it.
 *
 * Bytes against Content-Length, rows against an ESRI server's count, and files against the directory of an archive are
 * counted where they come in (worker/download); rows that outputs were given, where they are closed (process_outputs.ts).
 */
import { SourceError } from '../shared/problem.ts'

/**
 * All rows that came must be rows that were read, whatever became of them.
 *
 * @param came  rows of the download; undefined where only reading it tells how many there are
 * @throws {SourceError} with both numbers
 */
export function assertAllRead(came: number | undefined, read: number): void {
  if (came === undefined || came === read) return
  throw new SourceError('conform-failed', `${came} rows were downloaded and ${read} were read`)
}
