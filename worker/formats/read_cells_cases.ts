/** For tests: a text read by both kinds of readers, as features, with all that they say of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { inTemp } from '../system/temp.ts'
import { featureAt } from './cells.ts'
import { readCells } from './read_cells.ts'
import { readFeatures } from './read_features.ts'
import type { Reading } from './reading.ts'

/** What came of a reading. */
export interface ReadOutcome {
  readonly features: readonly Feature[]
  /** Columns in order, which equality of rows does not see. */
  readonly columns: readonly string[]
  readonly bad: readonly (readonly string[])[]
  readonly logged: readonly string[]
  /** The message of what ended it; nothing where it came to its end. */
  readonly ended: string
}

/** By the readers of cells. */
export function cellsOf(text: string | Buffer, conform: Conform): Promise<ReadOutcome> {
  return inFile(text, (path) => outcomeOf(path, conform, cellFeatures))
}

/** By the readers of features, the oracle. */
export function rowsOf(text: string | Buffer, conform: Conform): Promise<ReadOutcome> {
  return inFile(text, (path) => outcomeOf(path, conform, readFeatures))
}

/** The cells of a file as features. */
export async function* cellFeatures(reading: Reading): AsyncGenerator<Feature[]> {
  for await (const batch of readCells(reading)) {
    yield Array.from({ length: batch.count }, (_, row) => featureAt(batch, row))
  }
}

/** Read a file to its end. */
export async function outcomeOf(
  path: string,
  conform: Conform,
  read: (reading: Reading) => AsyncGenerator<Feature[]>,
): Promise<ReadOutcome> {
  const bad: string[][] = []
  const logged: string[] = []
  const features: Feature[] = []
  const reading: Reading = {
    path,
    conform,
    isEsri: false,
    log: (line) => void logged.push(line),
    signal: new AbortController().signal,
    onBadRow: (...args) => void bad.push(args),
  }
  try {
    for await (const batch of read(reading)) features.push(...batch)
    const columns = features.map(({ row }) => Object.keys(row).join())
    return { features, columns, bad: bad.sort(), logged, ended: '' }
  } catch (error) {
    return { features: [], columns: [], bad: [], logged, ended: (error as Error).message }
  }
}

function inFile<T>(text: string | Buffer, deed: (path: string) => Promise<T>): Promise<T> {
  return inTemp('cells', async (folder) => {
    const path = join(folder, 'data')
    await writeFile(path, text)
    return deed(path)
  })
}
