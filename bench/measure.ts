/** What a program takes: CPU seconds of it and all that it starts, by the shell's `times`, and the wall clock. */
import { run } from '../worker/system/spawn.ts'

/** One run of a program. */
export interface Measured {
  /** User and system seconds. */
  readonly cpu: number
  readonly wall: number
  /** Its last line. */
  readonly said: string
}

const TIMES = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/

/** Run a program to its end and measure it. */
export async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const began = performance.now()
  const lines = (await run('sh', ['-c', '"$@" && times', 'sh', command, ...args], { env })).trim().split('\n')
  const wall = (performance.now() - began) / 1000
  const [, minutes = 0, seconds = 0, systemMinutes = 0, systemSeconds = 0] = (
    TIMES.exec(lines.at(-1)!) ?? []
  ).map(Number)
  return { cpu: 60 * (minutes + systemMinutes) + seconds + systemSeconds, wall, said: lines.at(-3) ?? '' }
}

/** The one in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
