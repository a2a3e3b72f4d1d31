/** What can go wrong between this machine and a server, as problems with a sentence. */
import type { IncomingHttpHeaders } from 'node:http'
import { type ProblemCode, SourceError } from '../../shared/problem.ts'
import { Refusal, retryAfterMs } from './retry.ts'

/** Certificates out of order; the data is public, so we go on without. */
const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

const TIMED_OUT = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'ERR_SOCKET_CONNECTION_TIMEOUT'])

/** Parts of an address that are nobody's business. */
const SECRET_PARAMETERS = /^(?:token|key|api_?key|access_token|sig|signature|password)$/i

/** Statuses with a code of their own; the rest goes by its hundred. */
const STATUS_CODES: Readonly<Record<number, ProblemCode>> = {
  401: 'download-blocked',
  403: 'download-blocked',
  404: 'download-not-found',
  408: 'download-timed-out',
  410: 'download-not-found',
  451: 'download-blocked',
}

/** May pass: too early, too much at once. */
const TRANSIENT_STATUSES = new Set([408, 425, 429])

/** A failure below HTTP. */
export function worldError(error: unknown, url: URL): unknown {
  if (error instanceof SourceError) return error
  const { code, message } = error as NodeJS.ErrnoException
  const isTls = /^(?:ERR_SSL|ERR_TLS|EPROTO)/.test(code ?? '') || /\b(?:SSL|TLS)\b|handshake/i.test(message)
  const other = isTls ? 'download-tls' : 'download-failed'
  return new SourceError(
    TIMED_OUT.has(code ?? '') ? 'download-timed-out' : other,
    `${message || code} at ${shown(url.href)}`,
    { cause: error },
  )
}

/** Whether the server's certificate is the only trouble. */
export function isUntrusted(error: unknown): error is SourceError {
  if (!(error instanceof SourceError)) return false
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
  return UNTRUSTED.has(code ?? '')
}

/** A server that was silent for too long. */
export function ranOutOfTime(url: URL, what: string, ms: number): SourceError {
  return new SourceError('download-timed-out', `${url.host} ${what} for ${Math.round(ms / 100) / 10} s`)
}

/** The problem that a status is; undefined for one that brings data. */
export function statusError(status: number, headers: IncomingHttpHeaders, url: URL): SourceError | undefined {
  if (status >= 200 && status < 300 && status !== 204 && status !== 205) return undefined
  const code = STATUS_CODES[status] ?? codeOfHundred(status)
  const isTransient = status >= 500 || TRANSIENT_STATUSES.has(status)
  const wait = retryAfterMs(headers['retry-after'], Date.now())
  const cause = new Refusal(`status ${status}`, isTransient, wait)
  return new SourceError(code, `${status} from ${shown(url.href)}`, { cause })
}

/** An address fit for a log: no password, no token. */
export function shown(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  url.username = ''
  url.password = ''
  for (const name of [...url.searchParams.keys()]) {
    if (SECRET_PARAMETERS.test(name)) url.searchParams.set(name, '…')
  }
  return url.href
}

function codeOfHundred(status: number): ProblemCode {
  if (status >= 500) return 'download-server-error'
  return status < 300 ? 'download-not-data' : 'download-failed'
}
