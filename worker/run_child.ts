/**
 * One run as a child process: `machine process-one --json`, in a folder of its own.
 *
 * The child reads strangers' data, so it has no secret of ours, ends when we do, and cannot take us
 * with it when it dies.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { RunUsage } from '../shared/db/runs.ts'
import type { ChildLine, Earlier, Progress, RunResult } from '../shared/run.ts'
import { isObject } from '../shared/source.ts'
import type { Task } from '../shared/task.ts'
import type { HostManners } from './download/manners.ts'
import { runFolder } from './process_command.ts'
import { type Confinement, UNCONFINED } from './system/confine.ts'
import { type Broken, type Limits, watchProgram } from './system/limits.ts'
import { type Ended, selfCommand, start } from './system/spawn.ts'
import { kernelKills } from './system/usage.ts'

const CLI = join(import.meta.dirname, 'cli.ts')

/** How a child ended, and what it left. */
export interface ChildEnd {
  readonly end: Ended
  /** Undefined where it came to none. */
  readonly result: RunResult | undefined
  /** The limit that it was ended for; undefined where it broke none. */
  readonly broken: Broken | undefined
  /** Whether the kernel has ended some process of this computer for want of memory meanwhile. */
  readonly kernelKilled: boolean
  /** What it took at most; undefined where that cannot be seen. */
  readonly usage: RunUsage | undefined
  /** Where its files are. */
  readonly folder: string
}

export interface RunChildOptions {
  readonly limits: Limits
  /** An empty folder. */
  readonly folder: string
  readonly allowPrivate: boolean
  /** What holds the child, should strangers' data take it over. */
  readonly confined?: Confinement
  /** How to treat the ESRI servers of some hosts. */
  readonly hostManners?: HostManners | undefined
  /** What the data was in a run whose result can be used again; undefined where there is none. */
  readonly earlier?: Earlier | undefined
  readonly tell: (progress: Progress) => void
  /** Ends the child, politely first. */
  readonly signal: AbortSignal
}

/** Run the child of a task to its end. */
export async function runChild(
  task: Task,
  {
    folder,
    limits,
    allowPrivate,
    confined = UNCONFINED,
    hostManners,
    earlier,
    tell,
    signal,
  }: RunChildOptions,
): Promise<ChildEnd> {
  const source = join(folder, task.name)
  const out = join(folder, 'out')
  await mkdir(dirname(source), { recursive: true })
  await writeFile(source, Buffer.from(task.content_b64, 'base64'))

  let result: RunResult | undefined
  let lastLine = ''
  const [command, ...before] = selfCommand(CLI)
  const options = ['--json', '--layer', task.layer, '--name', task.layersource]
  if (allowPrivate) options.push('--allow-private')
  if (earlier !== undefined) options.push('--earlier', JSON.stringify(earlier))
  if (!task.render_preview) options.push('--skip', 'preview,slippymap')
  const kills = kernelKills()
  const words = [command, ...before, 'process-one', ...options, '--', source, out] as const
  const [first, ...rest] = confined.wrap(words, folder)
  const program = start(first, rest, {
    cwd: folder,
    env: { TMPDIR: folder, HOST_MANNERS: JSON.stringify(hostManners ?? {}) },
    tether: true,
    signal,
    onLine(line) {
      const said = readLine(line)
      if (said === undefined) return
      // Who says the same again and again has not moved.
      if (line !== lastLine) watch.moved()
      lastLine = line
      if ('progress' in said) tell(said.progress)
      else result = said.result
    },
  })
  const watch = watchProgram(program, limits)
  const end = await program.ended.finally(() => watch.end())
  const { broken, peakMb, cpuSeconds } = watch.end()
  return {
    end,
    result,
    broken,
    kernelKilled: (kernelKills() ?? 0) > (kills ?? 0),
    usage: peakMb === undefined ? undefined : { peakMb, cpuSeconds: cpuSeconds ?? 0 },
    folder: runFolder(out, task.layer, task.layersource),
  }
}

/** Lines that are not ours (a library that prints) are passed over. */
function readLine(line: string): ChildLine | undefined {
  try {
    const said: unknown = JSON.parse(line)
    return isObject(said) && ('progress' in said || 'result' in said)
      ? (said as unknown as ChildLine)
      : undefined
  } catch {
    return undefined
  }
}
