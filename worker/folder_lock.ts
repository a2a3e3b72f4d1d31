/**
 * The folder of a machine belongs to one process at a time.
 *
 * What a killed one started ends by itself: the edge and the runs when their standard input closes, its
 * Postgres when the next start finds it (`startPostgres`).
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { commandOf } from './system/running.ts'

/** Command lines of those who lock folders: `machine up` and the play. */
const OWNERS = /cli\.ts up\b|play\.ts/

/**
 * Take a folder. Gives how to let it go.
 *
 * @throws {Error} when another machine has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'up.pid')
  const owner = await readPid(file)
  if (owner !== 0 && owner !== process.pid && OWNERS.test(await commandOf(owner))) throw taken(folder, owner)

  await rm(file, { force: true })
  try {
    // Two that start at one moment: only one of them makes the file.
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' })
  } catch (error) {
    const other = await readPid(file)
    throw other === 0 ? error : taken(folder, other)
  }
  return () => rm(file, { force: true })
}

async function readPid(file: string): Promise<number> {
  return Number(await readFile(file, 'utf8').catch(() => '')) || 0
}

function taken(folder: string, pid: number): Error {
  return new Error(
    `another machine runs on ${resolve(folder)} (process ${pid}); stop it first, or choose another folder with --folder`,
  )
}
