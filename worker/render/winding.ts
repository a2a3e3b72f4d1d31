/**
 * Which way round the rings of polygons go. d3-geo wants clockwise ones, and takes the others for all of the Earth but the
 * polygon; GeoJSON (RFC 7946) wants the outer ring against the clock, and who writes sources knows neither.
 */
import type { Geometry, Position } from 'geojson'

/** Clockwise for d3-geo, against the clock for GeoJSON; holes the other way round. */
export type Winding = 'd3' | 'geojson'

/** The same geometry with its rings that way round. */
export function wound(geometry: Geometry, winding: Winding): Geometry {
  if (geometry.type === 'Polygon')
    return { ...geometry, coordinates: woundRings(geometry.coordinates, winding) }
  if (geometry.type === 'MultiPolygon') {
    return { ...geometry, coordinates: geometry.coordinates.map((rings) => woundRings(rings, winding)) }
  }
  return geometry
}

function woundRings(rings: Position[][], winding: Winding): Position[][] {
  return rings.map((ring, index) => {
    const wantsClockwise = (winding === 'd3') === (index === 0)
    return isClockwise(ring) === wantsClockwise ? ring : ring.toReversed()
  })
}

/** In the plane of degrees, which is enough for what does not enclose a pole. */
function isClockwise(ring: readonly Position[]): boolean {
  let area = 0
  for (let at = 1; at < ring.length; at += 1) {
    const [x0 = 0, y0 = 0] = ring[at - 1] ?? []
    const [x1 = 0, y1 = 0] = ring[at] ?? []
    area += (x1 - x0) * (y1 + y0)
  }
  return area > 0
}
