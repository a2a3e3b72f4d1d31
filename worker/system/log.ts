/** Logs: one line each, the time first, then who, then the deed and its values. */
import { appendFileSync } from 'node:fs'

/** Writes lines under a name such as `work`; given as a function so that a test can listen. */
export type Log = (line: string) => void

/** A log that writes to standard error, or to where it is told. */
export function logger(
  who: string,
  write: (text: string) => unknown = (text) => process.stderr.write(text),
): Log {
  // Errors of other people have several lines, and could look like lines of ours.
  return (line) => void write(`${new Date().toISOString()} ${who} ${oneLine(line)}\n`)
}

/** Signs that move a terminal's cursor or colour it are strangers' as well. */
function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ').replaceAll(/(?!\t)\p{Cc}/gu, '\uFFFD')
}

/** Adds text to a file. A full disk costs the log, not the work. */
export function appendTo(path: string): (text: string) => void {
  return (text) => {
    try {
      appendFileSync(path, text)
    } catch {
      // There is nobody left to tell.
    }
  }
}
