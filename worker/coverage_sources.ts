/** What sources declare of their coverage: as runs in Postgres have it, or as files of a folder say. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CoverageRow, readCurrentCoverage, readSetCoverage } from '../shared/db/coverage.ts'
import type { ISql } from '../shared/db/sql.ts'
import { isObject } from '../shared/source.ts'
import type { CoverageSource } from './render/coverage_shapes.ts'

/** The source files of the current state. */
export function currentSources(sql: ISql, owner: string, repository: string): Promise<CoverageSource[]> {
  return collected(readCurrentCoverage(sql, owner, repository))
}

/** The source files of a set. */
export function setSources(sql: ISql, setId: number): Promise<CoverageSource[]> {
  return collected(readSetCoverage(sql, setId))
}

/** The source files below a folder, each taken for good: what is declared, whether it works or not. */
export async function folderSources(folder: string): Promise<CoverageSource[]> {
  const names = await readdir(folder, { recursive: true })
  const sources: CoverageSource[] = []
  for (const name of names.filter((name) => name.endsWith('.json')).sort()) {
    const coverage = coverageIn(await readFile(join(folder, name)))
    sources.push({ path: name, coverage, isGood: true, addresses: null, date: null })
  }
  return sources
}

/** Of each file only its coverage is kept. */
async function collected(rows: AsyncIterable<CoverageRow[]>): Promise<CoverageSource[]> {
  const sources: CoverageSource[] = []
  for await (const batch of rows) {
    for (const { source, date, ...row } of batch) {
      const coverage = source === null ? undefined : coverageIn(source)
      sources.push({ ...row, coverage, date: date?.toISOString() ?? null })
    }
  }
  return sources
}

/** A file that cannot be read declares nothing; why it cannot is the business of its runs. */
function coverageIn(source: Uint8Array): unknown {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(source))
    return isObject(json) ? json['coverage'] : undefined
  } catch {
    return undefined
  }
}
