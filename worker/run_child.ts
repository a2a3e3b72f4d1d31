/**
 * One run as a child process: `machine process-one --json`, in a folder of its own.
 *
 * The child reads strangers' data, so it has no secret of ours, ends when we do, and cannot take us
 * with it when it dies.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ChildLine, Progress, RunResult } from '../shared/run.ts'
import type { Task } from '../shared/task.ts'
import { runFolder } from './process_command.ts'
import { type Ended, selfCommand, start } from './system/spawn.ts'

const CLI = join(import.meta.dirname, 'cli.ts')

/** A child at work. */
export interface RunChild {
  /** Where it leaves its files. */
  readonly folder: string
  /** How it ended, and its result where it came to one. Never rejects but when it cannot start. */
  readonly ended: Promise<{ readonly end: Ended; readonly result: RunResult | undefined }>
  /** End it: politely, then not so. */
  stop(): Promise<unknown>
}

export interface RunChildOptions {
  /** An empty folder. */
  readonly folder: string
  readonly allowPrivate: boolean
  readonly tell: (progress: Progress) => void
}

/** Start the child for a task. */
export async function startRunChild(
  task: Task,
  { folder, allowPrivate, tell }: RunChildOptions,
): Promise<RunChild> {
  const source = join(folder, task.name)
  const out = join(folder, 'out')
  await mkdir(dirname(source), { recursive: true })
  await writeFile(source, Buffer.from(task.content_b64, 'base64'))

  let result: RunResult | undefined
  const [command, ...before] = selfCommand(CLI)
  const options = [
    '--json',
    '--layer',
    task.layer,
    '--name',
    task.layersource,
    ...(allowPrivate ? ['--allow-private'] : []),
  ]
  const program = start(command, [...before, 'process-one', ...options, source, out], {
    tether: true,
    env: { TMPDIR: folder },
    onLine(line) {
      const said = readLine(line)
      if (said === undefined) return
      if ('progress' in said) tell(said.progress)
      else result = said.result
    },
  })

  return {
    folder: runFolder(out, task.layer, task.layersource),
    ended: program.ended.then((end) => ({ end, result })),
    stop: () => program.stop(),
  }
}

/** Lines that are not ours (a library that prints) are passed over. */
function readLine(line: string): ChildLine | undefined {
  try {
    return JSON.parse(line) as ChildLine
  } catch {
    return undefined
  }
}
