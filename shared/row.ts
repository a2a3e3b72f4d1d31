/**
 * A row: what one record of the data says, column by column, as text.
 *
 * Coordinates anywhere in this house are `lon, lat` (x, y), in degrees, EPSG:4326, unless a name
 * says otherwise. A column that the data does not have is absent; an empty cell is `''`.
 */

/** One record as read, under the data's own column names; chain variables and `oa:` results join it later. */
export type Row = Record<string, string>

/** A working row: functions such as `map` and `constant` may leave numbers behind. */
export type WorkingRow = Record<string, string | number | null>

/** GeoJSON positions may carry a height. */
export type Position = readonly number[]

/** Any GeoJSON geometry, in EPSG:4326. */
export type Geometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'MultiPoint' | 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'MultiLineString' | 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }
  | { readonly type: 'MultiPolygon'; readonly coordinates: readonly (readonly (readonly Position[])[])[] }
  | { readonly type: 'GeometryCollection'; readonly geometries: readonly Geometry[] }

/** One record with its place; `geometry` is null where the record has none. */
export interface Feature {
  readonly row: Row
  readonly geometry: Geometry | null
}

/** What a run writes: one line of `out.geojson`. */
export interface OutFeature {
  readonly type: 'Feature'
  readonly properties: Record<string, string | number | null>
  readonly geometry: Geometry | null
}
