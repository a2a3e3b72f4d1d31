/** What became of a child that came to no result, or to one that is no word on its source: the problem it is. */
import { constants } from 'node:os'
import type { Problem } from '../shared/problem.ts'
import type { ChildEnd } from './run_child.ts'

/** What Node, Bun, C++ and GDAL say when there is no memory left. */
const NO_MEMORY = /out of memory|heap limit|cannot allocate memory|bad_alloc|ENOMEM/i

/** What programs say when there is no room left. */
const NO_ROOM = /ENOSPC|EDQUOT|no space left on device|disk quota exceeded|disk full/i

/** A shell, and bubblewrap, tell of a signal by a code above this. */
const SIGNALLED = 128

/** The problem that a child died of. */
export function diedOf({ end, broken, kernelKilled }: ChildEnd): Problem {
  if (broken !== undefined) return brokenLimit(broken)

  const last = end.stderr.trim().split('\n').at(-1) ?? ''
  const signal = end.signal ?? signalOf(end.code)
  if (NO_ROOM.test(end.stderr)) return { code: 'disk-full', detail: last }
  if (NO_MEMORY.test(end.stderr)) return { code: 'out-of-memory', detail: last }
  if (signal === 'SIGKILL' && kernelKilled)
    return { code: 'out-of-memory', detail: 'the kernel ended process-one, as it had no memory left' }
  if (signal !== undefined) return { code: 'killed', detail: `process-one was ended by ${signal}` }
  const why = last === '' ? '' : `: ${last}`
  return { code: 'internal', detail: `process-one ended with code ${end.code}${why}` }
}

function brokenLimit(broken: NonNullable<ChildEnd['broken']>): Problem {
  switch (broken.kind) {
    case 'memory': {
      const took = broken.usedMb === undefined ? '' : `it took ${broken.usedMb} MB, and `
      return { code: 'out-of-memory', detail: `${took}it may take ${broken.limitMb} MB` }
    }
    case 'stall':
      return { code: 'stalled', detail: `no progress for ${spanText(broken.seconds)}` }
    case 'time':
      return { code: 'timed-out', detail: `no result after ${spanText(broken.seconds)}` }
    default:
      return broken satisfies never
  }
}

/** Hours and minutes where there are some, else seconds. */
function spanText(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toFixed(1))} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function signalOf(code: number | null): string | undefined {
  const entry = Object.entries(constants.signals).find(([, number]) => number === (code ?? 0) - SIGNALLED)
  return entry?.[0]
}
