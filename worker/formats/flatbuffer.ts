/**
 * FlatBuffers: tables of fields at offsets, read in place.
 *
 * A table begins with the distance back to its vtable; that holds, for each field by its number, where in
 * the table it stands, or 0 when it is absent. What is not inline (texts, vectors, other tables) is an
 * offset forward. Numbers are little-endian.
 *
 * Source: flatbuffers.dev, "FlatBuffer internals".
 */

/** A vtable begins with its own size and the table's. */
const VTABLE_HEAD_BYTES = 4

/** A vector begins with how many there are; an offset is as wide. */
const UINT_BYTES = 4

/** A vector: where its first element stands, and how many there are. */
export interface Vector {
  readonly start: number
  readonly length: number
}

const NONE: Vector = { start: 0, length: 0 }

/** Where a field stands; 0 when the table does not have it. */
function fieldAt(bytes: Buffer, table: number, field: number): number {
  const vtable = table - bytes.readInt32LE(table)
  const slot = VTABLE_HEAD_BYTES + 2 * field
  if (slot >= bytes.readUInt16LE(vtable)) return 0
  const offset = bytes.readUInt16LE(vtable + slot)
  return offset === 0 ? 0 : table + offset
}

/** The same in a view, for readers of numbers that make no object for each table. */
export function fieldIn(view: DataView, table: number, field: number): number {
  const vtable = table - view.getInt32(table, true)
  const slot = VTABLE_HEAD_BYTES + 2 * field
  if (slot >= view.getUint16(vtable, true)) return 0
  const offset = view.getUint16(vtable + slot, true)
  return offset === 0 ? 0 : table + offset
}

/** The first element of a vector, which stands behind its length; 0 where the table does not have it. */
export function vectorIn(view: DataView, table: number, field: number): number {
  const at = fieldIn(view, table, field)
  return at === 0 ? 0 : at + view.getUint32(at, true) + UINT_BYTES
}

/** A vector; the empty one where it is absent. */
export function vectorAt(bytes: Buffer, table: number, field: number): Vector {
  const at = fieldAt(bytes, table, field)
  if (at === 0) return NONE
  const vector = at + bytes.readUInt32LE(at)
  return { start: vector + UINT_BYTES, length: bytes.readUInt32LE(vector) }
}

/** Tables: those of a vector, or the one that the field is. */
export function tablesAt(
  bytes: Buffer,
  table: number,
  field: number,
  how: 'many' | 'one' = 'many',
): number[] {
  if (how === 'one') {
    const at = fieldAt(bytes, table, field)
    return at === 0 ? [] : [at + bytes.readUInt32LE(at)]
  }
  const { start, length } = vectorAt(bytes, table, field)
  return Array.from({ length }, (_, index) => {
    const at = start + UINT_BYTES * index
    return at + bytes.readUInt32LE(at)
  })
}

/** The bytes of a vector of bytes, in place. */
export function bytesAt(bytes: Buffer, table: number, field: number): Buffer {
  const { start, length } = vectorAt(bytes, table, field)
  return bytes.subarray(start, start + length)
}

export function textAt(bytes: Buffer, table: number, field: number): string {
  return bytesAt(bytes, table, field).toString('utf8')
}

export function u8At(bytes: Buffer, table: number, field: number): number {
  const at = fieldAt(bytes, table, field)
  return at === 0 ? 0 : (bytes[at] ?? 0)
}

export function flagAt(bytes: Buffer, table: number, field: number): boolean {
  return u8At(bytes, table, field) !== 0
}

export function u16At(bytes: Buffer, table: number, field: number, absent: number): number {
  const at = fieldAt(bytes, table, field)
  return at === 0 ? absent : bytes.readUInt16LE(at)
}

/** An unsigned number of eight bytes, as near as a double comes. */
export function numberAt(bytes: Buffer, table: number, field: number): number {
  const at = fieldAt(bytes, table, field)
  return at === 0 ? 0 : Number(bytes.readBigUInt64LE(at))
}

/** An offset at a place, such as the one to the root table. */
export function u32At(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at)
}
