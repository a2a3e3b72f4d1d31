/**
 * The text of a file as bytes in UTF-8, read on piece by piece behind what is already there.
 *
 * A file in UTF-8 is read as it is, straight to where it is wanted, and only checked; any other
 * encoding passes through its decoder first.
 */
import { isUtf8 } from 'node:buffer'
import { open } from 'node:fs/promises'
import { type CellSheet, makeRoom } from './cells.ts'
import { openDecoder, readText } from './encoding.ts'

export interface TextBlocks {
  /** Read on behind the end of a sheet; false where the file has ended. */
  more(sheet: CellSheet): Promise<boolean>
  /** @throws {SourceError} `encoding-wrong`, when bytes that were read are no text */
  check(bytes: Uint8Array): void
  close(): Promise<void>
}

/** One read from the disk. */
const BLOCK_BYTES = 256 * 1024

const UTF8 = /^(utf[-_ ]?8|u8)([-_ ]?sig)?$/i
const MARK = [0xef, 0xbb, 0xbf]

/** Whether bytes can stand for the text: what may hold half characters is left to strings. */
export function hasBlocks(encoding = 'utf-8'): boolean {
  return UTF8.test(encoding) || !/^(utf|ucs|u)[-_ ]?\d/i.test(encoding)
}

/** @throws {SourceError} `encoding-wrong`, when there is no such encoding */
export async function openBlocks(
  path: string,
  encoding: string | undefined,
  signal: AbortSignal,
): Promise<TextBlocks> {
  const isUtf8 = UTF8.test(encoding ?? 'utf-8')
  return isUtf8 ? await plainBlocks(path, encoding, signal) : decodedBlocks(path, encoding, signal)
}

async function plainBlocks(path: string, encoding = 'utf-8', signal: AbortSignal): Promise<TextBlocks> {
  const file = await open(path, 'r')
  let mark = /sig$/i.test(encoding) ? MARK : []
  return {
    async more(sheet): Promise<boolean> {
      signal.throwIfAborted()
      makeRoom(sheet, BLOCK_BYTES)
      const { bytesRead } = await file.read(sheet.bytes, sheet.end, BLOCK_BYTES)
      const start = sheet.end
      sheet.end += bytesRead
      if (mark.length > 0 && mark.every((byte, at) => sheet.bytes[start + at] === byte)) {
        sheet.bytes.copyWithin(start, start + mark.length, sheet.end)
        sheet.end -= mark.length
      }
      mark = []
      return bytesRead > 0
    },
    check(bytes): void {
      if (!isUtf8(bytes)) openDecoder(encoding).write(bytes)
    },
    close: () => file.close(),
  }
}

function decodedBlocks(path: string, encoding: string | undefined, signal: AbortSignal): TextBlocks {
  const texts = readText(path, encoding, signal)
  return {
    async more(sheet): Promise<boolean> {
      const { value, done } = await texts.next()
      if (done) return false
      makeRoom(sheet, 3 * value.length)
      sheet.end += sheet.bytes.write(value, sheet.end, 'utf8')
      return true
    },
    check: () => {},
    close: async () => void (await texts.return(undefined)),
  }
}
