/**
 * Pairs of records of two files that are the same in some of their numbers, each record in one pair at most.
 *
 * By a hash table with a list at each key: a file that says the same row a million times is no slower than another.
 */

/** Numbers of a record: what it says, where it is, and the row it is of. */
export const RECORD = { width: 5, what: 0, where: 2, row: 4 } as const

/** Records of one part of both files. `isFree` is 1 for those that are in no pair yet. */
export interface Side {
  readonly records: Int32Array
  readonly isFree: Uint8Array
}

/** A side whose records are all free. */
export function openSide(records: Int32Array): Side {
  return { records, isFree: new Uint8Array(records.length / RECORD.width).fill(1) }
}

/** From which number a key is, and of how many. */
export interface Key {
  readonly from: number
  readonly length: number
  /** A key that means nothing: rows that have it are never paired by it. */
  readonly nothing?: readonly number[]
}

/** Pair what is free; both of a pair are not free afterwards. */
export function pair(
  before: Side,
  now: Side,
  key: Key,
  tell: (rowBefore: number, rowNow: number) => void,
): void {
  const table = tableOf(before, key)
  const { records, isFree } = now
  for (let at = 0; at < isFree.length; at++) {
    if (isFree[at] === 0 || isNothing(records, at, key)) continue
    const slot = slotOf(table, records, at, key)
    const found = table.first[slot]! - 1
    if (found < 0) continue
    table.first[slot] = table.next[found]!
    isFree[at] = 0
    before.isFree[found] = 0
    tell(before.records[found * RECORD.width + RECORD.row]!, records[at * RECORD.width + RECORD.row]!)
  }
}

interface Table {
  readonly records: Int32Array
  /** A record with the key of the slot, from 1; 0 for a slot without one. */
  readonly keys: Int32Array
  /** The first free record of the slot, from 1, and the one behind each. */
  readonly first: Int32Array
  readonly next: Int32Array
}

function tableOf({ records, isFree }: Side, key: Key): Table {
  let size = 16
  while (size < 2 * isFree.length) size *= 2
  const table = {
    records,
    keys: cleared('keys', size),
    first: cleared('first', size),
    next: cleared('next', isFree.length),
  }
  const { next } = table
  // From the end, so that lists are in the order of the file.
  for (let at = isFree.length - 1; at >= 0; at--) {
    if (isFree[at] === 0 || isNothing(records, at, key)) continue
    const slot = slotOf(table, records, at, key)
    table.keys[slot] = at + 1
    next[at] = table.first[slot]!
    table.first[slot] = at + 1
  }
  return table
}

/** The numbers of the table before, used again: as garbage they would pile up in Bun. */
const kept = { keys: new Int32Array(0), first: new Int32Array(0), next: new Int32Array(0) }

function cleared(name: keyof typeof kept, size: number): Int32Array {
  if (kept[name].length < size) kept[name] = new Int32Array(size)
  return kept[name].subarray(0, size).fill(0)
}

/** Where a key is in the table, or would be. */
function slotOf(table: Table, records: Int32Array, at: number, key: Key): number {
  const { keys } = table
  const mask = keys.length - 1
  const start = at * RECORD.width + key.from
  // Records of one part are alike in the last bits of one of their numbers: take others.
  let slot = ((records[start]! >>> 8) ^ records[start + 1]!) & mask
  for (; keys[slot] !== 0; slot = (slot + 1) & mask) {
    const other = (keys[slot]! - 1) * RECORD.width + key.from
    if (isSame(records, start, table.records, other, key.length)) break
  }
  return slot
}

function isSame(one: Int32Array, at: number, other: Int32Array, from: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (one[at + index] !== other[from + index]) return false
  return true
}

function isNothing(records: Int32Array, at: number, { from, nothing }: Key): boolean {
  if (nothing === undefined) return false
  const start = at * RECORD.width + from
  return nothing.every((number, index) => records[start + index] === number)
}
