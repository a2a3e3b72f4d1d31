/**
 * The protocol `file`: data that is on this machine already.
 *
 * For a person at a terminal and for examples; the fence keeps it from sources that came from elsewhere.
 * The path stands in the address as it is, without percent-encoding, as the original read it.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SourceError } from '../../shared/problem.ts'
import { type Cache, cacheName, type DownloadOptions } from './cache.ts'
import { assertRoom, diskError } from './disk.ts'
import { pathExtension } from './extension.ts'

/** Copy a file into the run's folder. */
export async function downloadFile(url: string, options: DownloadOptions): Promise<Cache> {
  if (!options.allowPrivate) {
    throw new SourceError('download-forbidden-address', `${url} is a file of this machine`)
  }
  const from = url.replace(/^file:\/\//i, '')
  const { size } = await stat(from).catch((error: unknown) => {
    throw new SourceError('download-not-found', `there is no file ${from}`, { cause: error })
  })
  await assertRoom(options.folder, size, 'the copy')

  const extension = pathExtension(from)
  const path = join(options.folder, cacheName(extension))
  const hash = createHash('md5')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  await pipeline(createReadStream(from), counted, createWriteStream(path), { signal: options.signal }).catch(
    (error: unknown) => {
      throw diskError(error, 'the copy')
    },
  )
  options.tell({ stage: 'download', bytes, bytesTotal: bytes })
  return { path, bytes, fingerprint: hash.digest('hex'), extension, isEsri: false }
}
