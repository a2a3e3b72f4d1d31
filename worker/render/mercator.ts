/** Spherical Mercator, EPSG:3857: the plane of web maps, in metres from where the equator meets Greenwich. */

const EARTH_RADIUS_M = 6_378_137

/** From the middle of the plane to each of its edges. */
export const HALF_PLANE_M = Math.PI * EARTH_RADIUS_M

/** There the plane is as high as it is wide; nearer to the poles nothing can be drawn. */
export const LAT_MAX = 85.051_128_779_806_59

const RADIANS = Math.PI / 180

/** Easting of a longitude in degrees. */
export function mercatorX(lon: number): number {
  return EARTH_RADIUS_M * lon * RADIANS
}

/** Northing of a latitude in degrees. */
export function mercatorY(lat: number): number {
  return EARTH_RADIUS_M * Math.log(Math.tan(Math.PI / 4 + (lat * RADIANS) / 2))
}
