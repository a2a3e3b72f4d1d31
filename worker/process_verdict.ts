/**
 * The verdict on the rows of a run: whether what came out can be what the author of the source meant.
 *
 * Single bad rows are nothing; here it is asked whether nearly all are.
 */
import { SourceError } from '../shared/problem.ts'
import { OUTSIDE } from './formats/place.ts'
import { named } from './formats/reading.ts'
import type { BadRows, Tally } from './outputs/tally.ts'
import { NO_COLUMN } from './process_rows.ts'

/** So many rows in the wrong place are no accident any more. */
const WRONG_SHARE_MAX = 0.9

/**
 * @param columns  of the data
 * @throws {SourceError} `no-features`, `no-such-column`, `srs-wrong` or `conform-failed`
 */
export function assertUsable(tally: Tally, columns: readonly string[]): void {
  if (tally.written === 0) throw nothingWritten(tally, columns)

  const { outside, placed, written } = tally
  if (outside.count > WRONG_SHARE_MAX * placed) {
    const where = `such as at ${outside.example}`
    throw new SourceError('srs-wrong', `${outside.count} of ${placed} places are not on the globe, ${where}`)
  }
  const displaced = worst(tally.displaced)
  if (displaced === undefined || displaced.count <= WRONG_SHARE_MAX * (displaced.count + placed)) return
  const code = displaced.reason === OUTSIDE ? 'srs-wrong' : 'conform-failed'
  const said = `${displaced.count} of ${written} rows: each ${displaced.reason}`
  throw new SourceError(code, `${said}, such as ${displaced.example}`)
}

function nothingWritten({ read, dropped }: Tally, columns: readonly string[]): SourceError {
  const bad = worst(dropped)
  if (bad === undefined)
    return new SourceError('no-features', 'the data was read to its end without finding one')
  if (bad.count === read && bad.reason.startsWith(NO_COLUMN)) {
    return new SourceError('no-such-column', `every row ${bad.reason}; there are ${named(columns)}`)
  }
  const said = `${read} rows were read and none is left; ${bad.count} of them: each ${bad.reason}`
  return new SourceError('no-features', `${said}, such as ${bad.example}`)
}

/** The most frequent kind. */
function worst(kinds: ReadonlyMap<string, BadRows>): (BadRows & { readonly reason: string }) | undefined {
  let most: (BadRows & { readonly reason: string }) | undefined
  for (const [reason, bad] of kinds) {
    if (most === undefined || bad.count > most.count) most = { reason, ...bad }
  }
  return most
}
