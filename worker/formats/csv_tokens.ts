/**
 * CSV text to records: the grammar of Python's csv module, since the catalogue was written against it.
 *
 * A quote opens a cell only at its beginning; inside, it is doubled; what follows the closing quote up
 * to the delimiter is added as it stands; any newline ends a record, or becomes `\n` within quotes; an
 * empty line is no record. Text comes in pieces of any size, cut anywhere.
 */
import { SourceError } from '../../shared/problem.ts'

export interface Tokenizer {
  /** The records that this piece completes. */
  write(text: string): string[][]
  /** The last record, when the file ends without a newline. */
  end(): string[][]
}

export interface TokenizerOptions {
  /** One character. */
  readonly delimiter: string
  /** So many lines at the beginning are no records, whatever they hold. */
  readonly skippedLines?: number
}

/** A cell of this size is a quote that was never closed: the rest of the file is not one cell. */
export const CELL_CHARS_MAX = 16 * 1024 * 1024

const QUOTE = 0x22
const NEWLINE = 0x0a

/** Where the next character stands: before a record, before a cell, in one, in quotes, behind a quote there. */
type Place = 'record' | 'cell' | 'plain' | 'quoted' | 'quote'

export function openTokenizer({ delimiter, skippedLines = 0 }: TokenizerOptions): Tokenizer {
  const separator = delimiter.charCodeAt(0)
  const normalize = newlines()
  let skipping = skippedLines
  let place: Place = 'record'
  let cell = ''
  let record: string[] = []
  let records: string[][] = []

  function endCell(at: number, code: number): number {
    record.push(cell)
    cell = ''
    place = 'cell'
    if (code === NEWLINE) endRecord()
    return at + 1
  }

  function endRecord(): void {
    records.push(record)
    record = []
    place = 'record'
  }

  /** Deal with the character that opens a cell, or is all of an empty one. */
  function open(text: string, at: number): number {
    const code = text.charCodeAt(at)
    if (code === NEWLINE && place === 'record') return at + 1
    if (code === NEWLINE || code === separator) return endCell(at, code)
    place = code === QUOTE ? 'quoted' : 'plain'
    return code === QUOTE ? at + 1 : at
  }

  function readPlain(text: string, at: number): number {
    let end = at
    while (end < text.length) {
      const code = text.charCodeAt(end)
      if (code === separator || code === NEWLINE) break
      end++
    }
    cell = cell === '' ? text.slice(at, end) : cell + text.slice(at, end)
    return end < text.length ? endCell(end, text.charCodeAt(end)) : end
  }

  function readQuoted(text: string, at: number): number {
    const end = text.indexOf('"', at)
    cell += text.slice(at, end < 0 ? undefined : end)
    if (cell.length > CELL_CHARS_MAX) throw neverClosed(cell)
    if (end < 0) return text.length
    place = 'quote'
    return end + 1
  }

  function afterQuote(text: string, at: number): number {
    const code = text.charCodeAt(at)
    if (code === separator || code === NEWLINE) return endCell(at, code)
    place = code === QUOTE ? 'quoted' : 'plain'
    if (code !== QUOTE) return at
    cell += '"'
    return at + 1
  }

  const steps = { record: open, cell: open, plain: readPlain, quoted: readQuoted, quote: afterQuote }

  function read(text: string): string[][] {
    let at = 0
    while (skipping > 0 && at < text.length) {
      const end = text.indexOf('\n', at)
      if (end >= 0) skipping--
      at = end < 0 ? text.length : end + 1
    }
    while (at < text.length) at = steps[place](text, at)
    const completed = records
    records = []
    return completed
  }

  function end(): string[][] {
    const completed = read(normalize('', true))
    if (place === 'record') return completed
    return [...completed, [...record, cell]]
  }

  return { write: (text) => read(normalize(text, false)), end }
}

/** Make every newline a `\n`; a `\r` at the end of a piece is held back until what follows is known. */
function newlines(): (text: string, isLast: boolean) => string {
  let isHeld = false
  return (text, isLast) => {
    const whole = isHeld ? `\r${text}` : text
    isHeld = !isLast && whole.endsWith('\r')
    const sure = isHeld ? whole.slice(0, -1) : whole
    return sure.includes('\r') ? sure.replace(/\r\n?/g, '\n') : sure
  }
}

/** @param cell  its beginning */
export function neverClosed(cell: string): SourceError {
  return new SourceError(
    'conform-failed',
    `a quote is opened and never closed before ${JSON.stringify(cell.slice(0, 80))}`,
  )
}
