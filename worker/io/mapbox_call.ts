/** How Mapbox is called through its SDK: within a time limit, again where that may help, and with words for what went wrong. */
import { setTimeout as pause } from 'node:timers/promises'

/** Mapbox did not do what was asked; the old map is what it was. */
export class MapboxError extends Error {
  override readonly name: string = 'MapboxError'
}

/** How long things may take. */
export interface Patience {
  readonly callMs: number
  readonly retryMs: number
}

/** As much of a request of the SDK as is used here. */
export interface SdkRequest {
  send(): Promise<{ readonly body: unknown }>
  abort(): void
}

export interface Question {
  /** Deed for the message. */
  readonly what: string
  readonly request: () => SdkRequest
  readonly tries: number
  readonly signal: AbortSignal
}

/** The same may well succeed later. */
export class PassingError extends MapboxError {}

/** Make a call; again where that may help. */
export async function ask<Answer>(
  desk: Patience,
  { what, request, tries, signal }: Question,
): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    signal.throwIfAborted()
    try {
      return (await withinMs(request(), desk.callMs, signal)) as Answer
    } catch (error) {
      signal.throwIfAborted()
      const { statusCode } = error as { statusCode?: number }
      const isPassing = typeof statusCode !== 'number' || statusCode >= 500 || statusCode === 429
      const said = typeof statusCode === 'number' ? `${statusCode} ${oneLine(error)}` : oneLine(error)
      const message = `Mapbox: ${what}: ${said}${statusCode === 401 || statusCode === 403 ? '; look at MAPBOX_KEY and its scopes' : ''}`
      if (!isPassing) throw new MapboxError(message, { cause: error })
      if (tried >= tries) throw new PassingError(message, { cause: error })
      await pause(desk.retryMs * tried, undefined, { signal })
    }
  }
}

/** The SDK waits for ever by itself. */
async function withinMs(request: SdkRequest, ms: number, signal: AbortSignal): Promise<unknown> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(ms)])
  const end = new Promise<never>((_, reject) => {
    late.addEventListener('abort', () => reject(new Error(`no answer within ${ms} ms`)), { once: true })
  })
  end.catch(() => {})
  const sent = request.send()
  sent.catch(() => {})
  try {
    return (await Promise.race([sent, end])).body
  } finally {
    if (late.aborted) abortQuietly(request)
  }
}

function abortQuietly(request: SdkRequest): void {
  try {
    request.abort()
  } catch {
    // It was never on its way.
  }
}

/** An error of the SDK may have its words in the body of the answer only. */
export function oneLine(error: unknown): string {
  const { message, body } = error as { message?: unknown; body?: unknown }
  const said = message || (body as { message?: unknown } | null)?.message || body || String(error)
  return String(said).replaceAll(/\s+/g, ' ').slice(0, 300)
}
