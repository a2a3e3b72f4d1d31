/** What a command is doing just now: one line that moves in a terminal; elsewhere a plain line when it is something new. */

/** Where it is drawn; a stream such as standard error. */
export interface Canvas {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** A line that moves. */
export interface MovingLine {
  /** Say what is being done; what stands before a colon is the deed, what stands behind it how far it is. */
  tell(text: string): void
  /** Take the line away. */
  clear(): void
}

/** Where nobody watches a line move, one this often is enough. */
const PLAIN_PAUSE_MS = 10_000

const CLEAR_LINE = '\r\u001b[2K'

/** @param clock  milliseconds that only grow, such as `performance.now` */
export function movingLine(canvas: Canvas, clock: () => number = () => performance.now()): MovingLine {
  const isMoving = canvas.isTTY === true
  let deed = ''
  let told = Number.NEGATIVE_INFINITY
  return {
    tell(text) {
      if (isMoving) {
        canvas.write(`${CLEAR_LINE}${text.slice(0, (canvas.columns || 80) - 1)}`)
        return
      }
      const [now, next] = [clock(), text.split(':')[0] ?? text]
      if (next === deed && now - told < PLAIN_PAUSE_MS) return
      deed = next
      told = now
      canvas.write(`${text}\n`)
    },
    clear() {
      if (isMoving) canvas.write(CLEAR_LINE)
    },
  }
}
