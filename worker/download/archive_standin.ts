/** Archives for tests: made, unpacked in a folder of their own, and looked at. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ZipFile } from 'yazl'
import { inTemp } from '../system/temp.ts'
import type { Cache } from './cache.ts'
import { unpack } from './unpack.ts'
import { given } from './web_standin.ts'

/** Names and contents of a zip. */
export type Members = Readonly<Record<string, string | Buffer>>

/** A zip of these. */
export async function zipped(members: Members, compress = true): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(members))
    zip.addBuffer(Buffer.from(content), name, { compress })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Unpack some bytes; paths come back relative to the folder `data`. */
export async function unpacked(
  bytes: Buffer,
  { extension = '.zip', compression, file, limits }: Partial<Asked> = {},
): Promise<Result> {
  return inTemp('unpack', async (folder) => {
    const path = join(folder, `cache${extension}`)
    writeFileSync(path, bytes)
    const cache: Cache = { path, bytes: bytes.length, fingerprint: '', extension, isEsri: false }
    const options = given(folder)
    const paths = await unpack(cache, compression, file, {
      ...options,
      ...(limits === undefined ? {} : { limits }),
    })
    const data = join(folder, 'data')
    return {
      names: paths.map((found) => relative(data, found)),
      texts: paths.map((found) => (statSync(found).isDirectory() ? '' : readFileSync(found, 'utf8'))),
      left: readdirSync(data).sort(),
      lines: options.lines,
    }
  })
}

export interface Asked {
  readonly extension: string
  readonly compression: string | undefined
  readonly file: string | undefined
  readonly limits: Parameters<typeof unpack>[3]['limits']
}

export interface Result {
  readonly names: readonly string[]
  readonly texts: readonly string[]
  readonly left: readonly string[]
  readonly lines: readonly string[]
}
