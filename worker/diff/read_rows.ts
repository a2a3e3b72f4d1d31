/** The rows of a run's `out.geojson`, packed or not, as pieces of whole lines, and whose layer they are. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { attributesOf, LAYERS, type LayerName } from '../../shared/layer.ts'

const PIECE_BYTES = 128 * 1024
const NEWLINE = 10

/** Pieces of whole lines; each is the caller's until the next, as all of them are in one buffer. */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES })
  const packed = path.endsWith('.gz') ? createGunzip({ chunkSize: PIECE_BYTES }) : undefined
  if (packed !== undefined) file.on('error', (error) => packed.destroy(error)).pipe(packed)
  let bytes: Buffer = Buffer.alloc(2 * PIECE_BYTES)
  let start = 0
  let end = 0
  try {
    for await (const piece of packed ?? file) {
      bytes = withRoom(bytes, { start, end, room: (piece as Buffer).length })
      end = end - start + (piece as Buffer).copy(bytes, end - start)
      start = bytes.lastIndexOf(NEWLINE, end - 1) + 1
      if (start > 0) yield bytes.subarray(0, start)
    }
    if (end > start) throw new Error(`${path} ends in the middle of a line`)
  } finally {
    file.destroy()
  }
}

/** What is left of the last piece at the beginning of the buffer, and room behind it. */
function withRoom(
  bytes: Buffer,
  { start, end, room }: { readonly start: number; readonly end: number; readonly room: number },
): Buffer {
  const needed = end - start + room
  if (needed <= bytes.length) {
    bytes.copyWithin(0, start, end)
    return bytes
  }
  const larger = Buffer.alloc(2 * needed)
  bytes.copy(larger, 0, start, end)
  return larger
}

/** The layer that a line is of, by its properties; undefined for a line of another kind. */
export function layerOf(piece: Buffer): LayerName | undefined {
  const line = piece.toString('latin1', 0, piece.indexOf(NEWLINE))
  const { properties } = JSON.parse(line) as { readonly properties: object }
  const names = Object.keys(properties).slice(1).join()
  return (Object.keys(LAYERS) as LayerName[]).find((layer) => attributesOf(layer).join() === names)
}
