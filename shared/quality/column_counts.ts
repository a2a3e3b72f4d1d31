/**
 * Counts of each attribute in memory that does not grow: rows that have it, different values, and a value
 * that stands out.
 *
 * Different values are counted by HyperLogLog (Flajolet and others, 2007), 4,096 registers: within 1.6 percent,
 * nearly exact up to some thousands. For the value that stands out each hash bucket holds a vote (Boyer and Moore, 1981):
 * whoever has more than half of a bucket's rows is its candidate at the end, and a value with a few percent of all
 * rows nearly always has. Its rows are counted since it became candidate: surely so many, perhaps a few more.
 */
import { isEmpty, type RowView, textOf } from './row_view.ts'

const REGISTER_BITS = 12
const REGISTERS = 1 << REGISTER_BITS

const BUCKETS = 256

/** A candidate's text is taken down when it has so many rows: most never get there. */
const TEXT_AT = 8

/** So much of a value is kept. */
const VALUE_CHARS_MAX = 60

/** The attributes of a run. */
export interface ColumnCounts {
  readonly names: readonly string[]
  readonly filled: Float64Array
  distinct(at: number): number
  /** The value that most rows have, as far as one stands out. */
  top(at: number): { readonly value: string; readonly rows: number } | null
  see(row: RowView): void
}

/** Nothing counted yet. */
export function openColumnCounts(names: readonly string[]): ColumnCounts {
  const filled = new Float64Array(names.length)
  const registers = new Uint8Array(names.length * REGISTERS)
  const candidates = new Int32Array(names.length * BUCKETS)
  const votes = new Int32Array(names.length * BUCKETS)
  const counts = new Int32Array(names.length * BUCKETS)
  const texts = new Map<number, string>()

  function vote(row: RowView, at: number, hash: number): void {
    const bucket = at * BUCKETS + (hash & (BUCKETS - 1))
    if (candidates[bucket] === hash && votes[bucket]! > 0) {
      votes[bucket]! += 1
      counts[bucket]! += 1
      if (counts[bucket] === TEXT_AT) texts.set(bucket, textOf(row, at).slice(0, VALUE_CHARS_MAX))
      return
    }
    if (votes[bucket]! > 0) {
      votes[bucket]! -= 1
      return
    }
    candidates[bucket] = hash
    votes[bucket] = 1
    counts[bucket] = 1
  }

  return {
    names,
    filled,

    see(row): void {
      for (let at = 0; at < names.length; at++) {
        if (isEmpty(row, at)) continue
        filled[at]! += 1
        const hash = row.b[at]!
        const register = at * REGISTERS + (hash >>> (32 - REGISTER_BITS))
        // The last bit stands for all that are beyond: a rank has an end.
        const rank = Math.clz32((hash << REGISTER_BITS) | (1 << (REGISTER_BITS - 1))) + 1
        if (rank > registers[register]!) registers[register] = rank
        vote(row, at, row.a[at]!)
      }
    },

    distinct(at): number {
      return estimate(registers.subarray(at * REGISTERS, (at + 1) * REGISTERS), filled[at]!)
    },

    top(at) {
      let most = -1
      for (let bucket = at * BUCKETS; bucket < (at + 1) * BUCKETS; bucket++) {
        if (counts[bucket]! >= TEXT_AT && (most < 0 || counts[bucket]! > counts[most]!)) most = bucket
      }
      const value = texts.get(most)
      return value === undefined ? null : { value, rows: counts[most]! }
    },
  }
}

/** Of the paper: the harmonic mean, and counting of empty registers where there are few values. */
function estimate(registers: Uint8Array, filled: number): number {
  let sum = 0
  let empty = 0
  for (const rank of registers) {
    sum += 2 ** -rank
    if (rank === 0) empty += 1
  }
  const alpha = 0.7213 / (1 + 1.079 / REGISTERS)
  const raw = (alpha * REGISTERS * REGISTERS) / sum
  const few = empty > 0 && raw <= 2.5 * REGISTERS
  const count = few ? REGISTERS * Math.log(REGISTERS / empty) : raw
  return Math.min(filled, Math.round(count))
}
