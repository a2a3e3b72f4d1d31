/**
 * Keys of rows, apart by their last bits: in memory while they are few, on the disk when they are many.
 *
 * Ten million rows are 80 MB on the disk and 2 MB here; a part of them, which is read back as a whole, is 1.3 MB.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const PARTS = 64

/** Numbers of 32 bits, two a key. */
const BUFFER_NUMBERS = 8_192

/** Where keys go. */
export interface KeySpill {
  put(a: number, b: number): void
  /** The keys of each part, as pairs, one part after the other. */
  parts(): Generator<Int32Array>
  /** Forget all, and remove what is on the disk. */
  close(): void
}

/** @param folder  made when memory is not enough */
export function openKeySpill(folder: string): KeySpill {
  const buffers = Array.from({ length: PARTS }, () => new Int32Array(BUFFER_NUMBERS))
  const lengths = new Int32Array(PARTS)
  const files: (number | undefined)[] = []

  function flush(part: number): void {
    if (files.length === 0) mkdirSync(folder, { recursive: true })
    files[part] ??= openSync(join(folder, `${part}`), 'w')
    const { buffer } = buffers[part]!
    writeAll(files[part], new Uint8Array(buffer, 0, 4 * lengths[part]!))
    lengths[part] = 0
  }

  return {
    put(a, b): void {
      const part = a & (PARTS - 1)
      const at = lengths[part]!
      const buffer = buffers[part]!
      buffer[at] = a
      buffer[at + 1] = b
      lengths[part] = at + 2
      if (at + 2 === BUFFER_NUMBERS) flush(part)
    },

    *parts(): Generator<Int32Array> {
      for (let part = 0; part < PARTS; part++) {
        if (files[part] === undefined) {
          yield buffers[part]!.subarray(0, lengths[part])
          continue
        }
        flush(part)
        const bytes = readFileSync(join(folder, `${part}`))
        yield new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      }
    },

    close(): void {
      for (const file of files) if (file !== undefined) closeSync(file)
      files.length = 0
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
