/**
 * A watch on patterns that try for ever: `^(a+)+$` on thirty letters and a full stop.
 *
 * Bun gives up on such a search after a hundred million steps, in a second or less, and says that nothing matches, which
 * may be untrue; Node goes on. A search that is slow each time it is made ends the run; slow once, the computer was busy.
 */
import { SourceError } from '../problem.ts'

/** Honest searches take microseconds, and no computer makes a hundred million steps in this time. */
const SEARCH_MS_MAX = 50

const TRIES = 3

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
  for (let tries = 0; tries < TRIES; tries += 1) {
    regexp.lastIndex = from
    const began = clock()
    const match = regexp.exec(text)
    if (clock() - began < SEARCH_MS_MAX) return match
  }
  throw new SourceError(
    'pattern-invalid',
    `"${pattern.slice(0, SHOWN_CHARS_MAX)}" tries for ever on the text "${text.slice(0, SHOWN_CHARS_MAX)}"`,
  )
}
