/**
 * A row as the rules see it: spans, marks and hashes over the bytes of its line in `out.geojson`.
 *
 * One view is filled again for every row, so that ten million rows make no garbage. Who wants to keep
 * something of it takes a copy.
 */
import type { Lanes } from '../content_id.ts'

/** What a value has in it; several may be true. */
export const MARKS = {
  /** A `\` of JSON: something that is not plain ASCII. */
  escaped: 1,
  /** A `?`. */
  question: 2,
  /** A control character. */
  control: 4,
  /** Ends with a digit, `.0`. */
  decimal: 8,
  /** A U+FFFD. */
  lost: 16,
  /** Two signs that may be one of UTF-8 read in another encoding. */
  suspect: 32,
  /** As short as a word for nothing, and begins like one: null_words.ts. */
  word: 64,
} as const

/** Where a row is, seen from the coverage of its source. */
export const PLACES = { unknown: 0, inside: 1, outside: 2, swapped: 3, far: 4 } as const

/** One row. */
export interface RowView {
  /** Where its line is. */
  bytes: Uint8Array
  start: number
  /** The row before is in the same bytes. */
  isSamePiece: boolean
  /** From 1. */
  number: number
  /** Attributes in the order of the layer; of each the span without quotes. */
  readonly names: readonly string[]
  readonly from: Int32Array
  readonly to: Int32Array
  readonly marks: Uint8Array
  /** Hash of each value, normalised. */
  readonly a: Int32Array
  readonly b: Int32Array
  /** Of all attributes together. */
  allMarks: number
  /** What it says, and where it is: the halves of its content id, unstirred. */
  readonly what: Lanes
  readonly where: Lanes
  hasPlace: boolean
  /** Its box; for a point, twice the point. */
  west: number
  south: number
  east: number
  north: number
  /** One of PLACES. */
  place: number
}

/** A view for rows with these attributes. */
export function openRowView(names: readonly string[]): RowView {
  const count = names.length
  return {
    bytes: new Uint8Array(0),
    start: 0,
    isSamePiece: false,
    number: 0,
    names,
    from: new Int32Array(count),
    to: new Int32Array(count),
    marks: new Uint8Array(count),
    a: new Int32Array(count),
    b: new Int32Array(count),
    allMarks: 0,
    what: { a: 0, b: 0 },
    where: { a: 0, b: 0 },
    hasPlace: false,
    west: 0,
    south: 0,
    east: 0,
    north: 0,
    place: PLACES.unknown,
  }
}

const ASCII = new TextDecoder('latin1')

/** The text of an attribute, decoded. */
export function textOf({ bytes, from, to, marks }: RowView, at: number): string {
  const raw = ASCII.decode(bytes.subarray(from[at], to[at]))
  return (marks[at]! & MARKS.escaped) === 0 ? raw : (JSON.parse(`"${raw}"`) as string)
}

/** Whether an attribute has nothing in it. */
export function isEmpty({ from, to }: RowView, at: number): boolean {
  return from[at] === to[at]
}

/** So much of a row is shown as an example. */
const EXAMPLE_CHARS_MAX = 200

/** `row 17: number "12", street "Oak St", at -122.25, 37.5` */
export function exampleOf(row: RowView): string {
  const { names, hasPlace, west, south, east, north, number } = row
  const said = names.flatMap((name, at) =>
    isEmpty(row, at) ? [] : [`${name} ${JSON.stringify(textOf(row, at))}`],
  )
  const x = (west + east) / 2
  const y = (south + north) / 2
  const place = hasPlace ? `at ${rounded(x)}, ${rounded(y)}` : 'without a place'
  return `row ${number}: ${[...said, place].join(', ')}`.slice(0, EXAMPLE_CHARS_MAX)
}

function rounded(degrees: number): number {
  return Math.round(degrees * 1e7) / 1e7
}
