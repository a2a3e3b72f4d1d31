/**
 * The progress of a product: one line in a terminal, drawn again in place; elsewhere a plain line when a step
 * begins and every few seconds.
 *
 *     europe  ████████░░░░░░░░░░░░  1,234,567 of 3,000,000 rows  41,000 rows/s  43 s left
 */
import { type Canvas, countText, spanText } from './process_picture.ts'

export interface ProductProgress {
  /** A step begins, such as a collection, of about so many rows. */
  step(name: string, rows: number): void
  /** So many more rows of it are done. */
  add(rows: number): void
  /** A line that stays. */
  line(text: string): void
  /** Take the moving line away. */
  clear(): void
}

const BAR_CELLS = 20

const CLEAR_LINE = '\r\u001b[2K'

/** Often enough to look alive, seldom enough to cost nothing. */
const MOVING_PAUSE_MS = 250

/** Where nobody watches a line move. */
const PLAIN_PAUSE_MS = 5_000

/** @param clock  milliseconds that only grow, such as `performance.now` */
export function productProgress(canvas: Canvas, clock: () => number): ProductProgress {
  const isMoving = canvas.isTTY === true
  const pauseMs = isMoving ? MOVING_PAUSE_MS : PLAIN_PAUSE_MS
  let at = { name: '', rows: 0, done: 0, began: 0 }
  let told = Number.NEGATIVE_INFINITY

  function tell(): void {
    const now = clock()
    if (now - told < pauseMs) return
    told = now
    const text = stepLine(at.name, at, (now - at.began) / 1_000)
    canvas.write(isMoving ? `${CLEAR_LINE}${text.slice(0, (canvas.columns || 80) - 1)}` : `${text}\n`)
  }

  function clear(): void {
    if (isMoving) canvas.write(CLEAR_LINE)
  }

  return {
    step(name, rows) {
      at = { name, rows, done: 0, began: clock() }
      told = Number.NEGATIVE_INFINITY
      tell()
    },
    add(rows) {
      at.done += rows
      tell()
    },
    line(text) {
      clear()
      canvas.write(`${text}\n`)
    },
    clear,
  }
}

/** One line about where a step stands. @param seconds  since it began */
export function stepLine(
  name: string,
  { rows, done }: { readonly rows: number; readonly done: number },
  seconds: number,
): string {
  const share = rows === 0 ? 1 : Math.min(1, done / rows)
  const cells = Math.round(share * BAR_CELLS)
  const parts = [
    name,
    `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)}`,
    `${countText(done)} of ${countText(rows)} rows`,
  ]
  if (seconds >= 1 && done > 0) {
    const speed = done / seconds
    parts.push(`${countText(Math.round(speed))} rows/s`)
    if (rows > done) parts.push(`${spanText((rows - done) / speed)} left`)
  }
  return parts.join('  ')
}
