/** Of d3-geo-projection, which ships no types and has none elsewhere, as much as is used here. */
declare module 'd3-geo-projection' {
  import type { GeoProjection } from 'd3-geo'
  export function geoVanDerGrinten(): GeoProjection
}
