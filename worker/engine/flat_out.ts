/**
 * Flat shapes to bytes: what geometry_out.ts, the oracle, writes of the same geometries, from one array of
 * numbers.
 */
import { isInt } from '../../shared/geometry/ogr_number.ts'
import type { Bounds } from '../../shared/geometry/bounds.ts'
import { type FlatShapes, LINE, POLYGONS } from '../formats/flat_shapes.ts'
import { type Desk, makeSpace, putByte, putText } from './desk.ts'
import { putDegrees, putOgrOrdinate } from './number_out.ts'

/** How nested lists of corners are written. */
interface Style {
  readonly open: number
  readonly close: number
  readonly hasBlanks: boolean
  readonly putCorner: (desk: Desk, x: number, y: number, round: (x: number) => number) => void
}

const BLANK = 0x20
const COMMA = 0x2c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

const WKT: Style = {
  open: 0x28,
  close: 0x29,
  hasBlanks: false,
  putCorner(desk, x, y) {
    if (isInt(x) && isInt(y)) {
      // An int has no sign when it is zero: adding 0 turns -0 into 0.
      putText(desk, `${x + 0} ${y + 0}`)
      return
    }
    putOgrOrdinate(desk, x)
    putByte(desk, BLANK)
    putOgrOrdinate(desk, y)
  },
}

const JSON_LISTS: Style = {
  open: OPEN_LIST,
  close: CLOSE_LIST,
  hasBlanks: true,
  putCorner(desk, x, y, round) {
    putByte(desk, OPEN_LIST)
    putDegrees(desk, x, round)
    putBetween(desk, true)
    putDegrees(desk, y, round)
    putByte(desk, CLOSE_LIST)
  },
}

/** By kind. */
const WKT_NAMES = ['', 'LINESTRING ', 'MULTILINESTRING ', 'POLYGON ', 'MULTIPOLYGON ']
const JSON_NAMES = ['', 'LineString', 'MultiLineString', 'Polygon', 'MultiPolygon'].map(
  (type) => `{"type": "${type}", "coordinates": `,
)

/** Put the shape of a row as OGR's text. */
export function putFlatWkt(desk: Desk, flat: FlatShapes, row: number): void {
  putText(desk, WKT_NAMES[flat.kinds[row]!]!)
  putParts(desk, flat, row, WKT, Number)
}

/** Put the shape of a row as GeoJSON, rounded. */
export function putFlatGeojson(
  desk: Desk,
  flat: FlatShapes,
  row: number,
  round: (x: number) => number,
): void {
  putText(desk, JSON_NAMES[flat.kinds[row]!]!)
  putParts(desk, flat, row, JSON_LISTS, round)
  putByte(desk, 0x7d)
}

function putParts(
  desk: Desk,
  { kinds, sizesAt, from, sizes, xy }: FlatShapes,
  row: number,
  style: Style,
  round: (x: number) => number,
): void {
  const { open, close, hasBlanks, putCorner } = style
  const half = xy.length / 2
  const kind = kinds[row]!
  let size = sizesAt[row]!
  let corner = from[row]!
  const polygons = kind === POLYGONS ? sizes[size++]! : 1
  if (kind === POLYGONS) putByte(desk, open)
  for (let polygon = 0; polygon < polygons; polygon++) {
    if (polygon > 0) putBetween(desk, hasBlanks)
    const lines = kind === LINE ? 1 : sizes[size++]!
    if (kind !== LINE) putByte(desk, open)
    for (let line = 0; line < lines; line++) {
      if (line > 0) putBetween(desk, hasBlanks)
      putByte(desk, open)
      const first = corner
      for (const end = corner + sizes[size++]!; corner < end; corner++) {
        if (corner > first) putBetween(desk, hasBlanks)
        putCorner(desk, xy[corner]!, xy[half + corner]!, round)
      }
      putByte(desk, close)
    }
    if (kind !== LINE) putByte(desk, close)
  }
  if (kind === POLYGONS) putByte(desk, close)
}

function putBetween(desk: Desk, hasBlank: boolean): void {
  makeSpace(desk, 2)
  desk.bytes[desk.at++] = COMMA
  if (hasBlank) desk.bytes[desk.at++] = BLANK
}

/** The box of a shape, not rounded. */
export function flatBounds({ from, to, xy }: FlatShapes, row: number): Bounds {
  const half = xy.length / 2
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let corner = from[row]!; corner < to[row]!; corner++) {
    const x = xy[corner]!
    const y = xy[half + corner]!
    if (x < west) west = x
    if (x > east) east = x
    if (y < south) south = y
    if (y > north) north = y
  }
  return { west, south, east, north }
}
