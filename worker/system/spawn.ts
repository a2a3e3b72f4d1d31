/**
 * Programs: the only place where one is started.
 *
 * Each gets its own process group, so that ending it ends its children too, and an environment of a
 * few harmless names: no secret of this house reaches a program that reads strangers' data.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Writable } from 'node:stream'

/** What a program may see of the environment. */
const ENVIRONMENT = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'PROJ_DATA', 'GDAL_DATA']

/** How long a program may take to end by itself after a polite signal. */
const PATIENCE_MS = 5_000

/** The last this much of standard error is kept for the message. */
const STDERR_CHARS_MAX = 8_000

/**
 * Becomes the program that it is told to, with one that watches over it: when whoever started them is gone, the whole
 * group is killed. The end of standard input alone says nothing: the program would take half of its input for all.
 */
const GUARD = `
  parent=$PPID self=$$
  ( while kill -0 $parent && kill -0 $self; do sleep 1; done
    kill -0 $parent || kill -KILL -$self ) </dev/null >/dev/null 2>&1 &
  exec "$0" "$@"`

/** A program that could not be started, or that did not end well. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  /** Exit code; null when it was ended by a signal or never started. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** `ENOENT` when the program is not installed. */
  readonly reason: string | undefined

  constructor(message: string, ended: Ended & { reason?: string }) {
    super(message)
    this.code = ended.code
    this.signal = ended.signal
    this.reason = ended.reason
  }
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it wrote on standard error. */
  readonly stderr: string
}

export interface StartOptions {
  readonly cwd?: string
  /** Added to the few names that every program gets. */
  readonly env?: Readonly<Record<string, string>>
  /** Ends the program, politely first. */
  readonly signal?: AbortSignal
  /** Each line of standard output as it comes. */
  readonly onLine?: (line: string) => void
  /** Each line of standard error as it comes. */
  readonly onErrorLine?: (line: string) => void
  readonly uid?: number
  readonly gid?: number
  /** Its standard input is a pipe that closes when we are gone, however we went. */
  readonly tether?: boolean
  /** It reads what is written to `input`; it is killed when we are gone, rather than take that for the end. */
  readonly feed?: boolean
}

export interface Program {
  readonly pid: number | undefined
  /** Its standard input, of a program that is fed or tethered. */
  readonly input: Writable | null
  /** Settles when the program and its output have ended; never rejects but for a program that cannot start. */
  readonly ended: Promise<Ended>
  /** Signal the program and its children. */
  kill(signal: NodeJS.Signals): void
  /** End it: politely, and after a while not so. */
  stop(): Promise<Ended>
}

/**
 * Start a program.
 *
 * @throws {CommandError} from `ended`, when it cannot be started; `reason` is `ENOENT` when it is not installed
 */
export function start(command: string, args: readonly string[], options: StartOptions = {}): Program {
  const [program, ...words] = options.feed ? ['sh', '-c', GUARD, command, ...args] : [command, ...args]
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: { ...harmless(), ...options.env },
    detached: true,
    stdio: [options.tether || options.feed ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  })

  function kill(signal: NodeJS.Signals): void {
    if (!signalGroup(child, signal)) child.kill(signal)
  }

  async function stop(): Promise<Ended> {
    kill('SIGTERM')
    const hard = setTimeout(() => kill('SIGKILL'), PATIENCE_MS)
    try {
      return await ended
    } finally {
      clearTimeout(hard)
    }
  }

  const ended = waitFor(child, command, options)
  const onAbort = () => void stop().catch(() => {})
  if (options.signal?.aborted) onAbort()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  ended.catch(() => {}).finally(() => options.signal?.removeEventListener('abort', onAbort))

  return { pid: child.pid, input: child.stdin, ended, kill, stop }
}

/**
 * Run a program to its end.
 *
 * @returns what it wrote on standard output
 * @throws {CommandError} when it cannot start or ends with another code than 0
 */
export async function run(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<string> {
  const lines: string[] = []
  const { ended } = start(command, args, { onLine: (line) => lines.push(line), ...options })
  const end = await ended
  if (end.code !== 0) {
    throw new CommandError(
      `${command} ended with ${end.signal ?? `code ${end.code}`}: ${end.stderr.trim()}`,
      end,
    )
  }
  return lines.join('\n')
}

/** How this program starts itself again, as another `machine` command: Bun, or Node with tsx. */
export function selfCommand(script: string): [command: string, ...args: string[]] {
  return process.versions['bun'] === undefined
    ? [process.execPath, '--import', import.meta.resolve('tsx'), script]
    : // Bun would read a .env of the folder that it starts in, and with it every secret.
      [process.execPath, '--no-env-file', script]
}

/** Signal a program and all that it has started; false when none of them is there. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

async function waitFor(child: ChildProcess, command: string, options: StartOptions): Promise<Ended> {
  let stderr = ''
  const reading = [
    readLines(child.stdout, options.onLine),
    readLines(child.stderr, (line) => {
      stderr = `${stderr}${line}\n`.slice(-STDERR_CHARS_MAX)
      options.onErrorLine?.(line)
    }),
  ]
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const message = error.code === 'ENOENT' ? `${command} is not installed` : `${command}: ${error.message}`
      const reason = error.code === undefined ? {} : { reason: error.code }
      reject(new CommandError(message, { code: null, signal: null, stderr: '', ...reason }))
    })
    child.once('exit', (code, signal) => {
      // Killed it could not end what it had started, such as the program inside a bubble.
      if (signal === 'SIGKILL') signalGroup(child, 'SIGKILL')
      resolve([code, signal])
    })
  })
  await Promise.all(reading)
  return { code, signal, stderr }
}

async function readLines(
  stream: ChildProcess['stdout'],
  tell: ((line: string) => void) | undefined,
): Promise<void> {
  if (stream === null) return
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }))
    tell?.(line)
}

function harmless(): Record<string, string> {
  const entries = ENVIRONMENT.map((name) => [name, process.env[name]] as const)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
}
