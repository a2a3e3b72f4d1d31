/**
 * Shift_JISX0213: code page 932 with the other characters of JIS X 0213 laid over it.
 *
 * One byte below 80 is ASCII but for the yen sign and the overline; a1 to df are the narrow kana; a
 * lead byte 81–9f or e0–fc takes a second one.
 */
import iconv from 'iconv-lite'
import { JISX0213_PAIRS, JISX0213_RUNS } from './jisx0213.ts'

const YEN_BYTE = 0x5c
const OVERLINE_BYTE = 0x7e
const TRAIL_MIN = 0x40
/** A trail byte 7f does not exist; a run goes on behind it. */
const TRAIL_GAP = 0x7f

const REPLACEMENT = '\ufffd'

/** Character by code, made when the first file asks for it. */
let characters: Map<number, string> | undefined

/** A decoder that carries a lead byte over from one piece to the next. */
export function jisx0213Decoder(): { write(bytes: Uint8Array): string; end(): string } {
  characters ??= readCharacters()
  const byCode = characters
  let lead = 0

  function write(bytes: Uint8Array): string {
    let text = ''
    for (const byte of bytes) {
      if (lead !== 0) {
        text += byCode.get(lead * 256 + byte) ?? REPLACEMENT
        lead = 0
      } else if (isLead(byte)) {
        lead = byte
      } else {
        text += single(byte)
      }
    }
    return text
  }

  return { write, end: () => (lead === 0 ? '' : REPLACEMENT) }
}

function isLead(byte: number): boolean {
  return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc)
}

function single(byte: number): string {
  if (byte === YEN_BYTE) return '¥'
  if (byte === OVERLINE_BYTE) return '‾'
  if (byte < 0x80) return String.fromCharCode(byte)
  return byte >= 0xa1 && byte <= 0xdf ? String.fromCharCode(0xff61 + byte - 0xa1) : REPLACEMENT
}

function readCharacters(): Map<number, string> {
  const found = new Map<number, string>()
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    if (!isLead(lead)) continue
    for (let trail = TRAIL_MIN; trail <= 0xfc; trail++) {
      const character = iconv.decode(Buffer.from([lead, trail]), 'cp932')
      // Code page 932 gives the user-defined area to private characters; here it is unassigned.
      if (trail !== TRAIL_GAP && [...character].length === 1 && !/[\ufffd\p{Co}]/u.test(character)) {
        found.set(lead * 256 + trail, character)
      }
    }
  }
  for (const [first, run] of lines(JISX0213_RUNS)) {
    let code = first
    for (const character of run) {
      found.set(code, character)
      code += (code & 0xff) === TRAIL_GAP - 1 ? 2 : 1
    }
  }
  for (const [code, pair] of lines(JISX0213_PAIRS)) found.set(code, pair)
  return found
}

function lines(table: string): [code: number, characters: string][] {
  return table
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [Number.parseInt(line.slice(0, 4), 16), line.slice(5)])
}
