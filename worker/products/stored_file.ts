/**
 * Files that are made piece by piece and go straight into storage: plain ones, and zips of many members.
 *
 * What is written waits until storage has room for it. When storage gives up, the next write says so; when
 * the maker gives up, nothing appears in storage.
 */
import { PassThrough, type Writable } from 'node:stream'
import yazl from 'yazl'
import { ProductError } from '../../shared/product_problem.ts'
import type { PutOptions, Storage, Stored } from '../io/storage.ts'

/** From so many bytes on, a member may need numbers of 64 bits, which a stream has to decide before it knows. */
const ZIP64_BYTES = 2 ** 31

/** Pieces on their way between the maker and storage. */
const PIPE_BYTES = 1024 * 1024

export interface StoredFile {
  write(piece: string | Uint8Array): Promise<void>
  /** Settles when storage has all of it. */
  close(): Promise<Stored>
  /** Stop; nothing is stored. */
  abandon(): Promise<void>
}

/** A plain file under a key. */
export function storedFile(storage: Storage, key: string, options: PutOptions): StoredFile {
  const pipe = new PassThrough({ highWaterMark: PIPE_BYTES })
  const sending = send(storage, pipe, { key, options })
  return {
    write: (piece) => sending.write(pipe, piece),
    close() {
      pipe.end()
      return sending.stored
    },
    abandon: sending.abandon,
  }
}

export interface StoredZip {
  /** A member that is known as a whole. */
  addText(path: string, text: string): void
  /**
   * A member that comes piece by piece: write it, then end it, before the next.
   *
   * @param bytes  about how large it will be, where one knows
   */
  addMember(path: string, bytes?: number): { write(piece: string): Promise<void>; end(): void }
  close(): Promise<Stored>
  abandon(): Promise<void>
}

/** A zip under a key. Larger than 4 GB, or with more than 65,535 members, it is a zip64 by itself. */
export function storedZip(storage: Storage, key: string, mtime: Date): StoredZip {
  const zip = new yazl.ZipFile()
  const out = zip.outputStream as PassThrough
  const sending = send(storage, out, { key, options: { type: 'application/zip' } })
  zip.on('error', (error: Error) => out.destroy(error))
  return {
    addText(path, text) {
      zip.addBuffer(Buffer.from(text), path, { mtime })
    },
    addMember(path, bytes = 0) {
      const member = new PassThrough({ highWaterMark: PIPE_BYTES })
      zip.addReadStream(member, path, { mtime, forceZip64Format: bytes >= ZIP64_BYTES })
      return { write: (piece) => sending.write(member, piece), end: () => void member.end() }
    },
    close() {
      zip.end()
      return sending.stored
    },
    abandon: sending.abandon,
  }
}

function send(
  storage: Storage,
  body: PassThrough,
  { key, options }: { readonly key: string; readonly options: PutOptions },
) {
  let failure: unknown
  let wake = () => {}
  const stored = storage.putStream(key, body, options).catch((error: unknown) => {
    failure = new ProductError('storage-failed', error instanceof Error ? error.message : String(error), {
      cause: error,
    })
    wake()
    throw failure
  })
  // A failure is told by the next write or by close; here it only must not count as unheard.
  stored.catch(() => {})
  body.on('error', () => {})

  return {
    stored,
    async write(to: Writable, piece: string | Uint8Array): Promise<void> {
      if (failure === undefined && (piece.length === 0 || to.write(piece))) return
      if (failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
          to.once('drain', resolve)
        })
      }
      if (failure !== undefined) throw failure
    },
    async abandon(): Promise<void> {
      body.destroy(new Error('given up'))
      await stored.catch(() => {})
    },
  }
}
