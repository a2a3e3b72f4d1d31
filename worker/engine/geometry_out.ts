/**
 * Geometries to bytes: as OGR's text, which counts for the hash, and as GeoJSON in the output.
 *
 * Points, lines and areas with two ordinates are written here, 1 µs a corner less than by texts. The
 * rest, and what has empty parts, is left to shared/geometry, which is also the oracle.
 */
import { isInt } from '../../shared/geometry/ogr_number.ts'
import { ogrWkt } from '../../shared/geometry/ogr_wkt.ts'
import type { Geometry, Position } from '../../shared/row.ts'
import { type Desk, putByte, putText } from './desk.ts'
import { putDegrees, putOgrOrdinate } from './number_out.ts'

type Lines = readonly (readonly Position[])[]

const BLANK = 0x20
const COMMA = 0x2c
const OPEN = 0x28
const CLOSE = 0x29
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

/** Put a point of two ordinates as OGR's text. */
export function putOgrPoint(desk: Desk, x: number, y: number): void {
  putText(desk, 'POINT (')
  putOgrPosition(desk, x, y)
  putByte(desk, CLOSE)
}

/** Put a geometry as OGR's text. */
export function putOgrWkt(desk: Desk, geometry: Geometry): void {
  if (!isPlain(geometry)) {
    putText(desk, ogrWkt(geometry))
    return
  }
  switch (geometry.type) {
    case 'LineString':
      putText(desk, 'LINESTRING ')
      putLine(desk, geometry.coordinates)
      return
    case 'Polygon':
      putText(desk, 'POLYGON ')
      putLines(desk, geometry.coordinates)
      return
    case 'MultiPolygon':
      putText(desk, 'MULTIPOLYGON (')
      geometry.coordinates.forEach((rings, at) => {
        if (at > 0) putByte(desk, COMMA)
        putLines(desk, rings)
      })
      putByte(desk, CLOSE)
      return
    default:
      putText(desk, ogrWkt(geometry))
  }
}

/** Only positions of two ordinates, and nothing empty. */
function isPlain(geometry: Geometry): boolean {
  switch (geometry.type) {
    case 'LineString':
      return isPlainLine(geometry.coordinates)
    case 'Polygon':
      return arePlainLines(geometry.coordinates)
    case 'MultiPolygon':
      return geometry.coordinates.length > 0 && geometry.coordinates.every(arePlainLines)
    default:
      return false
  }
}

function arePlainLines(lines: Lines): boolean {
  return lines.length > 0 && lines.every(isPlainLine)
}

function isPlainLine(line: readonly Position[]): boolean {
  for (let i = 0; i < line.length; i++) if (line[i]!.length !== 2) return false
  return line.length > 0
}

function putLines(desk: Desk, lines: Lines): void {
  for (let i = 0; i < lines.length; i++) {
    putByte(desk, i === 0 ? OPEN : COMMA)
    putLine(desk, lines[i]!)
  }
  putByte(desk, CLOSE)
}

function putLine(desk: Desk, line: readonly Position[]): void {
  for (let i = 0; i < line.length; i++) {
    const position = line[i]!
    putByte(desk, i === 0 ? OPEN : COMMA)
    putOgrPosition(desk, position[0]!, position[1]!)
  }
  putByte(desk, CLOSE)
}

function putOgrPosition(desk: Desk, x: number, y: number): void {
  if (isInt(x) && isInt(y)) {
    // An int has no sign when it is zero: adding 0 turns -0 into 0.
    putText(desk, `${x + 0} ${y + 0}`)
    return
  }
  putOgrOrdinate(desk, x)
  putByte(desk, BLANK)
  putOgrOrdinate(desk, y)
}

type Nested = number | readonly Nested[]

/** Digits of a height count, those of what comes after it do not. */
const ORDINATES_MAX = 3

/** Put a geometry as GeoJSON, rounded. */
export function putGeojson(desk: Desk, geometry: Geometry, round: (x: number) => number): void {
  if (geometry.type === 'GeometryCollection') {
    putText(desk, '{"type": "GeometryCollection", "geometries": [')
    geometry.geometries.forEach((member, at) => {
      if (at > 0) putText(desk, ', ')
      putGeojson(desk, member, round)
    })
    putText(desk, ']}')
    return
  }
  putText(desk, '{"type": "')
  putText(desk, geometry.type)
  putText(desk, '", "coordinates": ')
  putNested(desk, geometry.coordinates, round)
  putByte(desk, 0x7d)
}

function putNested(desk: Desk, parts: readonly Nested[], round: (x: number) => number): void {
  putByte(desk, OPEN_LIST)
  const length = typeof parts[0] === 'number' ? Math.min(parts.length, ORDINATES_MAX) : parts.length
  for (let i = 0; i < length; i++) {
    const part = parts[i]!
    if (i > 0) {
      putByte(desk, COMMA)
      putByte(desk, BLANK)
    }
    if (typeof part !== 'number') putNested(desk, part, round)
    else putDegrees(desk, part, round)
  }
  putByte(desk, CLOSE_LIST)
}
