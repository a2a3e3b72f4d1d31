/**
 * Sorting more than memory holds: records go into a buffer of fixed size, each full buffer sorted into a
 * file, and the files are merged. What is equal keeps its order.
 *
 * A record is a key of 32 bits and a text. Files are packed lightly: they are read once, and disk is what
 * large collections run short of. No more than `FAN_IN` files are ever open.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChunkReader, openChunk, writeChunk } from './chunk_file.ts'

/** Of text in memory; with keys and places a sorter takes about twice as much. */
const BUFFER_BYTES = 32 * 1024 ** 2

/** Records of a buffer at most; addresses have about 250 bytes. */
const BUFFER_RECORDS = 256 * 1024

/** Files that are merged at once. */
const FAN_IN = 64

/** Records are handed on in groups, since waiting for each would cost more than sorting it. */
const GROUP = 1_024

/** One record. */
export interface Keyed {
  readonly key: number
  readonly text: string
}

export interface Sorter {
  /** @param key  a whole number from 0 to 2^32 − 1 */
  add(key: number, text: string): Promise<void>
  /** All records by key, once; afterwards the sorter is empty and its files are gone. */
  sorted(): AsyncGenerator<readonly Keyed[]>
}

export interface SorterOptions {
  /** An existing folder for the files; whoever made it removes it. */
  readonly folder: string
  /** Part of the file names, where several sorters share a folder. */
  readonly name: string
  readonly bufferBytes?: number
  readonly fanIn?: number
}

/** A sorter with nothing in it. */
export function externalSorter({
  folder,
  name,
  bufferBytes = BUFFER_BYTES,
  fanIn = FAN_IN,
}: SorterOptions): Sorter {
  const buffer = openBuffer(bufferBytes)
  let files: string[] = []
  let made = 0

  function nextFile(): string {
    made += 1
    return join(folder, `${name}-${made}.chunk`)
  }

  async function spill(): Promise<void> {
    if (buffer.count() === 0) return
    const file = nextFile()
    files.push(file)
    await writeChunk(file, buffer.sorted())
    buffer.clear()
  }

  /** Files that lie side by side become one, until few enough are left. */
  async function reduce(): Promise<void> {
    while (files.length > fanIn) {
      const merged: string[] = []
      for (let at = 0; at < files.length; at += fanIn) {
        const group = files.slice(at, at + fanIn)
        const file = nextFile()
        await writeChunk(file, merge(group))
        for (const old of group) await rm(old)
        merged.push(file)
      }
      files = merged
    }
  }

  return {
    async add(key, text) {
      if (buffer.add(key, text)) return
      await spill()
      if (!buffer.add(key, text))
        throw new Error(`a record of ${text.length} characters is too long to be sorted`)
    },

    async *sorted() {
      if (files.length === 0) {
        yield* grouped(buffer.sorted())
        buffer.clear()
        return
      }
      await spill()
      await reduce()
      yield* grouped(merge(files))
      for (const file of files) await rm(file)
      files = []
    },
  }
}

/** One record as bytes. */
export interface SortRecord {
  readonly key: number
  readonly bytes: Uint8Array
}

interface RecordBuffer {
  /** False when it is full. */
  add(key: number, text: string): boolean
  count(): number
  sorted(): Generator<SortRecord>
  clear(): void
}

function openBuffer(bytesMax: number): RecordBuffer {
  const bytes = Buffer.allocUnsafe(bytesMax)
  const keys = new Uint32Array(BUFFER_RECORDS)
  const ends = new Uint32Array(BUFFER_RECORDS)
  let count = 0
  let used = 0

  return {
    add(key, text) {
      if (count === BUFFER_RECORDS || used + Buffer.byteLength(text) > bytesMax) return false
      used += bytes.write(text, used)
      keys[count] = key
      ends[count] = used
      count += 1
      return true
    },
    count: () => count,
    *sorted() {
      const order = Uint32Array.from({ length: count }, (_, index) => index)
      order.sort((a, b) => keys[a]! - keys[b]! || a - b)
      for (const at of order) {
        yield { key: keys[at]!, bytes: bytes.subarray(at === 0 ? 0 : ends[at - 1]!, ends[at]!) }
      }
    },
    clear() {
      count = 0
      used = 0
    },
  }
}

/** The records of sorted files in one order; of equal ones, those of the earlier file first. */
async function* merge(files: readonly string[]): AsyncGenerator<readonly SortRecord[]> {
  const readers: ChunkReader[] = []
  try {
    for (const file of files) readers.push(openChunk(file))
    const heap: number[] = []
    for (const [index, reader] of readers.entries()) if (await reader.next()) push(heap, index, readers)
    let group: SortRecord[] = []
    while (heap.length > 0) {
      const index = heap[0]!
      const reader = readers[index]!
      group.push(reader.record())
      const isMore = reader.isNextHere() ? reader.step() : await reader.next()
      if (!isMore) {
        const last = heap.pop()!
        if (heap.length > 0) heap[0] = last
      }
      if (heap.length > 0) sink(heap, readers)
      if (group.length < GROUP) continue
      yield group
      group = []
    }
    if (group.length > 0) yield group
  } finally {
    for (const reader of readers) reader.close()
  }
}

function isBefore(a: number, b: number, readers: readonly ChunkReader[]): boolean {
  const left = readers[a]!.record().key
  const right = readers[b]!.record().key
  return left < right || (left === right && a < b)
}

function push(heap: number[], index: number, readers: readonly ChunkReader[]): void {
  heap.push(index)
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1
    if (!isBefore(heap[at]!, heap[parent]!, readers)) return
    ;[heap[at], heap[parent]] = [heap[parent]!, heap[at]!]
    at = parent
  }
}

/** The first of the heap has changed: to its place with it. */
function sink(heap: number[], readers: readonly ChunkReader[]): void {
  for (let at = 0; ; ) {
    let least = at
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && isBefore(heap[child]!, heap[least]!, readers)) least = child
    }
    if (least === at) return
    ;[heap[at], heap[least]] = [heap[least]!, heap[at]!]
    at = least
  }
}

async function* grouped(
  records: Iterable<SortRecord> | AsyncIterable<readonly SortRecord[]>,
): AsyncGenerator<readonly Keyed[]> {
  if (Symbol.asyncIterator in records) {
    for await (const group of records) yield group.map(keyed)
    return
  }
  let group: Keyed[] = []
  for (const record of records) {
    group.push(keyed(record))
    if (group.length < GROUP) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

function keyed({ key, bytes }: SortRecord): Keyed {
  return { key, text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString() }
}
