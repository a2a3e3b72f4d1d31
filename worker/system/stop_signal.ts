/**
 * When a run has to stop: its user or its machine says so, or the program that started it has gone.
 *
 * A run that nobody waits for would hold memory and disk for hours, and could end after another
 * worker's attempt at the same task.
 */
import { fstatSync } from 'node:fs'
import { constants } from 'node:os'

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** Exit codes of programs that were told to stop are 128 and the number of the signal. */
const STOPPED_CODE = 128

/** Why the run stops; the reason of the signal below. */
class Stopped extends Error {
  readonly by: (typeof SIGNALS)[number]

  constructor(by: (typeof SIGNALS)[number], message: string) {
    super(message)
    this.by = by
  }
}

export interface Stop {
  readonly signal: AbortSignal
  /** Listen no longer, so that the process can end. */
  release(): void
}

/**
 * A signal that says stop.
 *
 * @param withParent  also when standard input is a pipe and closes: its other end was the parent's
 */
export function stopSignal(withParent: boolean): Stop {
  const controller = new AbortController()
  const abort = (by: (typeof SIGNALS)[number], message: string) => controller.abort(new Stopped(by, message))
  const listeners = SIGNALS.map((name) => [name, () => abort(name, `stopped by ${name}`)] as const)
  for (const [name, listener] of listeners) process.on(name, listener)

  const parentGone = () => abort('SIGTERM', 'the program that started this run has gone')
  const watched = withParent && isPipe(0) ? process.stdin : undefined
  watched?.on('end', parentGone).on('close', parentGone).on('error', parentGone).resume()
  if (withParent) process.stdout.on('error', parentGone)

  return {
    signal: controller.signal,
    release(): void {
      for (const [name, listener] of listeners) process.off(name, listener)
      watched?.off('end', parentGone).off('close', parentGone).off('error', parentGone).pause()
      watched?.destroy()
    },
  }
}

/** 143 after SIGTERM, 130 after Ctrl-C. */
export function exitCode(signal: AbortSignal): number {
  const by = signal.reason instanceof Stopped ? signal.reason.by : 'SIGTERM'
  return STOPPED_CODE + constants.signals[by]
}

function isPipe(file: number): boolean {
  try {
    const stat = fstatSync(file)
    return stat.isFIFO() || stat.isSocket()
  } catch {
    return false
  }
}
