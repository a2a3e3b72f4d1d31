/**
 * A watch on patterns that try for ever: `^(a+)+$` on thirty letters and a full stop.
 *
 * Bun gives up on such a search after some seconds and says that nothing matches, which may be untrue; Node goes on. A
 * search that takes seconds, and as long again when it is made again, ends the run; once alone the computer was busy.
 */
import { SourceError } from '../problem.ts'

/** Honest searches take microseconds. */
const SEARCH_MS_MAX = 1_000

const SHOWN_CHARS_MAX = 80

let clock: (() => number) | undefined

/** Watch all patterns of this process from now on, by a clock of milliseconds. */
export function watchPatterns(now: () => number): void {
  clock = now
}

/** @throws {SourceError} `pattern-invalid`, when the pattern takes too long on this text */
export function watchedExec(regexp: RegExp, text: string, pattern: string): RegExpExecArray | null {
  if (clock === undefined) return regexp.exec(text)
  const from = regexp.lastIndex
  const began = clock()
  const match = regexp.exec(text)
  const ended = clock()
  if (ended - began < SEARCH_MS_MAX) return match

  regexp.lastIndex = from
  const again = regexp.exec(text)
  if (clock() - ended < SEARCH_MS_MAX) return again
  throw new SourceError(
    'pattern-invalid',
    `"${pattern.slice(0, SHOWN_CHARS_MAX)}" tries for ever on the text "${text.slice(0, SHOWN_CHARS_MAX)}"`,
  )
}
