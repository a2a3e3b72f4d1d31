/** Logs: one line each on standard error, the time first, then who, then the deed and its values. */

/** Writes lines under a name such as `work`; given as a function so that a test can listen. */
export type Log = (line: string) => void

/** A log that writes to standard error. */
export function logger(who: string): Log {
  return (line) => process.stderr.write(`${new Date().toISOString()} ${who} ${line}\n`)
}
