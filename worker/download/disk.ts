/** The disk: looked at before it is filled, so that a run says so instead of dying of it. */
import { statfs } from 'node:fs/promises'
import { SourceError } from '../../shared/problem.ts'

/** Left free for everything else that lives on the disk. */
const RESERVE_BYTES = 64 * 1024 ** 2

/** @throws {SourceError} `disk-full` when so many more bytes do not fit beside a small reserve */
export async function assertRoom(folder: string, bytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = Number(bavail) * Number(bsize)
  if (bytes + RESERVE_BYTES <= free) return
  throw new SourceError('disk-full', `${what} takes ${sizeText(bytes)}, and ${sizeText(free)} are free`)
}

/** An error of a write as the problem it is, where the disk is full; otherwise the error itself. */
export function diskError(error: unknown, what: string): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new SourceError('disk-full', `while writing ${what}`, { cause: error })
}

/** `5.3 GB`: decimal units, as file managers show them. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${power === 0 ? bytes : (bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}
