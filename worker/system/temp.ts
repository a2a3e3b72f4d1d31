/** Temporary folders: made, used and removed in one place. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
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

/**
 * The same, for what takes hours and much room: folders that such work left when it was killed are removed first.
 *
 * @param prefix  of letters and hyphens
 */
export async function inOwnTemp<T>(prefix: string, deed: (folder: string) => Promise<T>): Promise<T> {
  for (const name of await readdir(tmpdir())) {
    const owner = new RegExp(`^machine-${prefix}-(\\d+)-\\w+$`).exec(name)?.[1]
    if (owner !== undefined && !isRunning(Number(owner)))
      await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
  return inTemp(`${prefix}-${process.pid}`, deed)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is one as well.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
