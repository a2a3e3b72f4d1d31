/** How the data sources of examples/ have to end, and where they ended otherwise. */
import type { JobSource } from '../shared/db/jobs.ts'

/** One line of expected.json. */
export interface Expected {
  readonly path: string
  readonly layer: string
  readonly name: string
  readonly state: 'good' | 'bad'
  readonly problem: string | null
  /** Rows written; null for a bad one. */
  readonly rows: number | null
}

/** One sentence for each data source that ended otherwise, is missing, or should not be there. */
export function surprises(expected: readonly Expected[], ended: readonly JobSource[]): string[] {
  const found = new Map(
    ended.map((source) => [`${source.sourcePath} ${source.layer}/${source.name}`, describe(source)]),
  )
  const wanted = new Map(
    expected.map(({ path, layer, name, state, problem, rows }) => [
      `${path} ${layer}/${name}`,
      state === 'good' ? `good, ${rows} rows` : `bad, ${problem}`,
    ]),
  )
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((key) => wanted.get(key) !== found.get(key))
    .map((key) => `${key}: expected ${wanted.get(key) ?? 'nothing'}, got ${found.get(key) ?? 'nothing'}`)
}

function describe({ status, rows, problem }: JobSource): string {
  return status ? `good, ${rows} rows` : `bad, ${problem}`
}
