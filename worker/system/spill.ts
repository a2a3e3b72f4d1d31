/**
 * Records of some numbers each, apart in parts: in memory while they are few, on the disk when they are many.
 *
 * What is spilled by a hash can be looked at part by part later, each small enough to be held as a whole: sorting
 * without sorting. 64 parts of ten million rows are 156 thousand rows each.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A power of two, so that the last bits of a hash are a part. */
export const PARTS = 64

/** Records of each part in memory. */
const BUFFERED = 2_048

/** The next part may be a little larger than this one. */
const GROWTH = 1.1

/** Where records go. */
export interface Spill {
  /** What `room` gives a place in. */
  readonly numbers: Int32Array
  /** Where the numbers of a new record of a part are to be written, before anything else is asked of the spill. */
  room(part: number): number
  /** All records of a part, one after the other; good until the next part is asked for. */
  part(part: number): Int32Array
  /** Forget all, and remove what is on the disk. */
  close(): void
}

/**
 * @param folder  made when memory is not enough
 * @param width   numbers of a record
 */
export function openSpill(folder: string, width: number): Spill {
  const size = BUFFERED * width
  const numbers = new Int32Array(PARTS * size)
  const lengths = new Int32Array(PARTS)
  const files: (number | undefined)[] = []
  // One for all parts: as garbage they would pile up in Bun.
  let read = new Int32Array(0)

  function flush(part: number): void {
    if (files.length === 0) mkdirSync(folder, { recursive: true })
    files[part] ??= openSync(join(folder, `${part}`), 'w+')
    writeAll(files[part], new Uint8Array(numbers.buffer, 4 * part * size, 4 * lengths[part]!))
    lengths[part] = 0
  }

  return {
    numbers,

    room(part): number {
      if (lengths[part] === size) flush(part)
      const at = part * size + lengths[part]!
      lengths[part]! += width
      return at
    },

    part(part): Int32Array {
      if (files[part] === undefined) return numbers.subarray(part * size, part * size + lengths[part]!)
      flush(part)
      const length = fstatSync(files[part]).size / 4
      if (read.length < length) read = new Int32Array(Math.ceil(length * GROWTH))
      readAll(files[part], new Uint8Array(read.buffer, 0, 4 * length))
      return read.subarray(0, length)
    },

    close(): void {
      for (const file of files) if (file !== undefined) closeSync(file)
      files.length = 0
      lengths.fill(0)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function readAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(file, bytes, at, bytes.length - at, at)
    if (count === 0) throw new Error('what was spilled is gone')
    at += count
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
