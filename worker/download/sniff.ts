/**
 * What a file is, by how it begins.
 *
 * Names, tags and content types are claims; the first bytes are the thing itself. Used where the
 * claims are absent or contradict each other.
 */
import { open } from 'node:fs/promises'

export type Kind = 'zip' | 'gzip' | 'sqlite' | 'html' | 'xml' | 'json' | 'unknown'

/** Enough for a byte order mark, an XML declaration, a comment and the first tag. */
export const HEAD_BYTES = 4_096

const MAGIC: readonly [kind: Kind, bytes: string][] = [
  ['zip', 'PK\x03\x04'],
  // An archive without members has only its end.
  ['zip', 'PK\x05\x06'],
  ['gzip', '\x1f\x8b'],
  ['sqlite', 'SQLite format 3\0'],
]

const HTML = /^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*<(?:!doctype\s+html|html[\s>]|head[\s>])/i

/** What begins like this; text is told apart only as far as markup and JSON. */
export function kindOf(head: Uint8Array): Kind {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  const magic = MAGIC.find(([, bytes]) => text.startsWith(bytes))
  if (magic !== undefined) return magic[0]

  const start = text.replace(/^\xef\xbb\xbf/, '').trimStart()
  if (HTML.test(start)) return 'html'
  if (start.startsWith('<')) return 'xml'
  // Not just a brace: a CSV may begin with one.
  return /^(?:\{\s*["}]|\[\s*[[{\]])/.test(start) ? 'json' : 'unknown'
}

/** The first bytes of a file. */
export async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
