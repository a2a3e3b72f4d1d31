/**
 * WKT as Shapely writes it through GEOS 3.13: the text of `oa:geom` in the CSV that an ESRI
 * download becomes, on whose bytes its fingerprint depends.
 *
 *     POINT (-122.1 37.5)      POINT Z (1 2 3)      POLYGON ((0 0, 1 0, 1 1, 0 0))
 *
 * Digits are the fewest that give the number back, but never more than 16 decimals.
 * Spec: processing.md §5.1.
 */

import type { Geometry, Position } from '../row.ts'

/** Below this and from ten to the seventeenth on, numbers have an exponent. */
const POSITIONAL_MIN = 1e-4
const POSITIONAL_MAX = 1e17
const DECIMALS_MAX = 16

/** The text of a geometry. Its heights are written where all positions of it have one. */
export function geosWkt(geometry: Geometry): string {
  switch (geometry.type) {
    case 'Point':
      return named('POINT', geometry.coordinates.length === 0 ? [] : [geometry.coordinates], positionText)
    case 'MultiPoint':
      return named(
        'MULTIPOINT',
        geometry.coordinates,
        (position, size) => `(${positionText(position, size)})`,
      )
    case 'LineString':
      return named('LINESTRING', geometry.coordinates, positionText)
    case 'MultiLineString':
      return named('MULTILINESTRING', geometry.coordinates, lineText)
    case 'Polygon':
      return named('POLYGON', geometry.coordinates, lineText)
    case 'MultiPolygon':
      return named('MULTIPOLYGON', geometry.coordinates, polygonText)
    case 'GeometryCollection':
      return collectionText(geometry.geometries)
  }
}

type Nested = Position | readonly Position[] | readonly (readonly Position[])[]

/** A type, ` Z` where it has heights, and its parts. */
function named<Part extends Nested>(
  type: string,
  parts: readonly Part[],
  write: (part: Part, size: number) => string,
): string {
  if (parts.length === 0) return `${type} EMPTY`
  const fewest = fewestOrdinates(parts)
  const size = fewest === Infinity ? 2 : Math.min(3, fewest)
  let text = size === 3 ? `${type} Z (` : `${type} (`
  for (let i = 0; i < parts.length; i++) {
    if (i > 0) text += ', '
    text += write(parts[i]!, size)
  }
  return `${text})`
}

function collectionText(members: readonly Geometry[]): string {
  if (members.length === 0) return 'GEOMETRYCOLLECTION EMPTY'
  const texts = members.map(geosWkt)
  const tall = texts.some((text) => text.slice(0, text.indexOf('(')).includes(' Z '))
  return `GEOMETRYCOLLECTION ${tall ? 'Z ' : ''}(${texts.join(', ')})`
}

function polygonText(rings: readonly (readonly Position[])[], size: number): string {
  return rings.length === 0 ? 'EMPTY' : `(${rings.map((ring) => lineText(ring, size)).join(', ')})`
}

function lineText(line: readonly Position[], size: number): string {
  if (line.length === 0) return 'EMPTY'
  let text = '('
  for (let i = 0; i < line.length; i++) {
    if (i > 0) text += ', '
    text += positionText(line[i]!, size)
  }
  return `${text})`
}

function positionText(position: Position, size: number): string {
  const place = `${geosNumber(position[0]!)} ${geosNumber(position[1]!)}`
  return size === 3 ? `${place} ${geosNumber(position[2]!)}` : place
}

/**
 * How many numbers every position has, Infinity where there are none. Shapely refuses a mixture, so
 * the heights are the thing to give up.
 */
function fewestOrdinates(parts: readonly (Nested | number)[]): number {
  let fewest = Infinity
  for (const part of parts) {
    if (typeof part === 'number') return parts.length
    fewest = Math.min(fewest, fewestOrdinates(part))
  }
  return fewest
}

function geosNumber(x: number): string {
  const size = Math.abs(x)
  if (size < POSITIONAL_MAX && size >= POSITIONAL_MIN) {
    const text = `${x}`
    return size < 1 && text.length > DECIMALS_MAX + 2 ? shortened(text) : text
  }
  return size === 0 || !Number.isFinite(x) ? `${x}` : x.toExponential()
}

/** `0.12345678901234567` with 16 decimals; a half of the decimal text goes to the even neighbour. */
function shortened(text: string): string {
  const point = text.indexOf('.')
  const kept = text.slice(point + 1, point + 1 + DECIMALS_MAX)
  const rest = text.slice(point + 1 + DECIMALS_MAX)
  const first = rest.charCodeAt(0) - 48
  const isOdd = kept.charCodeAt(DECIMALS_MAX - 1) % 2 === 1
  const up = first > 5 || (first === 5 && (rest.length > 1 || isOdd))
  // Sixteen digits are more than a double holds. A carry past them cannot come: nothing below 1 has more nines.
  const decimals = up ? `${BigInt(kept) + 1n}`.padStart(DECIMALS_MAX, '0') : kept
  return `${text.slice(0, point)}.${decimals.replace(/0+$/, '')}`
}
