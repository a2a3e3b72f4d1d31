/** All data sources of a job in one bar. */
import type { JobSource } from '../../shared/db/jobs.ts'
import { type State, stateOfSource } from './words.tsx'

/** From done to not yet, so that the whole reads as one bar of progress. */
const ORDER = ['good', 'skipped', 'failed', 'held', 'running', 'waiting'] as const satisfies State[]

/** Up to here each data source has its own piece; beyond, each state has. */
const PIECES_MAX = 40

/** The bar; what it shows is said in words too. */
export function Tally({ sources }: { readonly sources: readonly JobSource[] }) {
  const states = sources.map(stateOfSource)
  const groups = ORDER.map((state) => ({ state, count: states.filter((one) => one === state).length }))
  const pieces =
    sources.length > PIECES_MAX
      ? groups.filter(({ count }) => count > 0)
      : groups.flatMap(({ state, count }) => Array.from({ length: count }, () => ({ state, count: 1 })))
  const share = 100 / sources.length
  let done = 0
  return (
    <svg class="tally" width="100%" height="12" aria-hidden="true">
      {pieces.map(({ state, count }) => {
        const x = `${(done * share).toFixed(3)}%`
        done += count
        return <rect class={state} x={x} width={`${(count * share).toFixed(3)}%`} height="12" rx="5" />
      })}
    </svg>
  )
}
