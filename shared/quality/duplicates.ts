/**
 * `duplicates`: rows that say the same at the same place as one before, all attributes counted, `id` too; case and
 * blanks aside, and to the seventh decimal of a degree.
 *
 * The one rule that needs more than one look: each row leaves a key of 64 bits, keys go apart by their last bits,
 * and each part is counted when all rows are there. Where the parts are kept is the caller's affair: they
 * do not fit into memory for ten million rows.
 */
import { FACTOR_A, FACTOR_B, SEED_A, stir } from '../content_id.ts'
import type { RowView } from './row_view.ts'
import { placeOf, type RepeatRule } from './rule.ts'

/** The rule. */
export const duplicates: RepeatRule = {
  kind: 'repeat',
  code: 'duplicates',
  sentence: 'rows repeat one before them: the same attributes at the same place',
  limits: { warning: 0.3, error: 0.9 },
  reason:
    'Flats of one house often differ in nothing that is published; nine of ten is a server that sends every page again.',
}

/** Takes the key of a row, two numbers of 32 bits. */
export type KeySink = (a: number, b: number) => void

/** Rows that are near each other and the same are shown as examples: as far as this table reaches. */
const WINDOW = 1 << 14

/** Steps of a degree that are written. */
const WRITTEN_STEPS = 1e7

/** Gives the key of each row to a sink; true for a row that is the same as one shortly before. */
export function keyTeller(names: readonly string[], sink: KeySink): (row: RowView) => boolean {
  const id = placeOf(names, 'id')
  const recent = new Int32Array(2 * WINDOW)
  return ({ what, where, a, b, hasPlace, west, south }) => {
    const idA = id === undefined ? SEED_A : a[id]!
    const idB = id === undefined ? SEED_A : b[id]!
    // The content id rounds more than what is written does.
    const x = hasPlace ? (west * WRITTEN_STEPS) | 0 : 0
    const y = hasPlace ? (south * WRITTEN_STEPS) | 0 : 0
    const one = stir(Math.imul(Math.imul(what.a ^ idA, FACTOR_A) ^ where.b ^ x, FACTOR_B) ^ y)
    const other = stir(Math.imul(Math.imul(what.b ^ idB, FACTOR_B) ^ where.a ^ y, FACTOR_A) ^ x)
    sink(one, other)
    const slot = 2 * (one & (WINDOW - 1))
    if (recent[slot] === one && recent[slot + 1] === other) return true
    recent[slot] = one
    recent[slot + 1] = other
    return false
  }
}

/** How many keys of a part were there before; `keys` are pairs. */
export function countRepeats(keys: Int32Array): number {
  const rows = keys.length / 2
  let size = 16
  while (size < 2 * rows) size *= 2
  // The place of a key in the list, from 1; 0 is free.
  const table = new Int32Array(size)
  let repeats = 0
  for (let row = 0; row < rows; row++) {
    const [a, b] = [keys[2 * row]!, keys[2 * row + 1]!]
    let slot = (a >>> 6) & (size - 1)
    for (; table[slot] !== 0; slot = (slot + 1) & (size - 1)) {
      const at = 2 * (table[slot]! - 1)
      if (keys[at] === a && keys[at + 1] === b) break
    }
    if (table[slot] === 0) table[slot] = row + 1
    else repeats += 1
  }
  return repeats
}
