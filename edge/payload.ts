/** The payload of a delivery: from the bytes of a body to what Postgres can keep. */
import { isObject } from '../shared/source.ts'

/** GitHub sends no larger payload. */
export const BODY_BYTES_MAX = 25 * 1024 * 1024

/** Payloads of GitHub are five deep or so; a thousand times that would be too much for Postgres. */
const DEPTH_MAX = 500

/** The body, unless it is larger than it may be; reading stops there. */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (Number(request.headers.get('Content-Length') ?? 0) > BODY_BYTES_MAX) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  return body
}

/**
 * Read a payload.
 *
 * @param body  JSON, or a form whose field `payload` is JSON: GitHub knows both, and the form is its default
 */
export function readPayload(
  body: Uint8Array,
  contentType = '',
): { readonly payload: unknown } | { readonly error: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    const isForm = /^application\/x-www-form-urlencoded\b/i.test(contentType)
    const json = isForm ? new URLSearchParams(text).get('payload') : text
    if (json === null) return { error: 'the form has no field "payload"' }
    return { payload: storable(JSON.parse(json)) }
  } catch (error) {
    return { error: `the payload cannot be read: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/**
 * A JSON value as Postgres keeps it: U+0000 and half characters, which it refuses, become U+FFFD.
 *
 * Refusing the delivery instead would lose it for ever: GitHub would send the same again.
 *
 * @throws {TypeError} when it is nested deeper than Postgres can read
 */
export function storable(value: unknown, depth = 0): unknown {
  if (depth > DEPTH_MAX) throw new TypeError(`expected no more than ${DEPTH_MAX} levels`)
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed()
  if (Array.isArray(value)) return value.map((item) => storable(item, depth + 1))
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [storable(key), storable(item, depth + 1)])
  return Object.fromEntries(entries) as unknown
}
