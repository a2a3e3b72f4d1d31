/** Gzip: one stream, unpacked as it is read. */
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, stat } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { SourceError } from '../../shared/problem.ts'
import { type ArchiveLimits, assertSane } from './archive_limits.ts'
import type { StepOptions } from './cache.ts'
import { diskError } from './disk.ts'
import { pathExtension, sniffedExtension } from './extension.ts'
import { every } from './progress.ts'
import { headOf } from './sniff.ts'

/**
 * @param path  where to put what is inside
 * @returns the same path, with an extension where it had none and the content tells one
 */
export async function gunzip(
  archive: string,
  path: string,
  options: StepOptions & { readonly limits: ArchiveLimits },
): Promise<string> {
  const { size } = await stat(archive)
  let bytes = 0
  const tell = every(() => options.tell({ stage: 'unpack', bytes }))
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      try {
        assertSane({ bytes, packedBytes: size }, options.limits)
        tell.now()
        done(null, chunk)
      } catch (error) {
        done(error as Error)
      }
    },
  })
  try {
    await pipeline(createReadStream(archive), createGunzip(), counted, createWriteStream(path), {
      signal: options.signal,
    })
  } catch (error) {
    options.signal.throwIfAborted()
    throw unpackError(diskError(error, 'the unpacked data'))
  }
  tell.last()
  return withExtension(path)
}

/** A name without an extension gets the one that the content has, so that its format can find it. */
async function withExtension(path: string): Promise<string> {
  if (pathExtension(path) !== '') return path
  const extension = sniffedExtension(await headOf(path))
  if (extension === undefined) return path
  await rename(path, `${path}${extension}`)
  return `${path}${extension}`
}

function unpackError(error: unknown): unknown {
  const isZlib = error instanceof Error && /^(Z_|ERR_ZLIB)/.test((error as NodeJS.ErrnoException).code ?? '')
  return isZlib ? new SourceError('archive-broken', `gzip: ${error.message}`, { cause: error }) : error
}
