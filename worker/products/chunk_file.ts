/**
 * Files of sorted records: a key and a length of 32 bits each, then the text, packed by gzip at its quickest.
 *
 * A reader hands out records as they lie in its buffer, so most steps wait for nothing.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createGunzip, createGzip } from 'node:zlib'
import type { SortRecord } from './external_sort.ts'

const HEAD_BYTES = 8

/** Bytes that are packed at once. */
const PIECE_BYTES = 256 * 1024

/** Bytes that a reader asks the disk for at once; many readers are open together. */
const READ_BYTES = 64 * 1024

/** Write records, one by one or in groups, in the order in which they come. */
export async function writeChunk(
  file: string,
  records: Iterable<SortRecord> | AsyncIterable<readonly SortRecord[]>,
): Promise<void> {
  await pipeline(
    Readable.from(pieces(records), { objectMode: false }),
    createGzip({ level: constants.Z_BEST_SPEED, chunkSize: PIECE_BYTES }),
    createWriteStream(file),
  )
}

async function* pieces(
  records: Iterable<SortRecord> | AsyncIterable<readonly SortRecord[]>,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let bytes = 0
  for await (const some of records as AsyncIterable<SortRecord | readonly SortRecord[]>) {
    for (const record of Array.isArray(some) ? (some as readonly SortRecord[]) : [some as SortRecord]) {
      const head = Buffer.allocUnsafe(HEAD_BYTES)
      head.writeUInt32LE(record.key, 0)
      head.writeUInt32LE(record.bytes.length, 4)
      parts.push(head, record.bytes)
      bytes += HEAD_BYTES + record.bytes.length
      if (bytes < PIECE_BYTES) continue
      yield Buffer.concat(parts)
      parts = []
      bytes = 0
    }
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

export interface ChunkReader {
  /** Go to the next record. @returns false when there is none */
  next(): Promise<boolean>
  /** Whether the next record is in memory, so that `step` may be used. */
  isNextHere(): boolean
  /** Go to it without waiting. */
  step(): true
  /** The record at hand; its bytes are the reader's, and good for as long as anybody holds them. */
  record(): SortRecord
  close(): void
}

/** Read a file of sorted records. */
export function openChunk(file: string): ChunkReader {
  const source = createReadStream(file, { highWaterMark: READ_BYTES })
  const unpacked = createGunzip({ chunkSize: READ_BYTES })
  source.on('error', (error) => unpacked.destroy(error)).pipe(unpacked)
  const content = unpacked[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  let at = 0
  let current: SortRecord | undefined

  function lengthHere(): number | undefined {
    if (held.length - at < HEAD_BYTES) return undefined
    const length = HEAD_BYTES + held.readUInt32LE(at + 4)
    return held.length - at < length ? undefined : length
  }

  function step(): true {
    const length = lengthHere()!
    current = { key: held.readUInt32LE(at), bytes: held.subarray(at + HEAD_BYTES, at + length) }
    at += length
    return true
  }

  return {
    async next() {
      while (lengthHere() === undefined) {
        const { done, value } = await content.next()
        if (done) {
          if (at < held.length) throw new Error(`${file} ends in the middle of a record`)
          return false
        }
        held = at === held.length ? (value as Buffer) : Buffer.concat([held.subarray(at), value as Buffer])
        at = 0
      }
      return step()
    },
    isNextHere: () => lengthHere() !== undefined,
    step,
    record: () => current!,
    close() {
      source.destroy()
      unpacked.destroy()
    },
  }
}
