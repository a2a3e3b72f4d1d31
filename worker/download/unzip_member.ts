/** One member of a zip, written to the disk and held to its own checksum. */
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import zlib from 'node:zlib'
import type { Entry, ZipFile } from 'yauzl'
import { SourceError } from '../../shared/problem.ts'
import { diskError } from './disk.ts'

/**
 * Unpack one member.
 *
 * @throws {SourceError} `archive-broken` when it is encrypted, packed in a way that is not known, or damaged
 */
export async function extractMember(
  zip: ZipFile,
  entry: Entry,
  { path, signal }: { readonly path: string; readonly signal: AbortSignal },
): Promise<void> {
  const name = entry.fileName
  if (entry.isEncrypted()) throw new SourceError('archive-broken', `"${name}" needs a password`)
  if (!entry.canDecodeFileData()) {
    throw new SourceError(
      'archive-broken',
      `"${name}" is packed by method ${entry.compressionMethod}, which is not known`,
    )
  }
  let checksum = 0
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      checksum = crc32(chunk, checksum)
      done(null, chunk)
    },
  })
  try {
    const packed: Readable = await zip.openReadStreamPromise(entry)
    await pipeline(packed, checked, createWriteStream(path), { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw memberError(error, name)
  }
  if (checksum !== 0 && checksum !== entry.crc32) {
    throw new SourceError('archive-broken', `"${name}" is damaged: its checksum does not fit`)
  }
}

/** Node has it from 20.15 on; before, the check is left out. */
function crc32(chunk: Buffer, value: number): number {
  return typeof zlib.crc32 === 'function' ? zlib.crc32(chunk, value) : 0
}

function memberError(error: unknown, name: string): unknown {
  const known = diskError(error, name)
  if (known !== error) return known
  const message = error instanceof Error ? error.message : String(error)
  return new SourceError('archive-broken', `"${name}": ${message}`, { cause: error })
}
