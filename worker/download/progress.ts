/** Progress, told often enough to be seen and seldom enough to cost nothing. */

/** Four times a second looks alive. */
const INTERVAL_MS = 250

export interface Teller {
  /** Tell, unless it was told just now. */
  now(): void
  /** Tell in any case. */
  last(): void
}

/** Have something told at most every 250 ms. */
export function every(tell: () => void): Teller {
  let told = 0
  function last(): void {
    told = performance.now()
    tell()
  }
  return {
    now: () => {
      if (performance.now() - told >= INTERVAL_MS) last()
    },
    last,
  }
}
