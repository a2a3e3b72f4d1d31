/**
 * How the edge ends: when it is told to, or when the program that started it has gone.
 *
 * As the first process of a container it would not even hear SIGTERM without this.
 */
import { fstatSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers'

/** Answers that are under way may take this long; live pages never end by themselves. */
const PATIENCE_MS = 2_000

/**
 * End when told.
 *
 * @param stop  takes no more requests, and settles when those under way are answered
 */
export function endWhenTold(stop: () => Promise<unknown>): void {
  let isEnding = false
  const end = () => {
    if (isEnding) return
    isEnding = true
    setTimeout(() => process.exit(0), PATIENCE_MS).unref()
    void stop().finally(() => process.exit(0))
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end)
  if (isPipe(0)) process.stdin.on('end', end).on('close', end).on('error', end).resume()
}

/** One clear line for a server that cannot start, and the end. */
export function exitUnlistened(error: unknown, host: string, port: number): never {
  const { code, message } = error as { readonly code?: string; readonly message: string }
  const why =
    code === 'EADDRINUSE'
      ? `port ${port} is taken; set another with PORT`
      : `cannot listen at ${host}:${port}: ${message}`
  console.error(`edge: ${why}`)
  process.exit(1)
}

/** Whether standard input is tied to a program: then it closes when that one has gone, however it went. */
function isPipe(file: number): boolean {
  try {
    const found = fstatSync(file)
    return found.isFIFO() || found.isSocket()
  } catch {
    return false
  }
}
