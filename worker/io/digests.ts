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
}

/** Count content on its way. */
export function digesting(content: AsyncIterable<Uint8Array>): Digested {
  const md5 = createHash('md5')
  const sha256 = createHash('sha256')
  let bytes = 0

  async function* body(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      md5.update(chunk)
      sha256.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }

  return { body: body(), digests: () => ({ bytes, md5: md5.digest('hex'), sha256: sha256.digest('hex') }) }
}

/** The content of a file; it is opened when it is first asked for. */
export async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>
}
