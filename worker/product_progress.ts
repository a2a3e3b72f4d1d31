/**
 * The progress of a product: one line in a terminal, drawn again in place; elsewhere a plain line when a step
 * begins and every few seconds.
 *
 *     openaddr-collected-europe:  ████████░░░░░░░░░░░░  1,234,567 of 3,000,000 rows  41,000 rows/s  43 s left
 */
import { countText, spanText } from './process_picture.ts'
import { type Canvas, movingLine } from './system/moving_line.ts'

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

/** Often enough to look alive, seldom enough to cost nothing. */
const PAUSE_MS = 250

/** @param clock  milliseconds that only grow, such as `performance.now` */
export function productProgress(canvas: Canvas, clock: () => number): ProductProgress {
  const moving = movingLine(canvas, clock)
  let at = { name: '', rows: 0, done: 0, began: 0 }
  let told = Number.NEGATIVE_INFINITY

  function tell(): void {
    const now = clock()
    if (now - told < PAUSE_MS) return
    told = now
    moving.tell(stepLine(at.name, at, (now - at.began) / 1_000))
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
      moving.clear()
      canvas.write(`${text}\n`)
    },
    clear: moving.clear,
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
    `${name}:`,
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
