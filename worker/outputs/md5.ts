/** MD5 of files: what the original calls fingerprints and process hashes. No secret depends on it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** MD5 of a file, in hex. */
export async function fileMd5(path: string): Promise<string> {
  const hash = createHash('md5')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
