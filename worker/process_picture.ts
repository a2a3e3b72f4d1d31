/**
 * The picture of a run at work, for a person: one line in a terminal, drawn again in place; elsewhere,
 * a plain line when a stage begins and every few seconds.
 *
 *     addresses/city  download  ████████░░░░░░░░░░░░  12.3 MB of 31.0 MB  4.1 MB/s  5 s left
 */
import type { Progress } from '../shared/run.ts'

export interface Picture {
  show(progress: Progress): void
  /** Write a line that stays, such as the beginning of a run. */
  line(text: string): void
  /** Take the moving line away. */
  clear(): void
}

/** Where the picture is drawn; a stream such as standard error. */
export interface Canvas {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

const BAR_CELLS = 20

/** Where nobody watches a line move, one this often is enough. */
const PLAIN_PAUSE_MS = 5_000

const CLEAR_LINE = '\r\u001b[2K'

/** @param clock  milliseconds that only grow, such as `performance.now` */
export function picture(label: string, canvas: Canvas, clock: () => number): Picture {
  const isMoving = canvas.isTTY === true
  let stage: Progress['stage'] | undefined
  let began = 0
  let told = Number.NEGATIVE_INFINITY

  function show(progress: Progress): void {
    const now = clock()
    const isNew = progress.stage !== stage
    if (isNew) {
      stage = progress.stage
      began = now
    }
    if (isMoving) {
      const text = progressLine(label, progress, (now - began) / 1000)
      canvas.write(`${CLEAR_LINE}${text.slice(0, (canvas.columns || 80) - 1)}`)
    } else if (isNew || now - told >= PLAIN_PAUSE_MS) {
      told = now
      canvas.write(`${progressLine(label, progress, (now - began) / 1000)}\n`)
    }
  }

  function clear(): void {
    if (isMoving) canvas.write(CLEAR_LINE)
  }

  function line(text: string): void {
    clear()
    canvas.write(`${text}\n`)
  }

  return { show, line, clear }
}

/** One line about where a run stands. @param seconds  since the stage began */
export function progressLine(label: string, progress: Progress, seconds: number): string {
  const { stage, bytes, bytesTotal, rows, rowsPerSecond } = progress
  const parts = [label, stage.padEnd('download'.length)]
  if (bytes !== undefined && bytesTotal !== undefined && bytesTotal > 0) {
    parts.push(bar(bytes / bytesTotal), `${sizeText(bytes)} of ${sizeText(bytesTotal)}`)
  } else if (bytes !== undefined) parts.push(sizeText(bytes))
  if (bytes !== undefined && bytes > 0 && seconds >= 1) {
    const speed = bytes / seconds
    parts.push(`${sizeText(speed)}/s`)
    if (bytesTotal !== undefined && bytesTotal > bytes) {
      parts.push(`${spanText((bytesTotal - bytes) / speed)} left`)
    }
  }
  if (rows !== undefined) parts.push(`${countText(rows)} rows`)
  if (rowsPerSecond !== undefined) parts.push(`${countText(Math.round(rowsPerSecond))} rows/s`)
  return parts.join('  ').trimEnd()
}

/** `5.3 MB`: decimal units, as file managers show them. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return power === 0 ? `${Math.round(bytes)} bytes` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`
}

/** `1,234,567` */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `42 s`, `3 min 5 s`, `2 h 10 min` */
export function spanText(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}

function bar(share: number): string {
  const cells = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS)
  return `${'█'.repeat(cells)}${'░'.repeat(BAR_CELLS - cells)}`
}
