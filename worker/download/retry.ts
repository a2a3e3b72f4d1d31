/**
 * Patience: what is tried again, how often, and how long is waited in between.
 *
 * Waiting is by what went wrong, never by a fixed sleep: it doubles with each failure, is spread by
 * chance so that many workers do not come back at once, and a server that says when is obeyed.
 */
import { SourceError } from '../../shared/problem.ts'
import { PROBLEMS } from '../../shared/problem_table.ts'
import { sleep } from '../system/drain.ts'

export interface Patience {
  /** How often the same thing is tried, the first time included. */
  readonly triesMax: number
  /** A connection stands within this time. */
  readonly connectMs: number
  /** Between two signs of life. */
  readonly idleMs: number
  /** The wait after a failure; `failures` counts from 1. */
  readonly delayMs: (failures: number) => number
}

/** The first wait; each further one is twice as long. */
const DELAY_FIRST_MS = 1_000
const DELAY_MAX_MS = 60_000

/** A server that asks for more is not waited for this long, but asked again after this. */
const RETRY_AFTER_MAX_MS = 600_000

/** What the original waited: 180 s between bytes. */
export const PATIENCE: Patience = {
  triesMax: 5,
  connectMs: 30_000,
  idleMs: 180_000,
  delayMs: (failures) =>
    Math.min(DELAY_MAX_MS, DELAY_FIRST_MS * 2 ** (failures - 1)) * (0.75 + Math.random() / 2),
}

/** Stands as the cause of a `SourceError` where its code alone does not tell whether to try again. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly isTransient: boolean
  /** As the server asked, in milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(message: string, isTransient: boolean, retryAfterMs?: number) {
    super(message)
    this.isTransient = isTransient
    this.retryAfterMs = retryAfterMs
  }
}

export interface RetryOptions {
  readonly patience: Patience
  readonly log: (line: string) => void
  readonly signal: AbortSignal
}

/**
 * Do something, again and again while it fails in a way that may pass.
 *
 * @throws what the last try threw
 */
export async function withRetries<T>(deed: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await deed()
    } catch (error) {
      options.signal.throwIfAborted()
      if (!mayPass(error) || failures >= options.patience.triesMax) throw error
      await waitAfter(error, failures, options)
    }
  }
}

/** Whether the same request may well succeed later. */
export function mayPass(error: unknown): error is SourceError {
  if (!(error instanceof SourceError)) return false
  return error.cause instanceof Refusal
    ? error.cause.isTransient
    : PROBLEMS[error.problem.code].retry === 'within-run'
}

/** Wait after a failure, and say so. */
export async function waitAfter(error: SourceError, failures: number, options: RetryOptions): Promise<void> {
  const asked = error.cause instanceof Refusal ? (error.cause.retryAfterMs ?? 0) : 0
  const delayMs = Math.max(options.patience.delayMs(failures), Math.min(asked, RETRY_AFTER_MAX_MS))
  options.log(`${error.message}; trying again in ${(delayMs / 1000).toFixed(1)} s`)
  await sleep(delayMs, options.signal)
  options.signal.throwIfAborted()
}

/** Milliseconds of a `Retry-After` header, which is a number of seconds or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const seconds = Number(header)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
