/**
 * CSV bytes to the places of cells: the grammar of csv_tokens.ts, without making a text of anything.
 *
 * Bytes are handled one by one here because it is what a run of a table mostly does: 0.7 µs a row of 12
 * cells, where texts take 6. Oracle: csv_tokens.ts, over random tables in csv_cells.test.ts.
 */
import { type CellSheet, putCell } from './cells.ts'
import { openTokenizer } from './csv_tokens.ts'

/** The record is not there to its end yet. */
export const UNFINISHED = -1

export interface SpanScanner {
  /** How many cells the last record had. */
  cells: number
  /** Whether the last record broke off in quotes. */
  isInQuotes: boolean
  /**
   * Find the cells of the record that begins at `from`, as many as there is room for.
   *
   * @param sheet   where the bytes are; a cell that needs escapes is written to its end
   * @param target  from where on their starts and ends are put
   * @returns where the next record begins, or `UNFINISHED`
   */
  scan(sheet: CellSheet, range: Range, spans: Int32Array, target: Target): number
}

/** Bytes to look at. */
export interface Range {
  from: number
  to: number
  /** Nothing comes behind them. */
  isLast: boolean
}

/** Where spans go, and of how many cells. */
export interface Target {
  at: number
  width: number
}

const QUOTE = 0x22
const LINE_FEED = 0x0a
const RETURN = 0x0d
const BACKSLASH = 0x5c

/** What a byte means: nothing, an escape in JSON, the end of a cell, the end of a record. */
const PLAIN = 0
const ODD = 1
const SEPARATOR = 2
const NEWLINE = 3

/** @param delimiter  one ASCII character, neither quote nor newline */
export function openSpanScanner(delimiter: string): SpanScanner {
  const inQuotes = new Uint8Array(256).map((_, byte) => (isPlain(byte) ? PLAIN : ODD))
  const classes = inQuotes.slice()
  classes[LINE_FEED] = NEWLINE
  classes[RETURN] = NEWLINE
  classes[delimiter.charCodeAt(0)] = SEPARATOR
  const tokens = openTokenizer({ delimiter })

  /** Write a cell anew, as its text is not its bytes; where it begins. */
  function putOdd(sheet: CellSheet, start: number, end: number): number {
    const raw = sheet.bytes.toString('utf8', start, end)
    const at = sheet.end
    putCell(sheet, raw.startsWith('"') ? quotedText(raw) : raw)
    return at
  }

  function quotedText(raw: string): string {
    if (!scanner.isInQuotes) return tokens.write(`${raw}\n`)[0]?.[0] ?? ''
    // The last quote of the file is never closed, and the tokenizer that reads it of no more use.
    const last = openTokenizer({ delimiter })
    return [...last.write(raw), ...last.end()][0]?.[0] ?? ''
  }

  /** Behind the closing quote; a cell may go on there. */
  function scanQuoted(bytes: Buffer, from: number, to: number): number {
    let at = from
    for (;;) {
      while (at < to && bytes[at] !== QUOTE) {
        if (inQuotes[bytes[at]!] !== PLAIN) isOdd = true
        at++
      }
      if (at + 1 < to && bytes[at + 1] === QUOTE) {
        isOdd = true
        at += 2
        continue
      }
      return at
    }
  }

  let isOdd = false

  const scanner: SpanScanner = { cells: 0, isInQuotes: false, scan }

  function scan(sheet: CellSheet, { from, to, isLast }: Range, spans: Int32Array, target: Target): number {
    const { bytes } = sheet
    const { at: base, width } = target
    let at = from
    let cell = 0
    let kind = SEPARATOR
    while (kind !== NEWLINE) {
      let start = at
      isOdd = false
      const isQuoted = at < to && bytes[at] === QUOTE
      if (isQuoted) {
        at = scanQuoted(bytes, at + 1, to)
        scanner.isInQuotes = at >= to
        // Whether this quote closes is told by the byte behind it.
        if (at + 1 >= to && !isLast) return UNFINISHED
        if (at >= to) isOdd = true
        else at++
      }
      const closed = at
      kind = PLAIN
      while (at < to) {
        kind = classes[bytes[at]!]!
        if (kind >= SEPARATOR) break
        if (kind === ODD) isOdd = true
        at++
      }
      if (at >= to && !isLast) return UNFINISHED
      if (at >= to) kind = NEWLINE
      let end = at
      if (isQuoted && closed === at && !isOdd) {
        start++
        end--
      } else if ((isOdd || isQuoted) && cell < width) {
        start = putOdd(sheet, start, end)
        end = sheet.end
      }
      if (cell < width) {
        spans[base + 2 * cell] = start
        spans[base + 2 * cell + 1] = end
      }
      cell++
      at++
    }
    scanner.cells = cell
    spans.fill(0, base + 2 * Math.min(cell, width), base + 2 * width)
    return Math.min(at, to)
  }

  return scanner
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH
}
