/**
 * `sample.json`: the header and the first rows of the data as it was read, before the conform.
 *
 *     [["ST_NUM", "FEANME"], ["2127", "BROADWAY"], ["2147", "BROADWAY"]]
 *
 * It is made as soon as the rows are there, because it is what an author looks at when the conform
 * finds nothing.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'

export const SAMPLE_JSON = 'sample.json'

/** The original shows so many. */
export const SAMPLE_ROWS_MAX = 5

export interface Sampler {
  /** Look at rows as they are read; only the first few are kept. */
  see(features: readonly Feature[]): void
  /** A header and up to five rows; null when there were none. */
  table(): readonly (readonly string[])[] | null
}

export function sampler(): Sampler {
  const rows: Readonly<Record<string, string>>[] = []

  return {
    see(features: readonly Feature[]): void {
      // Copies, because functions of the conform may add their own columns to a row.
      for (const { row } of features.slice(0, SAMPLE_ROWS_MAX - rows.length)) rows.push({ ...row })
    },

    table(): readonly (readonly string[])[] | null {
      if (rows.length === 0) return null
      const header = [...new Set(rows.flatMap((row) => Object.keys(row)))]
      return [header, ...rows.map((row) => header.map((column) => row[column] ?? ''))]
    },
  }
}

/** Write the sample into a run's folder. */
export async function writeSample(folder: string, table: readonly (readonly string[])[]): Promise<void> {
  await writeFile(join(folder, SAMPLE_JSON), `${JSON.stringify(table)}\n`)
}
