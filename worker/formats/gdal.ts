/**
 * GDAL, wherever it is: the programs of this machine, or WebAssembly in a program of its own.
 *
 * Both answer the same two questions, and a test holds their answers against each other. WebAssembly runs
 * apart from us because it blocks while it works, and because its memory goes back when it ends.
 */
import { join } from 'node:path'
import { type ProblemCode, SourceError } from '../../shared/problem.ts'
import { CommandError, run, selfCommand } from '../system/spawn.ts'
import { gdalEnv } from './gdal_fence.ts'

/** What is asked of GDAL about a file. */
export interface Gdal {
  /** What `ogrinfo` prints. */
  info(options: readonly string[], path: string, layer?: string): Promise<string>
  /** What `ogr2ogr` does; `options` without the files. */
  translate(options: readonly string[], target: string, path: string, layer?: string): Promise<void>
}

/** An older GDAL says so of drivers that are fenced off and that it does not have; it is nobody's problem. */
const NOT_THERE_TO_SKIP = /Warning 1: Unable to find driver .+ to unload from .+ environment variable\.\n?/g

/** The programs on the PATH. */
export function nativeGdal(signal: AbortSignal): Gdal {
  return {
    info: (options, path, layer) =>
      run('ogrinfo', ['-ro', ...options, path, ...(layer === undefined ? [] : [layer])], {
        signal,
        env: gdalEnv(path),
      }),
    async translate(options, target, path, layer) {
      await run('ogr2ogr', [...options, target, path, ...(layer === undefined ? [] : [layer])], {
        signal,
        env: gdalEnv(path),
      })
    },
  }
}

/**
 * Do something by the programs; where there are none, let WebAssembly do the same in another process.
 *
 * @param task  what gdal_child.ts needs to know of it
 * @throws {SourceError} `conform-failed`, when GDAL cannot read the data, and whatever the deed throws
 */
export async function withGdal<T>(
  deed: (gdal: Gdal) => Promise<T>,
  task: object,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await deed(nativeGdal(signal))
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    signal.throwIfAborted()
    if (error.reason !== 'ENOENT')
      throw new SourceError('conform-failed', error.message.replaceAll(NOT_THERE_TO_SKIP, ''), {
        cause: error,
      })
  }
  return inChild<T>(task, signal)
}

/** What the child says in its one line. */
export type ChildAnswer<T> =
  | { readonly done: T }
  | { readonly problem: { readonly code: ProblemCode; readonly detail: string } }

async function inChild<T>(task: object, signal: AbortSignal): Promise<T> {
  const [command, ...args] = selfCommand(join(import.meta.dirname, 'gdal_child.ts'))
  let said: string
  try {
    said = await run(command, [...args, JSON.stringify(task)], { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof CommandError)) throw error
    throw new SourceError('conform-failed', `GDAL in WebAssembly broke down: ${error.message}`, {
      cause: error,
    })
  }
  const answer = JSON.parse(said) as ChildAnswer<T>
  if ('done' in answer) return answer.done
  throw new SourceError(answer.problem.code, answer.problem.detail)
}
