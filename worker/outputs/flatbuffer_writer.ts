/**
 * FlatBuffers, written from front to back into memory that grows: tables whose fields are filled in
 * when what they point to is written.
 *
 * A table begins with the distance back to its vtable, in which the place of each field stands; texts,
 * vectors and tables are offsets forward. Places are aligned to the size of what stands there, counted
 * from where the buffer began.
 *
 * Source: flatbuffers.dev, "FlatBuffer internals".
 */

const START_BYTES = 64 * 1024
const VTABLE_HEAD_BYTES = 4
const OFFSET_BYTES = 4
const DOUBLE_BYTES = 8

/** Memory that is written to from front to back. */
export interface Page {
  bytes: Buffer
  /** Where the next byte goes. */
  at: number
  /** Where the buffer under way began. */
  base: number
}

/** A field of a table: its number, and how many bytes it has in the table. An offset has four. */
export type Field = readonly [number: number, size: 1 | 2 | 4 | 8]

/** A table that was begun: where each of its fields stands, by number. */
export type Table = ReadonlyMap<number, number>

export function newPage(): Page {
  return { bytes: Buffer.alloc(START_BYTES), at: 0, base: 0 }
}

/** Have room for so many more bytes. */
export function makeRoom(page: Page, bytes: number): void {
  if (page.at + bytes <= page.bytes.length) return
  const larger = Buffer.alloc(Math.max(2 * page.bytes.length, page.at + bytes))
  page.bytes.copy(larger, 0, 0, page.at)
  page.bytes = larger
}

/**
 * Begin a table: all its fields are zero.
 *
 * @param pointer  the place that points to it, set to do so
 * @param fields   in the order in which they stand; each size must fit its place without a gap
 */
export function beginTable(page: Page, pointer: number, fields: readonly Field[]): Table {
  const slots = fields.reduce((most, [number]) => Math.max(most, number + 1), 0)
  const inline = fields.reduce((sum, [, size]) => sum + size, OFFSET_BYTES)
  const vtableBytes = VTABLE_HEAD_BYTES + 2 * slots
  // The table begins four before a multiple of eight, so that fields of eight bytes may come first.
  alignBefore(page, vtableBytes + OFFSET_BYTES, DOUBLE_BYTES)
  makeRoom(page, vtableBytes + inline)
  const vtable = page.at
  const table = vtable + vtableBytes
  page.bytes.fill(0, vtable, table + inline)
  page.bytes.writeUInt16LE(vtableBytes, vtable)
  page.bytes.writeUInt16LE(inline, vtable + 2)
  page.bytes.writeInt32LE(vtableBytes, table)
  let offset = OFFSET_BYTES
  const places = new Map<number, number>()
  for (const [number, size] of fields) {
    page.bytes.writeUInt16LE(offset, vtable + VTABLE_HEAD_BYTES + 2 * number)
    places.set(number, table + offset)
    offset += size
  }
  page.at = table + inline
  page.bytes.writeUInt32LE(table - pointer, pointer)
  return places
}

/** Begin a vector. @returns where its first element goes; the caller fills it */
export function beginVector(page: Page, pointer: number, length: number, size: 1 | 4 | 8): number {
  alignBefore(page, OFFSET_BYTES, Math.max(size, OFFSET_BYTES))
  makeRoom(page, OFFSET_BYTES + length * size)
  page.bytes.writeUInt32LE(page.at - pointer, pointer)
  page.bytes.writeUInt32LE(length, page.at)
  const start = page.at + OFFSET_BYTES
  page.at = start + length * size
  return start
}

/** Write a text, which ends with a zero. */
export function writeText(page: Page, pointer: number, text: string): void {
  const bytes = Buffer.from(text)
  const start = beginVector(page, pointer, bytes.length, 1)
  makeRoom(page, 1)
  page.bytes.set(bytes, start)
  page.bytes[page.at] = 0
  page.at += 1
}

/** Write zeros until what comes after so many more bytes is aligned. */
export function alignBefore(page: Page, bytes: number, alignment: number): void {
  makeRoom(page, alignment)
  while ((page.at - page.base + bytes) % alignment !== 0) {
    page.bytes[page.at] = 0
    page.at += 1
  }
}
