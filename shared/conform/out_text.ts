/**
 * The text of a feature: one line of `out.geojson`, letter by letter as the original wrote it.
 *
 *     {"type": "Feature", "properties": {…}, "geometry": {"type": "Point", "coordinates": [-122.0, 37.5]}}
 *
 * Printable ASCII only; coordinates always with a point or an exponent.
 *
 * Source: spec/processing.md §8.5; Python's `json.dumps`.
 */
import type { Geometry, OutFeature } from '../row.ts'
import { valueText } from './hash.ts'
import { floatText, jsonText } from './python.ts'

/** The line for a feature, without the line end. */
export function outText({ properties, geometry }: OutFeature): string {
  const pairs = Object.entries(properties).map(([name, value]) => `${jsonText(name)}: ${valueText(value)}`)
  return `{"type": "Feature", "properties": {${pairs.join(', ')}}, "geometry": ${geometryText(geometry)}}`
}

function geometryText(geometry: Geometry | null): string {
  if (geometry === null) return 'null'
  if (geometry.type === 'GeometryCollection') {
    return `{"type": "GeometryCollection", "geometries": [${geometry.geometries.map(geometryText).join(', ')}]}`
  }
  return `{"type": "${geometry.type}", "coordinates": ${coordinatesText(geometry.coordinates)}}`
}

type Coordinates = number | readonly Coordinates[]

function coordinatesText(coordinates: Coordinates): string {
  if (typeof coordinates === 'number') return floatText(coordinates)
  return `[${coordinates.map(coordinatesText).join(', ')}]`
}
