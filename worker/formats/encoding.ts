/**
 * Encodings: bytes to text, under the names that Python gives them, because sources use those.
 *
 * UTF-8 goes through TextDecoder. Everything else goes through iconv-lite, which is the same on every
 * runtime; TextDecoder reads windows-1252 where a source says iso-8859-1. What cannot be decoded is an
 * error, as it is in Python: a replacement character in an address helps nobody.
 */
import { createReadStream } from 'node:fs'
import iconv from 'iconv-lite'
import { SourceError } from '../../shared/problem.ts'
import { jisx0213Decoder } from './shift_jisx0213.ts'

/** Decodes a stream piece by piece. */
export interface Decoder {
  /** @throws {SourceError} `encoding-wrong`, when the bytes are no text in this encoding */
  write(bytes: Uint8Array): string
  /** The end of the stream; some text may still be held back. */
  end(): string
}

/** Python's names that iconv-lite does not know, without hyphens and underscores. */
const PYTHON_NAMES: ReadonlyMap<string, string> = new Map([
  ['u8', 'utf8'],
  ['l1', 'latin1'],
  ['8859', 'latin1'],
  ['cp8859', 'latin1'],
  ['iso88591', 'latin1'],
  ['uhc', 'cp949'],
  ['ms949', 'cp949'],
  ['ksc5601', 'euckr'],
  ['mskanji', 'cp932'],
  ['ms932', 'cp932'],
  ['windows31j', 'cp932'],
  ['sjis', 'shiftjis'],
  ['ujis', 'eucjp'],
])

/** In these a replacement character may truly stand in the data. */
const UNICODE = /^(utf|ucs)/

const REPLACEMENT = '\ufffd'

/** One read from the disk. */
const CHUNK_BYTES = 256 * 1024

/** As much text before the fault as a person needs to find it. */
const CONTEXT_CHARS = 40

/**
 * A decoder for a named encoding; UTF-8 where none is named.
 *
 * @throws {SourceError} `encoding-wrong`, when there is no such encoding
 */
export function openDecoder(encoding = 'utf-8'): Decoder {
  const name = normalized(encoding)
  if (name === 'utf8') return utf8Decoder(encoding, { keepsMark: true })
  if (name === 'utf8sig') return utf8Decoder(encoding, { keepsMark: false })
  if (name === 'shiftjisx0213' || name === 'sjisx0213') return strict(encoding, jisx0213Decoder())
  if (!iconv.encodingExists(name)) {
    throw new SourceError('encoding-wrong', `the encoding ${JSON.stringify(encoding)} is not known`)
  }
  // Python drops the byte order mark of UTF-16, as iconv-lite does, and keeps no other.
  const inner = iconv.getDecoder(name)
  return UNICODE.test(name) ? lenient(inner) : strict(encoding, inner)
}

/** The text of a file, in pieces. */
export async function* readText(
  path: string,
  encoding: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const decoder = openDecoder(encoding)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    signal.throwIfAborted()
    yield decoder.write(chunk as Uint8Array)
  }
  yield decoder.end()
}

/** What iconv-lite calls a decoder. */
export interface RawDecoder {
  write(bytes: Buffer): string
  end(): string | undefined
}

function normalized(encoding: string): string {
  const name = encoding.toLowerCase().replace(/[^0-9a-z]/g, '')
  return PYTHON_NAMES.get(name) ?? name
}

function utf8Decoder(encoding: string, { keepsMark }: { keepsMark: boolean }): Decoder {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: keepsMark })
  function decode(bytes: Uint8Array, stream: boolean): string {
    try {
      return decoder.decode(bytes, { stream })
    } catch (cause) {
      throw undecodable(encoding, new TextDecoder().decode(bytes), cause)
    }
  }
  return { write: (bytes) => decode(bytes, true), end: () => decode(new Uint8Array(), false) }
}

function strict(encoding: string, inner: RawDecoder): Decoder {
  function checked(text: string): string {
    if (text.includes(REPLACEMENT)) throw undecodable(encoding, text)
    return text
  }
  return { write: (bytes) => checked(inner.write(asBuffer(bytes))), end: () => checked(inner.end() ?? '') }
}

function lenient(inner: RawDecoder): Decoder {
  return { write: (bytes) => inner.write(asBuffer(bytes)), end: () => inner.end() ?? '' }
}

/** The same memory under the type that iconv-lite asks for. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function undecodable(encoding: string, text: string, cause?: unknown): SourceError {
  const at = text.indexOf(REPLACEMENT)
  const before = at < 0 ? text.slice(-CONTEXT_CHARS) : text.slice(Math.max(0, at - CONTEXT_CHARS), at)
  const place = before === '' ? 'at the beginning of a piece' : `after ${JSON.stringify(before)}`
  return new SourceError('encoding-wrong', `not ${encoding} ${place}`, { cause })
}
