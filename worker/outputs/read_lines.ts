/** Lines of a file as large pieces of whole lines, so that one disk read serves thousands of rows. */
import { createReadStream } from 'node:fs'
import type { Lines } from './output.ts'

const PIECE_BYTES = 1024 * 1024
const NEWLINE = 10

/** The lines of a file that ends with a line break; each piece is the caller's to keep. */
export async function* readLines(path: string): AsyncGenerator<Lines> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of createReadStream(path, { highWaterMark: PIECE_BYTES })) {
    const bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer])
    const end = bytes.lastIndexOf(NEWLINE) + 1
    rest = bytes.subarray(end)
    if (end > 0) yield { bytes: bytes.subarray(0, end), count: countOf(bytes, end) }
  }
}

function countOf(bytes: Buffer, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1 && at < end; at = bytes.indexOf(NEWLINE, at + 1)) count += 1
  return count
}
