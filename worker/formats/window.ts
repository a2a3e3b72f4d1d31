/**
 * A window on a file: bytes from any place, of which the next are mostly the neighbours.
 *
 * Shapefiles are records at offsets that another file names; nearly always they follow each other, so
 * one read from the disk serves many of them, and a jump costs only another read.
 */
import { open } from 'node:fs/promises'

export interface FileWindow {
  readonly size: number
  /** Bytes that are good until the next call; fewer where the file ends. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}

const WINDOW_BYTES = 512 * 1024

export async function openWindow(path: string): Promise<FileWindow> {
  const file = await open(path, 'r')
  const { size } = await file.stat()
  let buffer = Buffer.alloc(Math.min(WINDOW_BYTES, Math.max(size, 1)))
  let start = 0
  let filled = 0

  async function fill(offset: number, length: number): Promise<void> {
    if (length > buffer.length) buffer = Buffer.alloc(length)
    start = offset
    filled = 0
    while (filled < buffer.length) {
      const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled)
      if (bytesRead === 0) return
      filled += bytesRead
    }
  }

  async function read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, size - offset))
    if (offset < start || offset + wanted > start + filled) await fill(offset, wanted)
    return buffer.subarray(offset - start, offset - start + Math.min(wanted, filled))
  }

  return { size, read, close: () => file.close() }
}
