/**
 * In which encoding the texts of a shapefile are: first what its .cpg says, then the language byte of
 * its .dbf, then the source's own `encoding`, and ISO-8859-1 when nobody says anything.
 *
 * The order is GDAL's: publishers' files are right more often than what was written about them.
 */
import { SourceError } from '../../shared/problem.ts'
import type { DecodeCell } from './dbf.ts'
import { openDecoder } from './encoding.ts'

const DEFAULT = 'iso-8859-1'

/** Language bytes by encoding, as GDAL has them. */
const LANGUAGES: Readonly<Record<string, readonly number[]>> = {
  cp437: [0x01, 0x09, 0x0b, 0x0d, 0x0f, 0x11, 0x15, 0x18, 0x19, 0x1b],
  cp850: [0x02, 0x0a, 0x0e, 0x10, 0x12, 0x14, 0x16, 0x1a, 0x1d, 0x25, 0x37],
  cp1252: [0x03, 0x58, 0x59],
  cp932: [0x13, 0x7b],
  cp863: [0x1c, 0x6c],
  cp852: [0x1f, 0x22, 0x23, 0x40, 0x64, 0x87],
  cp860: [0x24],
  cp866: [0x26, 0x65],
  cp861: [0x67],
  cp865: [0x08, 0x17, 0x66],
  cp936: [0x4d, 0x7a],
  cp949: [0x4e, 0x79],
  cp950: [0x4f, 0x78],
  cp874: [0x50, 0x7c],
  'iso-8859-1': [0x57],
  cp857: [0x6b, 0x88],
  cp737: [0x6a, 0x86],
  cp1250: [0xc8],
  cp1251: [0xc9],
  cp1254: [0xca],
  cp1253: [0xcb],
  cp1257: [0xcc],
}

/** The encoding of the table's texts. */
export function tableEncoding(
  cpg: string | undefined,
  languageByte: number,
  declared: string | undefined,
): string {
  return (
    (cpg === undefined ? undefined : cpgEncoding(cpg)) ??
    languageEncoding(languageByte) ??
    declared ??
    DEFAULT
  )
}

/** A .cpg holds a name such as `UTF-8`, `1252`, `ANSI 1251`, `88591`, `LDID/87`; undefined for one nobody knows. */
function cpgEncoding(cpg: string): string | undefined {
  const name = cpg.trim()
  if (name === '') return undefined
  const [, language] = /^LDID\/(\d+)$/i.exec(name) ?? []
  if (language !== undefined) return languageEncoding(Number(language))
  const [, part] = /^(?:ISO[ -]?)?8859[ -]?(\d{1,2})$/i.exec(name) ?? []
  if (part !== undefined) return `iso-8859-${part}`
  const [, page] = /^(?:ANSI |OEM |CP|WINDOWS-)?(\d{3,5})$/i.exec(name) ?? []
  if (page !== undefined) return page === '65001' ? 'utf-8' : `cp${page}`
  return name
}

function languageEncoding(languageByte: number): string | undefined {
  return Object.keys(LANGUAGES).find((encoding) => LANGUAGES[encoding]?.includes(languageByte))
}

/**
 * Decodes cell by cell. A cell in UTF-8 may be cut in the middle of its last character, because its
 * column was too narrow: what is left of that character is dropped.
 */
export function cellDecoder(encoding: string): DecodeCell {
  if (!/^utf-?8/i.test(encoding)) {
    // Refuses an encoding that nobody knows before the first row.
    openDecoder(encoding)
    return (bytes) => {
      const decoder = openDecoder(encoding)
      return decoder.write(bytes) + decoder.end()
    }
  }
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return (bytes) => {
    try {
      return decoder.decode(wholeCharacters(bytes))
    } catch (cause) {
      const found = JSON.stringify(new TextDecoder().decode(bytes))
      throw new SourceError('encoding-wrong', `not ${encoding}: ${found}`, { cause })
    }
  }
}

/** The bytes without an unfinished character at their end. */
function wholeCharacters(bytes: Buffer): Buffer {
  // The lead byte of the last character is at most three bytes before the end.
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number
    if (byte < 0x80) return bytes
    if (byte < 0xc0) continue
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    return back < needed ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}
