/** Chance with a seed: the same numbers each time, so that a run of chaos can be played again. */

/** Gives numbers from 0 to 1, by mulberry32. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** One of several, by a number from 0 to 1. */
export function oneOf<T>(all: readonly T[], roll: number): T {
  const found = all[Math.min(all.length - 1, Math.floor(roll * all.length))]
  if (found === undefined) throw new Error('nothing to choose from')
  return found
}
