/**
 * A text file that is written piece by piece, through gzip where asked, in step with the disk.
 *
 * At most two pieces are under way at once: while one is packed and written, the next is made.
 */
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Duplex, Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'

export interface TextSink {
  /** Settles when the piece before this one has gone through. */
  write(text: string | Buffer): Promise<void>
  /** Settles when everything is on the disk. */
  close(): Promise<void>
  /** Stop, and remove the file. */
  abandon(): Promise<void>
}

/**
 * Open a file for text, UTF-8, replacing what is there.
 *
 * @param through  what the text passes on its way, such as gzip
 */
export function textSink(path: string, through?: Duplex): TextSink {
  const file = createWriteStream(path)
  const head: Writable = through ?? file
  const ended = through === undefined ? finished(file) : pipeline(through, file)
  // A failure is told by the next write or by close; here it only must not count as unheard.
  ended.catch(() => {})
  let underWay: Promise<void> = Promise.resolve()

  async function write(text: string | Buffer): Promise<void> {
    await underWay
    if (text.length === 0) return
    underWay = new Promise((resolve, reject) => {
      head.write(text, (error) => (error ? reject(error) : resolve()))
    })
    underWay.catch(() => {})
  }

  async function close(): Promise<void> {
    await underWay
    head.end()
    await ended
  }

  async function abandon(): Promise<void> {
    head.destroy()
    file.destroy()
    await ended.catch(() => {})
    await rm(path, { force: true })
  }

  return { write, close, abandon }
}
