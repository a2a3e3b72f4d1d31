/** An FTP session: commands and their answers on one connection, a file on another. */
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { type ProblemCode, SourceError } from '../../shared/problem.ts'
import type { DownloadOptions } from './cache.ts'
import { type Address, pinnedTo, visitable } from './guard.ts'
import { ranOutOfTime, shown, worldError } from './request_errors.ts'
import { type Patience, Refusal } from './retry.ts'

export interface FtpSession {
  /** Send a command and take its answer, which has one of these codes. */
  ask(command: string, codes: readonly number[]): Promise<number>
  /** Take the next answer. */
  answer(codes: readonly number[]): Promise<number>
  /** The text of the last answer. */
  words(): string
  /** Open a second connection and have a file sent over it. */
  open(command: string): Promise<Socket>
  close(): void
}

const PORT = 21

/** Answers to a RETR that cannot be. */
const CODES: Readonly<Record<number, ProblemCode>> = { 530: 'download-blocked', 550: 'download-not-found' }

/** Open a session; the guard looks at the host. */
export async function ftpSession(
  url: URL,
  options: DownloadOptions & { readonly patience: Patience },
): Promise<FtpSession> {
  const addresses = await visitable(url, options)
  const { signal } = options
  const sockets: Socket[] = []
  let last = ''

  const dial = async (port: number): Promise<Socket> => {
    const socket = await connected(url, { port, addresses, patience: options.patience })
    sockets.push(socket)
    return socket
  }

  const control = await dial(Number(url.port) || PORT)
  const onAbort = (): void => void control.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  const lines = linesOf(control, url)

  async function answer(codes: readonly number[]): Promise<number> {
    signal.throwIfAborted()
    const { code, words } = await nextAnswer(lines, url)
    last = words
    if (codes.includes(code)) return code
    const problem = CODES[code] ?? 'download-failed'
    const cause = new Refusal(words, code >= 400 && code < 500)
    throw new SourceError(problem, `${code} ${words} from ${shown(url.href)}`, { cause })
  }

  async function ask(command: string, codes: readonly number[]): Promise<number> {
    control.write(`${command}\r\n`)
    return answer(codes)
  }

  async function passivePort(): Promise<number> {
    if ((await ask('EPSV', [229, 500, 501, 502, 522])) === 229) {
      return Number(/\(\|\|\|(\d+)\|\)/.exec(last)?.[1])
    }
    await ask('PASV', [227])
    const [, high, low] = /\d+,\d+,\d+,\d+,(\d+),(\d+)/.exec(last) ?? []
    return Number(high) * 256 + Number(low)
  }

  async function open(command: string): Promise<Socket> {
    const data = await dial(await passivePort())
    await ask(command, [125, 150])
    return data
  }

  function close(): void {
    signal.removeEventListener('abort', onAbort)
    for (const socket of sockets) socket.destroy()
  }

  return { ask, answer, words: () => last, open, close }
}

interface Line {
  readonly port: number
  readonly addresses: readonly Address[]
  readonly patience: Patience
}

/** A connection that gives up by itself when nothing comes. */
async function connected(url: URL, { port, addresses, patience }: Line): Promise<Socket> {
  const { connectMs, idleMs } = patience
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port, lookup: pinnedTo(addresses) })
  const late = setTimeout(() => socket.destroy(ranOutOfTime(url, 'took no connection', connectMs)), connectMs)
  socket.setTimeout(idleMs, () => void socket.destroy(ranOutOfTime(url, 'sent nothing', idleMs)))
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return socket
  } catch (error) {
    throw worldError(error, url)
  } finally {
    clearTimeout(late)
  }
}

async function* linesOf(socket: Socket, url: URL): AsyncGenerator<string> {
  let failure: unknown
  socket.on('error', (error) => (failure = error))
  yield* createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
  throw failure === undefined
    ? new SourceError('download-failed', `${url.host} closed the connection`)
    : worldError(failure, url)
}

/** An answer of several lines ends with the line that begins with its code and a blank. */
async function nextAnswer(lines: AsyncGenerator<string>, url: URL): Promise<{ code: number; words: string }> {
  for (;;) {
    const { value } = await lines.next()
    const [, code, words] = /^(\d{3}) (.*)$/.exec(value ?? '') ?? []
    if (code !== undefined) return { code: Number(code), words: words ?? '' }
    if (value === undefined) throw new SourceError('download-failed', `${url.host} closed the connection`)
  }
}
