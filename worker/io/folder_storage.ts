/**
 * Storage in a folder of this computer: the default, where no bucket is named.
 *
 * A file appears under its key whole or not at all: it is written beside its place under a name that
 * no key can have, brought to the disk, and renamed. Content type and cache headers are not kept;
 * whoever serves the folder works them out from the key.
 */
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { contentOf, type Digests, digesting } from './digests.ts'
import { checkKey, urlOf } from './key.ts'
import type { Storage, Stored } from './storage.ts'

export interface FolderChoice {
  /** Made when it is not there. */
  readonly folder: string
  /** The address under which the edge serves the folder, without a slash at its end. */
  readonly publicUrl: string
}

/** Keep files in a folder. */
export function folderStorage({ folder, publicUrl }: FolderChoice): Storage {
  const root = resolve(folder)

  function pathOf(key: string): string {
    checkKey(key)
    return join(root, key)
  }

  async function keep(key: string, body: AsyncIterable<Uint8Array>): Promise<Stored> {
    const place = pathOf(key)
    const beside = dirname(place)
    const unfinished = join(beside, `.${randomUUID()}`)
    await mkdir(beside, { recursive: true })
    try {
      const written = await write(body, unfinished)
      await rename(unfinished, place)
      await sync(beside)
      return { key, ...written, url: urlOf(publicUrl, key) }
    } finally {
      await rm(unfinished, { force: true })
    }
  }

  return {
    put: (key, file) => keep(key, contentOf(file)),

    putStream: keep,

    async get(key) {
      const place = pathOf(key)
      const found = await stat(place).catch(absent)
      if (found === undefined || !found.isFile()) return undefined
      return { bytes: found.size, body: createReadStream(place) }
    },

    url: (key) => {
      checkKey(key)
      return urlOf(publicUrl, key)
    },
  }
}

async function write(body: AsyncIterable<Uint8Array>, to: string): Promise<Digests> {
  const target = await open(to, 'wx')
  try {
    const digested = digesting(body)
    for await (const chunk of digested.body) await writeAll(target, chunk)
    await target.sync()
    return digested.digests()
  } finally {
    await target.close()
  }
}

/** `write` may write less than it is given. */
async function writeAll(target: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    done += (await target.write(chunk, done)).bytesWritten
  }
}

/** A rename is only safe from a power cut when its folder has reached the disk too. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
  throw error
}
