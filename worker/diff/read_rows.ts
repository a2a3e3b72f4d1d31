/** The rows of a run's `out.geojson`, packed or not, as pieces of whole lines, and whose layer they are. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { attributesOf, LAYERS, type LayerName } from '../../shared/layer.ts'

const PIECE_BYTES = 128 * 1024
const NEWLINE = 10

/** Pieces of whole lines; each is the caller's until the next. */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const packed = path.endsWith('.gz') ? createGunzip({ chunkSize: PIECE_BYTES }) : undefined
  if (packed !== undefined) file.on('error', (error) => packed.destroy(error)).pipe(packed)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const piece of packed ?? file) {
      const bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer])
      const end = bytes.lastIndexOf(NEWLINE) + 1
      rest = bytes.subarray(end)
      if (end > 0) yield bytes.subarray(0, end)
    }
    if (rest.length > 0) throw new Error(`${path} ends in the middle of a line`)
  } finally {
    file.destroy()
  }
}

/** The layer that a line is of, by its properties; undefined for a line of another kind. */
export function layerOf(piece: Buffer): LayerName | undefined {
  const line = piece.toString('latin1', 0, piece.indexOf(NEWLINE))
  const { properties } = JSON.parse(line) as { readonly properties: object }
  const names = Object.keys(properties).slice(1).join()
  return (Object.keys(LAYERS) as LayerName[]).find((layer) => attributesOf(layer).join() === names)
}
