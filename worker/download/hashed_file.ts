/** A file that is written from its beginning to its end, and its MD5 known when it is. */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { diskError } from './disk.ts'

export interface HashedFile {
  /** Append text, as UTF-8. */
  write(text: string): Promise<void>
  /** Settle it; to be called in any case. */
  close(): Promise<{ readonly bytes: number; readonly fingerprint: string }>
}

/** Begin a file, replacing what is there. */
export async function hashedFile(path: string, what: string): Promise<HashedFile> {
  const file = await open(path, 'w')
  const hash = createHash('md5')
  let bytes = 0
  return {
    async write(text) {
      const chunk = Buffer.from(text, 'utf8')
      await file.write(chunk).catch((error: unknown) => {
        throw diskError(error, what)
      })
      hash.update(chunk)
      bytes += chunk.length
    },
    async close() {
      await file.close()
      return { bytes, fingerprint: hash.digest('hex') }
    },
  }
}
