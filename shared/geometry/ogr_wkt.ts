/**
 * WKT as OGR writes it by default: the text of `oa:geom` for all data but ESRI's, on which the hash
 * of a row depends.
 *
 *     POINT (1.5 2.0)      POINT (1 2)      MULTIPOINT (0 0,1 1)      LINESTRING (0 0 1,1 1 2)
 *
 * It is the old form: heights without a `Z`, members of a multipoint without brackets, no measures.
 * Two whole numbers are written plainly, otherwise a whole one gets `.0`; heights never do.
 * Spec: processing.md §7.1.
 */

import type { Geometry, Position } from '../row.ts'
import { isInt, ogrHeight, ogrOrdinate } from './ogr_number.ts'
import { eachPosition } from './parts.ts'

/** The text of a geometry. Empty parts of anything but a collection are left out, as OGR does. */
export function ogrWkt(geometry: Geometry): string {
  if (geometry.type === 'Point') {
    const position = geometry.coordinates
    return position.length === 0 ? 'POINT EMPTY' : `POINT (${positionText(position, position.length > 2)})`
  }
  return text(geometry, hasHeights(geometry))
}

function text(geometry: Geometry, tall: boolean): string {
  switch (geometry.type) {
    case 'Point':
      return named('POINT', geometry.coordinates.length === 0 ? '' : positionText(geometry.coordinates, tall))
    case 'MultiPoint':
      return named('MULTIPOINT', lineText(geometry.coordinates, tall))
    case 'LineString':
      return named('LINESTRING', lineText(geometry.coordinates, tall))
    case 'MultiLineString':
      return named('MULTILINESTRING', linesText(geometry.coordinates, tall))
    case 'Polygon':
      return named('POLYGON', linesText(geometry.coordinates, tall))
    case 'MultiPolygon':
      return named('MULTIPOLYGON', polygonsText(geometry.coordinates, tall))
    case 'GeometryCollection':
      return named('GEOMETRYCOLLECTION', geometry.geometries.map((member) => text(member, tall)).join(','))
  }
}

function named(type: string, inside: string): string {
  return inside === '' ? `${type} EMPTY` : `${type} (${inside})`
}

function polygonsText(polygons: readonly (readonly (readonly Position[])[])[], tall: boolean): string {
  let all = ''
  for (const rings of polygons) {
    const one = linesText(rings, tall)
    if (one !== '') all += all === '' ? `(${one})` : `,(${one})`
  }
  return all
}

function linesText(lines: readonly (readonly Position[])[], tall: boolean): string {
  let all = ''
  for (const line of lines) {
    if (line.length > 0) all += `${all === '' ? '(' : ',('}${lineText(line, tall)})`
  }
  return all
}

function lineText(positions: readonly Position[], tall: boolean): string {
  let all = ''
  for (const position of positions) {
    if (position.length > 0)
      all += all === '' ? positionText(position, tall) : `,${positionText(position, tall)}`
  }
  return all
}

/** One position; where others have a height and it has none, that is 0. */
function positionText(position: Position, tall: boolean): string {
  const x = position[0]!
  const y = position[1]!
  // An int has no sign when it is zero: adding 0 turns -0 into 0.
  const place = isInt(x) && isInt(y) ? `${x + 0} ${y + 0}` : `${ogrOrdinate(x)} ${ogrOrdinate(y)}`
  return tall ? `${place} ${ogrHeight(position[2] ?? 0)}` : place
}

function hasHeights(geometry: Geometry): boolean {
  let tall = false
  eachPosition(geometry, (position) => {
    if (position.length > 2) tall = true
  })
  return tall
}
