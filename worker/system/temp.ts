/** Temporary folders: made, used and removed in one place. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
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

/** No run lasts as long: what is older was left by a process that was killed. */
const LEFT_MS = 3 * 86_400_000

/** Remove folders of that prefix that killed processes have left. Others may use the same temporary folder, so only age counts. */
export async function removeLeft(prefix: string): Promise<number> {
  const names = await readdir(tmpdir()).catch(() => [])
  let count = 0
  for (const name of names.filter((name) => name.startsWith(`machine-${prefix}-`))) {
    const path = join(tmpdir(), name)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined || Date.now() - found.mtimeMs < LEFT_MS) continue
    await rm(path, { recursive: true, force: true }).catch(() => {})
    count += 1
  }
  return count
}
