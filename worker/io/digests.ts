/** Digests of what passes by: its size and checksums, as the other side will have them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** What is known of content once all of it has passed. */
export interface Digests {
  readonly bytes: number
  /** In hex, as the next. */
  readonly md5: string
  readonly sha256: string
}

/** The same content, counted on its way. */
export interface Digested {
  readonly body: AsyncGenerator<Uint8Array>
  /** Ask when the body is through. */
  digests(): Digests
  /** What S3 calls it: its MD5, or, where it was sent in parts, the MD5 of theirs and how many. Ask after `digests`. */
  etag(): string
}

/** Count content on its way. @param partBytes  the size of the parts in which it is sent, when it is larger than one */
export function digesting(
  content: AsyncIterable<Uint8Array>,
  partBytes = Number.POSITIVE_INFINITY,
): Digested {
  const parts = partsOf(partBytes)
  const md5 = createHash('md5')
  const sha256 = createHash('sha256')
  let bytes = 0

  async function* body(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      md5.update(chunk)
      sha256.update(chunk)
      parts.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }

  let whole = ''
  return {
    body: body(),
    digests() {
      whole = md5.digest('hex')
      return { bytes, md5: whole, sha256: sha256.digest('hex') }
    },
    etag: () => (bytes > partBytes ? parts.etag() : whole),
  }
}

/** MD5 of each part, and of those. */
function partsOf(partBytes: number) {
  const all = createHash('md5')
  let part = createHash('md5')
  let filled = 0
  let count = 0

  function close(): void {
    all.update(part.digest())
    part = createHash('md5')
    filled = 0
    count += 1
  }

  return {
    update(chunk: Uint8Array): void {
      for (let at = 0; at < chunk.length; ) {
        const piece = chunk.subarray(at, at + partBytes - filled)
        part.update(piece)
        filled += piece.length
        at += piece.length
        if (filled === partBytes) close()
      }
    },
    etag(): string {
      if (filled > 0) close()
      return `${all.digest('hex')}-${count}`
    },
  }
}

/** The content of a file; it is opened when it is first asked for. */
export async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>
}
