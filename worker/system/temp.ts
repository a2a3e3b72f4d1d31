/** Temporary folders: made, used and removed in one place. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Do something in a folder of its own; it is gone afterwards, whatever happened. */
export async function inTemp<T>(prefix: string, deed: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `machine-${prefix}-`))
  try {
    return await deed(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
