/**
 * Troubles on demand, and a record of every call: what each stand-in has besides its own manners.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Answer, Asked, Respond } from './server.ts'

/** One call that came, and how it was answered. */
export interface Call {
  readonly method: string
  /** Decoded. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Parsed where it is JSON, text where it is not, null where there is none. */
  readonly body: unknown
  /** Null until it was answered; stays null where the connection was broken. */
  status: number | null
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What shall go wrong, and for whom. */
export interface Trouble {
  /** All methods without it. */
  readonly method?: string
  /** The whole decoded path, its beginning where it ends in `*`, or a pattern; all paths without it. */
  readonly path?: string | RegExp
  /** So many calls are troubled, then it is over; 1 without it. */
  readonly times?: number
  /** So many calls go well first. */
  readonly after?: number
  /** Wait before anything else. Alone, it only makes the true answer late. */
  readonly delayMs?: number
  /** Answer with this status instead of the true answer. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly json?: unknown
  /** Never answer. */
  readonly hang?: boolean
  /** Break the connection without an answer. (Bun's fetch asks again by itself where it had used the connection before.) */
  readonly cut?: boolean
  /** Do what was asked first: only the answer is lost or wrong. */
  readonly done?: boolean
}

export interface Troubled {
  readonly respond: Respond
  /** Every call, in order. */
  readonly calls: Call[]
  /** Ask for trouble. The first that fits a call is taken. Returns how to end it before its time. */
  misbehave(trouble: Trouble): () => void
  /** End all troubles. */
  behave(): void
}

/** A stand-in that can be troubled, and that remembers. */
export function withTroubles(respond: Respond): Troubled {
  const calls: Call[] = []
  const troubles: { readonly trouble: Trouble; after: number; times: number }[] = []

  /** The trouble for this call, which is thereby counted. */
  function next(asked: Asked): Trouble | undefined {
    const found = troubles.find(({ trouble, times }) => times > 0 && fits(trouble, asked))
    if (found === undefined) return undefined
    if (found.after > 0) {
      found.after--
      return undefined
    }
    found.times--
    return found.trouble
  }

  return {
    calls,
    misbehave(trouble) {
      const entry = { trouble, after: trouble.after ?? 0, times: trouble.times ?? 1 }
      troubles.push(entry)
      return () => {
        entry.times = 0
      }
    },
    behave() {
      troubles.length = 0
    },
    async respond(asked) {
      const call = record(asked)
      calls.push(call)
      const answer = await answerIn(next(asked), asked, respond)
      if (answer.cut !== true) call.status = answer.status ?? 200
      return answer
    },
  }
}

async function answerIn(trouble: Trouble | undefined, asked: Asked, respond: Respond): Promise<Answer> {
  if (trouble === undefined) return await respond(asked)

  const { delayMs, status, headers, body, json, hang, cut, done } = trouble
  if (delayMs !== undefined) await pause(delayMs)
  const isOnlyLate = status === undefined && !hang && !cut
  const truth = isOnlyLate || done ? await respond(asked) : undefined
  if (hang) await new Promise(() => {})
  if (cut) return { cut: true }
  if (isOnlyLate) return { ...truth, headers: { ...truth?.headers, ...headers } }
  return {
    status: status ?? 500,
    ...(headers === undefined ? {} : { headers }),
    ...(json === undefined ? { body: body ?? `Trouble ${status}\n` } : { json }),
  }
}

function fits({ method, path }: Trouble, asked: Asked): boolean {
  if (method !== undefined && method !== asked.method) return false
  if (path === undefined) return true
  const here = decoded(asked.path)
  if (path instanceof RegExp) return path.test(here)
  return path.endsWith('*') ? here.startsWith(path.slice(0, -1)) : here === path
}

function record(asked: Asked): Call {
  const text = asked.body.toString('utf8')
  return {
    method: asked.method,
    path: decoded(asked.path),
    query: Object.fromEntries(asked.query),
    headers: asked.headers,
    body: text === '' ? null : parsed(text),
    status: null,
    at: Date.now(),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
