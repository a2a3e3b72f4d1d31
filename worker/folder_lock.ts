/**
 * The folder of a machine belongs to one process at a time, and remembers what that one started.
 *
 * Whoever was killed could end nothing: what it left running ends before the next begins.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Log } from './system/log.ts'
import { commandOf, endProcess } from './system/running.ts'

/** Command lines of those who lock folders: `machine up` and the play. */
const OWNERS = /cli\.ts up\b|play\.ts/

/** Command lines of what they start and what does not end by itself when they are gone. */
const STRAYS = /edge\/(?:main|node)\.ts/

export interface FolderLock {
  /** Remember a program that has to end with us. */
  remember(pid: number): Promise<void>
  release(): Promise<void>
}

/**
 * Take a folder.
 *
 * @throws {Error} when another machine has it
 */
export async function lockFolder(folder: string, log: Log): Promise<FolderLock> {
  const file = join(folder, 'up.pid')
  const write = (pids: readonly number[]) => writeFile(file, `${pids.join('\n')}\n`)

  const [owner, ...strays] = await readPids(file)
  if (owner !== undefined) {
    if (owner !== process.pid && OWNERS.test(await commandOf(owner))) throw taken(folder, owner)
    for (const pid of strays) {
      const ended = await endProcess(pid, (command) => STRAYS.test(command), 'SIGTERM')
      if (ended) log(`ended the edge of an earlier start (process ${pid})`)
    }
    await rm(file, { force: true })
  }
  try {
    // Two that start at one moment: only one of them makes the file.
    await writeFile(file, `${process.pid}\n`, { flag: 'wx' })
  } catch (error) {
    const [other] = await readPids(file)
    throw other === undefined ? error : taken(folder, other)
  }

  const pids = [process.pid]
  return {
    async remember(pid) {
      pids.push(pid)
      await write(pids)
    },
    release: () => rm(file, { force: true }),
  }
}

async function readPids(file: string): Promise<number[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0)
}

function taken(folder: string, pid: number): Error {
  return new Error(
    `another machine runs on ${resolve(folder)} (process ${pid}); stop it first, or choose another folder with --folder`,
  )
}
