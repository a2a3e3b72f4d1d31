/** For tests: a text or bytes as a file, and all that its reader gives at once. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Feature } from '../../shared/row.ts'
import type { Conform } from '../../shared/source.ts'
import { inTemp } from '../system/temp.ts'
import { readFeatures } from './read_features.ts'

/** What came of a file. */
export interface Outcome {
  readonly features: Feature[]
  /** Reasons, one for each bad row. */
  readonly bad: string[]
  readonly log: string[]
}

export interface ReadAllOptions {
  readonly isEsri?: boolean
  readonly signal?: AbortSignal
}

/** Read a file to its end. */
export async function readAll(
  path: string,
  conform: Conform,
  options: ReadAllOptions = {},
): Promise<Outcome> {
  const { isEsri = false, signal = new AbortController().signal } = options
  const outcome: Outcome = { features: [], bad: [], log: [] }
  const batches = readFeatures({
    path,
    conform,
    isEsri,
    signal,
    log: (line) => outcome.log.push(line),
    onBadRow: (reason) => outcome.bad.push(reason),
  })
  for await (const batch of batches) outcome.features.push(...batch)
  return outcome
}

/** Write files into a folder of their own and read the first of them. */
export function readFiles(
  files: Readonly<Record<string, string | Uint8Array>>,
  conform: Conform,
  options: ReadAllOptions = {},
): Promise<Outcome> {
  return inTemp('read', async (folder) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    const [first = ''] = Object.keys(files)
    return readAll(join(folder, first), conform, options)
  })
}
