/**
 * Relief: Bun lets hundreds of MB of garbage pile up before it looks after it, when rows pass quickly. A worker
 * that makes products has to fit beside others, so it looks after it every so many rows.
 */

/** Collecting takes some 10 ms; so many rows take more than ten times that. */
const ROWS = 32 * 1024

/** To be told how many rows have passed. On Node it does nothing: there it is not needed. */
export function relief(): (rows: number) => void {
  const { Bun } = globalThis as { readonly Bun?: { gc(waits: boolean): void } }
  let passed = 0
  return (rows) => {
    passed += rows
    if (passed < ROWS) return
    passed = 0
    Bun?.gc(true)
  }
}
