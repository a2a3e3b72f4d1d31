/**
 * Validators: by what a server knows that its data is still the same, so that nobody fetches it again.
 *
 * A web server gets them back and answers 304; of an FTP server and of an ESRI layer, which know no such
 * question, they are compared here. Where a server names none, the data is fetched.
 *
 * Source: RFC 9110 §8.8 and §13.1; RFC 3659 §3; ArcGIS REST API, "Layer / Table", `editingInfo`.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { isObject, type JsonObject, numberOf } from './esri_json.ts'

/** What a server said of its data. */
export interface Validators {
  /** As the server wrote it, with its quotes. */
  readonly etag?: string
  /** From a web server as it wrote it; from others ISO 8601. */
  readonly lastModified?: string
}

/** What a download is when the data is that of the earlier one. */
export const UNCHANGED = 'unchanged'

/** Of the answer of a web server. */
export function httpValidators(headers: IncomingHttpHeaders): Validators | undefined {
  const { etag, 'last-modified': lastModified } = headers
  if (!etag && !lastModified) return undefined
  return { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) }
}

/** The headers that ask a web server for the data only if it is other data than before. */
export function conditions({ etag, lastModified }: Validators): Record<string, string> {
  // A server that knows both goes by the tag; one that knows only dates still has its question.
  return {
    ...(etag === undefined ? {} : { 'If-None-Match': etag }),
    ...(lastModified === undefined ? {} : { 'If-Modified-Since': lastModified }),
  }
}

/** Whether the answer to such a question says that nothing has changed; also where the data comes along with the same tag. */
export function isUnchanged(status: number, headers: IncomingHttpHeaders, earlier: Validators): boolean {
  const isAsked = earlier.etag !== undefined || earlier.lastModified !== undefined
  if (status === 304) return isAsked
  const isStrong = earlier.etag !== undefined && !earlier.etag.startsWith('W/')
  return status === 200 && isStrong && headers.etag === earlier.etag
}

/** Whether a date that was asked for is that of the earlier download. */
export function isSameDate(now: Validators | undefined, earlier: Validators | undefined): boolean {
  return now?.lastModified !== undefined && now.lastModified === earlier?.lastModified
}

/** Of an answer to MDTM, such as `20260327140501`: seconds of UTC, perhaps with a fraction. */
export function ftpValidators(words: string): Validators | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?$/.exec(words.trim())
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  return { lastModified: `${year}-${month}-${day}T${hour}:${minute}:${second}Z` }
}

/** Of the metadata of a layer: when its rows, or what they look like, were edited last. */
export function esriValidators(metadata: JsonObject): Validators | undefined {
  const info = metadata['editingInfo']
  if (!isObject(info)) return undefined
  const edits = [info['lastEditDate'], info['schemaLastEditDate'], info['dataLastEditDate']]
  const newest = Math.max(...edits.map((edit) => numberOf(edit) ?? 0))
  const date = new Date(newest)
  return newest > 0 && !Number.isNaN(date.getTime()) ? { lastModified: date.toISOString() } : undefined
}
