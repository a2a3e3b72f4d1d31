/**
 * Ranges and conditions of a request for a file, as browsers and readers of map tiles ask.
 *
 * Source: RFC 9110, sections 13.1 (conditions) and 14 (ranges).
 */

/** First and last byte, both included. */
export interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Read a range.
 *
 * @returns undefined for none, for what is not understood, and for several at once: then all is sent;
 *   `outside` when the file has no such byte
 */
export function readRange(header: string | null, size: number): Range | 'outside' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec((header ?? '').trim())
  const [from, to] = [match?.[1] ?? '', match?.[2] ?? '']
  if (from === '' && to === '') return undefined
  // The last byte before the first is not a range at all.
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined

  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  return start >= size ? 'outside' : { start, end }
}

/** Whether the asker has this very version; `W/` does not matter here. */
export function hasAlready(ifNoneMatch: string | null, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}

/** Whether a range may be sent: not when it would go on with another version of the file. */
export function isSameFile(ifRange: string | null, etag: string): boolean {
  return ifRange === null || ifRange.trim() === etag
}
