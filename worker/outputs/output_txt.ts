/**
 * `output.txt`: what happened in a run, line by line, for the author of the source.
 *
 *     2026-03-27 12:00:03 downloaded 1,234,567 bytes from https://example.com/addresses.zip
 *
 * Lines are on the disk at once: the log of a run that was killed says how far it came.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export const OUTPUT_TXT = 'output.txt'

export interface RunLog {
  /** Write one line; time is put before it, line breaks inside become spaces. */
  line(text: string): void
  close(): void
}

/** Begin the log of a run, replacing what an earlier run left in the same folder. */
export function runLog(folder: string, now: () => Date): RunLog {
  const file = openSync(join(folder, OUTPUT_TXT), 'w')
  return {
    line(text: string): void {
      const time = now().toISOString().slice(0, 19).replace('T', ' ')
      writeSync(file, `${time} ${text.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`)
    },
    close(): void {
      closeSync(file)
    },
  }
}
