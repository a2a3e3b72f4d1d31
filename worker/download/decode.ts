/** Content encodings: what a server did to a body on its way, undone. */
import type { IncomingMessage } from 'node:http'
import { type Duplex, pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

const DECODERS: Readonly<Record<string, () => Duplex>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** The body of a response as its server meant it. Some encode although they were asked not to. */
export function decoded(response: IncomingMessage): Readable {
  const decoder = DECODERS[(response.headers['content-encoding'] ?? '').trim().toLowerCase()]
  if (decoder === undefined) return response
  // The callback is for a failure, which the reader of the decoder sees as well.
  return pipeline(response, decoder(), () => {}) as unknown as Readable
}
